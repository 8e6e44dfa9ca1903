#include "../../cuda/last_block.cuh"
#include "global_norm.h"

/// Sum of the squares of one chunk: a range of the values, or a row of the table behind them. In double
/// precision, because squares of gradients leave the range of floats. The last block adds the
/// chunks and writes norm and scale.
extern "C" __global__ void globalNorm_chunkPerBlock(const CKGlobalNorm a, const CKJoining joining) {
  double *chunks = (double *)joining.rows;
  __shared__ double partials[ckWarpSize];
  const int64_t inTable = (int64_t)blockIdx.x - ((int64_t)gridDim.x - a.rowCount);
  const int64_t first = (int64_t)blockIdx.x * ckNormChunk;
  const float *values;
  int64_t count;
  if (inTable >= 0) {
    const int32_t row = a.rows[inTable];
    values = a.table + (int64_t)row * a.size;
    count = row < 0 ? 0 : a.size;
  } else {
    values = a.values + first;
    count = a.count - first < ckNormChunk ? a.count - first : ckNormChunk;
  }
  double sum = 0;
  for (int64_t i = threadIdx.x; i < count; i += blockDim.x) {
    const double value = values[i];
    sum += value * value;
  }
  sum = blockSum(sum, partials);
  if (threadIdx.x == 0) chunks[blockIdx.x] = sum;
  if (!arrivesLast(joining.counters, gridDim.x)) return;
  sum = sumOfChunks(chunks, (int32_t)gridDim.x, partials);
  if (threadIdx.x != 0) return;
  const double norm = sqrt(sum);
  a.result[0] = (float)norm;
  if (!((float)norm < CK_INFINITY)) {
    a.result[1] = CK_NAN;
    return;
  }
  const double scale = (double)a.maximumNorm / (norm + 1e-6);
  a.result[1] = scale < 1 ? (float)scale : 1;
}
