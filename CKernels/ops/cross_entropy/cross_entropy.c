#include "cross_entropy.h"

#include <math.h>

/// −log softmax(logits)[label], and the gradient of weight times it. The largest logit is taken off
/// first, so that no exponential overflows. Double precision costs nothing that could be measured
/// beside a product of any size.
static double row(const CKCrossEntropy *a, int32_t index) {
  const int32_t classes = a->classCount;
  const float *logits = a->logits + (int64_t)index * classes;
  double largest = -INFINITY, sum = 0;
  for (int32_t c = 0; c < classes; c++)
    if (logits[c] > largest) largest = logits[c];
  // A NaN among the logits is not "larger" than another, but makes the sum NaN.
  for (int32_t c = 0; c < classes; c++) sum += exp(logits[c] - largest);
  int32_t label = a->labels[index];
  if (a->dLogits != NULL) {
    float *gradient = a->dLogits + (int64_t)index * classes;
    for (int32_t c = 0; c < classes; c++) {
      double probability = exp(logits[c] - largest) / sum;
      gradient[c] = (float)(a->weight * (probability - (c == label ? 1 : 0)));
    }
  }
  return log(sum) + largest - logits[label];
}

void ck_crossEntropy(const CKCrossEntropy *arguments) {
  double sum = 0;
  for (int32_t i = 0; i < arguments->rowCount; i++) sum += row(arguments, i);
  *arguments->loss = (float)(*arguments->loss + arguments->weight * sum);
}
