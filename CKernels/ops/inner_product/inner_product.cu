#include "../../cuda/last_block.cuh"
#include "inner_product.h"

/// Σ left · right of one chunk; the last block adds the chunks.
extern "C" __global__ void innerProduct_chunkPerBlock(const CKInnerProduct a,
                                                      const CKJoining joining) {
  double *chunks = (double *)joining.rows;
  __shared__ double partials[ckWarpSize];
  const int64_t first = (int64_t)blockIdx.x * ckNormChunk;
  const int64_t end = a.count - first < ckNormChunk ? a.count : first + ckNormChunk;
  double sum = 0;
  for (int64_t i = first + threadIdx.x; i < end; i += blockDim.x)
    sum += (double)a.left[i] * (double)a.right[i];
  sum = blockSum(sum, partials);
  if (threadIdx.x == 0) chunks[blockIdx.x] = sum;
  if (!arrivesLast(joining.counters, gridDim.x)) return;
  sum = sumOfChunks(chunks, (int32_t)gridDim.x, partials);
  if (threadIdx.x == 0) *a.result = (float)sum;
}
