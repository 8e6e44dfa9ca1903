#include "common.cuh"

/// One block sums eight columns, a sector of memory, over all rows: a thread four columns of every
/// 128th row, and then the threads' sums, always in one order.
extern "C" __global__ void columnSums_eightPerBlock(const CKColumnSums a) {
  __shared__ float sums[ckColumnSumThreads / ckWarpSize][ckColumnSumColumns];
  const int32_t first = (int32_t)blockIdx.x * ckColumnSumColumns;
  const int32_t column = first + 4 * ((int32_t)threadIdx.x % 2);
  Four sum = {};
  if (column < a.size) {
    const int32_t count = fourCount(column, a.size);
#pragma unroll 4
    for (int32_t row = (int32_t)threadIdx.x / 2; row < a.rowCount; row += ckColumnSumThreads / 2) {
      const Four values = loadFour(a.values + (int64_t)row * a.size + column, count);
#pragma unroll
      for (int i = 0; i < 4; i++) sum.at[i] += values.at[i];
    }
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    for (int distance = ckWarpSize / 2; distance > 1; distance /= 2)
      sum.at[i] += __shfl_xor_sync(CK_WHOLE_WARP, sum.at[i], distance);
    if (laneIndex() < 2) sums[warpIndex()][4 * laneIndex() + i] = sum.at[i];
  }
  __syncthreads();
  const int32_t mine = first + (int32_t)threadIdx.x;
  if (threadIdx.x >= ckColumnSumColumns || mine >= a.size) return;
  float total = a.accumulates ? a.result[mine] : 0;
  for (int warp = 0; warp < ckColumnSumThreads / ckWarpSize; warp++)
    total += sums[warp][threadIdx.x];
  a.result[mine] = total;
}
