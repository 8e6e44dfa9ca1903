#include "attention_norm.h"

#include <math.h>

/// Walks down one head's column: texts lie headCount apart.
static double jointHead(const CKAttentionNorm *arguments, int32_t head) {
  double sum = 0;
  for (int64_t text = 0; text < arguments->sequenceCount; text++)
    sum += (double)arguments->clsSquareSum[text * arguments->headCount + head];
  double norm = sqrt(sum);
  float coefficient = sum == 0 ? 0 : (float)((double)arguments->weight / norm);
  for (int64_t text = 0; text < arguments->sequenceCount; text++)
    arguments->coefficient[text * arguments->headCount + head] = coefficient;
  return norm;
}

static double perTextHead(const CKAttentionNorm *arguments, int32_t head) {
  double total = 0, share = (double)arguments->weight / arguments->textCount;
  for (int64_t text = 0; text < arguments->sequenceCount; text++) {
    int64_t index = text * arguments->headCount + head;
    double norm = sqrt((double)arguments->clsSquareSum[index]);
    arguments->coefficient[index] = norm == 0 ? 0 : (float)(share / norm);
    total += norm;
  }
  return total / arguments->textCount;
}

void ck_attentionNorm(const CKAttentionNorm *arguments) {
  if (arguments->sequenceCount == 0) return;
  double total = 0;
  for (int32_t head = 0; head < arguments->headCount; head++) {
    if (arguments->headMask != NULL && arguments->headMask[head] == 0) {
      for (int64_t text = 0; text < arguments->sequenceCount; text++)
        arguments->coefficient[text * arguments->headCount + head] = 0;
    } else {
      total += arguments->jointBatch ? jointHead(arguments, head) : perTextHead(arguments, head);
    }
  }
  *arguments->loss += (float)((double)arguments->weight * total);
}
