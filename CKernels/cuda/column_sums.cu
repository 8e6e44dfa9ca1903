#include "common.cuh"

/// One block sums the rows of a chunk for 32 columns; its threads are 8 rows of 32 columns.
extern "C" __global__ void columnSums_chunkPerBlock(const CKColumnSums a) {
  __shared__ float sums[ckColumnThreadRows][ckWarpSize];
  const int32_t column = (int32_t)blockIdx.x * ckWarpSize + laneIndex();
  const int32_t first = (int32_t)blockIdx.y * ckColumnChunkRows;
  const int32_t end =
      a.rowCount - first < ckColumnChunkRows ? a.rowCount : first + ckColumnChunkRows;
  float sum = 0;
  if (column < a.size)
    for (int32_t row = first + warpIndex(); row < end; row += ckColumnThreadRows)
      sum += a.values[(int64_t)row * a.size + column];
  sums[warpIndex()][laneIndex()] = sum;
  __syncthreads();
  if (warpIndex() != 0 || column >= a.size) return;
  for (int row = 1; row < ckColumnThreadRows; row++) sum += sums[row][laneIndex()];
  a.partials[(int64_t)blockIdx.y * a.size + column] = sum;
}

/// Adds the chunks' sums in order.
extern "C" __global__ void partialSums_columnPerThread(const CKPartialSums a) {
  const int32_t column = (int32_t)(blockIdx.x * blockDim.x + threadIdx.x);
  // Chosen by comparisons: an array indexed at run time would move to local memory.
  float *result = blockIdx.y == 0 ? a.results[0] : blockIdx.y == 1 ? a.results[1] : a.results[2];
  if (column >= a.size || result == nullptr) return;
  float sum = a.accumulates ? result[column] : 0;
  for (int32_t chunk = 0; chunk < a.chunkCount; chunk++)
    sum += a.partials[((int64_t)chunk * a.resultCount + blockIdx.y) * a.size + column];
  result[column] = sum;
}
