#include "../../cuda/common.cuh"
#include "cross_entropy.h"

/// −log softmax(logits)[label], and the gradient of weight times it. The largest logit is taken off
/// first, so that no exponential overflows.
CK_DEVICE double rowLoss(const CKCrossEntropy &a, int32_t row) {
  const float *logits = a.logits + (int64_t)row * a.classCount;
  float largest = -CK_INFINITY, sum = 0;
  for (int32_t c = 0; c < a.classCount; c++) largest = fmaxf(largest, logits[c]);
  for (int32_t c = 0; c < a.classCount; c++) sum += expf(logits[c] - largest);
  const int32_t label = a.labels[row];
  if (a.dLogits != nullptr) {
    float *gradient = a.dLogits + (int64_t)row * a.classCount;
    for (int32_t c = 0; c < a.classCount; c++)
      gradient[c] = a.weight * (expf(logits[c] - largest) / sum - (c == label ? 1 : 0));
  }
  return (double)logf(sum) + ((double)largest - (double)logits[label]);
}

/// One block: the texts of a batch are few.
extern "C" __global__ void crossEntropy_rowPerThread(const CKCrossEntropy a) {
  __shared__ double partials[ckWarpSize];
  double sum = 0;
  for (int32_t row = (int32_t)threadIdx.x; row < a.rowCount; row += (int32_t)blockDim.x)
    sum += rowLoss(a, row);
  sum = blockSum(sum, partials);
  if (threadIdx.x == 0) *a.loss = (float)(*a.loss + a.weight * sum);
}
