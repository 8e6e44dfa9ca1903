/// The end of a sum over blocks, without a second launch: the block that arrives last adds what all
/// have left, in their order and not in that of their arrival.
#ifndef CK_LAST_BLOCK_CUH
#define CK_LAST_BLOCK_CUH

#include "common.cuh"

/// Whether all others of `count` blocks have arrived at this counter before, so that what they wrote
/// may be read. For whole blocks, after their last store. The counter is zero before and after.
CK_DEVICE bool arrivesLast(uint32_t *counter, uint32_t count) {
#ifdef CK_EMULATOR
  __syncthreads();
  return ck_emulatedArrival(__LINE__, counter, count);
#else
  __shared__ bool isLast;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    isLast = atomicAdd(counter, 1u) == count - 1;
    if (isLast) *counter = 0;
  }
  __syncthreads();
  __threadfence();
  return isLast;
#endif
}

/// The sum of `count` numbers, valid in the block's first thread.
CK_DEVICE double sumOfChunks(const double *chunks, int32_t count, double *partials) {
  double sum = 0;
  for (int32_t i = (int32_t)threadIdx.x; i < count; i += (int32_t)blockDim.x) sum += chunks[i];
  __syncthreads();
  return blockSum(sum, partials);
}

/// sums[size] = start[size] + Σ rows[count, size], by the whole block; a null start is zero.
CK_DEVICE void addRows(float *sums, const float *start, const float *rows, int32_t count,
                       int64_t stride, int32_t size) {
  for (int32_t column = 4 * (int32_t)threadIdx.x; column < size;
       column += 4 * (int32_t)blockDim.x) {
    const int32_t columns = fourCount(column, size);
    Four sum = {};
    if (start != nullptr) sum = loadFour(start + column, columns);
#pragma unroll 8
    for (int32_t row = 0; row < count; row++) {
      const Four next = loadFour(rows + row * stride + column, columns);
#pragma unroll
      for (int i = 0; i < 4; i++) sum.at[i] += next.at[i];
    }
    storeFour(sums + column, sum, columns);
  }
}

#endif
