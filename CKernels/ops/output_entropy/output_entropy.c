#include "output_entropy.h"

#include <math.h>

/// Σ p log p of one text, and the gradient of weight times it. The largest logit is taken off
/// first, so that no exponential overflows; a probability of zero has a finite logarithm that way.
static double row(const CKOutputEntropy *a, int32_t index) {
  const int32_t classes = a->classCount;
  const float *logits = a->logits + (int64_t)index * classes;
  float *gradient = a->dLogits + (int64_t)index * classes;
  double largest = -INFINITY, total = 0, sum = 0;
  for (int32_t c = 0; c < classes; c++)
    if (logits[c] > largest) largest = logits[c];
  for (int32_t c = 0; c < classes; c++) total += exp(logits[c] - largest);
  for (int32_t c = 0; c < classes; c++)
    sum += exp(logits[c] - largest) / total * (logits[c] - largest - log(total));
  for (int32_t c = 0; c < classes; c++) {
    double probability = exp(logits[c] - largest) / total;
    gradient[c] = (float)(a->weight * probability * (logits[c] - largest - log(total) - sum));
  }
  return sum;
}

void ck_outputEntropy(const CKOutputEntropy *arguments) {
  double sum = 0;
  for (int32_t i = 0; i < arguments->rowCount; i++) sum += row(arguments, i);
  *arguments->loss = (float)(*arguments->loss + arguments->weight * sum);
}
