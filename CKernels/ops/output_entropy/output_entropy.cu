#include "../../cuda/common.cuh"
#include "output_entropy.h"

/// Σ p log p of one text, and the gradient of weight times it. The largest logit is taken off
/// first, so that no exponential overflows; a probability of zero has a finite logarithm that way.
CK_DEVICE double rowNegativeEntropy(const CKOutputEntropy &a, int32_t row) {
  const float *logits = a.logits + (int64_t)row * a.classCount;
  float *gradient = a.dLogits + (int64_t)row * a.classCount;
  float largest = -CK_INFINITY, total = 0, sum = 0;
  for (int32_t c = 0; c < a.classCount; c++) largest = fmaxf(largest, logits[c]);
  for (int32_t c = 0; c < a.classCount; c++) total += expf(logits[c] - largest);
  const float logTotal = logf(total);
  for (int32_t c = 0; c < a.classCount; c++)
    sum += expf(logits[c] - largest) / total * (logits[c] - largest - logTotal);
  for (int32_t c = 0; c < a.classCount; c++) {
    const float probability = expf(logits[c] - largest) / total;
    gradient[c] = a.weight * probability * (logits[c] - largest - logTotal - sum);
  }
  return sum;
}

/// One block: the texts of a batch are few.
extern "C" __global__ void outputEntropy_rowPerThread(const CKOutputEntropy a) {
  __shared__ double partials[ckWarpSize];
  double sum = 0;
  for (int32_t row = (int32_t)threadIdx.x; row < a.rowCount; row += (int32_t)blockDim.x)
    sum += rowNegativeEntropy(a, row);
  sum = blockSum(sum, partials);
  if (threadIdx.x == 0) *a.loss = (float)(*a.loss + a.weight * sum);
}
