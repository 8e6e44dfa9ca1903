#include "../../cuda/common.cuh"
#include "attention_norm.h"

/// Walks down one head's column: texts lie headCount apart, so that neighbouring threads read
/// neighbours.
CK_DEVICE double headNorm(const CKAttentionNorm &a, int32_t head) {
  if (a.headMask != nullptr && a.headMask[head] == 0) {
    for (int32_t text = 0; text < a.sequenceCount; text++)
      a.coefficient[(int64_t)text * a.headCount + head] = 0;
    return 0;
  }
  double total = 0;
  for (int32_t text = 0; text < a.sequenceCount; text++) {
    const int64_t index = (int64_t)text * a.headCount + head;
    const double sum = a.clsSquareSum[index];
    total += a.jointBatch ? sum : sqrt(sum);
    if (!a.jointBatch)
      a.coefficient[index] = sum == 0 ? 0 : (float)((double)a.weight / a.textCount / sqrt(sum));
  }
  if (!a.jointBatch) return total / a.textCount;
  const float coefficient = total == 0 ? 0 : (float)((double)a.weight / sqrt(total));
  for (int32_t text = 0; text < a.sequenceCount; text++)
    a.coefficient[(int64_t)text * a.headCount + head] = coefficient;
  return sqrt(total);
}

extern "C" __global__ void attentionNorm_headPerThread(const CKAttentionNorm a) {
  __shared__ double partials[ckWarpSize];
  double total = 0;
  for (int32_t head = (int32_t)threadIdx.x; head < a.headCount; head += (int32_t)blockDim.x)
    total += headNorm(a, head);
  total = blockSum(total, partials);
  if (threadIdx.x == 0) *a.loss += (float)((double)a.weight * total);
}
