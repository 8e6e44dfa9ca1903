#include "../../cuda/common.cuh"
#include "inner_product.h"

/// Σ left · right of one chunk.
extern "C" __global__ void innerProduct_chunkPerBlock(const CKInnerProduct a, double *chunks) {
  __shared__ double partials[ckWarpSize];
  const int64_t first = (int64_t)blockIdx.x * ckNormChunk;
  const int64_t end = a.count - first < ckNormChunk ? a.count : first + ckNormChunk;
  double sum = 0;
  for (int64_t i = first + threadIdx.x; i < end; i += blockDim.x)
    sum += (double)a.left[i] * (double)a.right[i];
  sum = blockSum(sum, partials);
  if (threadIdx.x == 0) chunks[blockIdx.x] = sum;
}

/// One block adds the chunks.
extern "C" __global__ void innerProduct_chunkPerThread(
    const CKInnerProduct a, const double *chunks, int32_t chunkCount) {
  __shared__ double partials[ckWarpSize];
  double sum = 0;
  for (int32_t i = (int32_t)threadIdx.x; i < chunkCount; i += (int32_t)blockDim.x) sum += chunks[i];
  sum = blockSum(sum, partials);
  if (threadIdx.x == 0) *a.result = (float)sum;
}
