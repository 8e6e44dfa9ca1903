#include "../../cuda/last_block.cuh"
#include "../../cuda/rounding.cuh"
#include "../dropout/dropout.cuh"
#include "layer_norm.h"

/// The normalised input and the gradient of the layer norm's output before its dropout.
CK_DEVICE void loadColumns(const CKLayerNormBackward &a, int32_t row, int32_t column, int32_t count,
                           float mean, float reciprocalDeviation, Four &normalized,
                           Four &gradient) {
  const int64_t offset = (int64_t)row * a.size + column;
  normalized = loadFour(a.sum + offset, count);
#pragma unroll
  for (int i = 0; i < 4; i++) normalized.at[i] = (normalized.at[i] - mean) * reciprocalDeviation;
  gradient = loadFour(a.dOutput + offset, count);
  dropFour(gradient, a.outputDropout, (uint32_t)row, (uint32_t)column / 4);
}

/// The means of gradient · gamma and of gradient · gamma · normalised over a row, by one warp.
CK_DEVICE void rowMeans(const CKLayerNormBackward &a, int32_t row, float *mean, float *projection) {
  const float rowMean = a.mean[row], reciprocalDeviation = a.reciprocalDeviation[row];
  float total = 0, projections = 0;
  for (int32_t column = 4 * laneIndex(); column < a.size; column += 4 * ckWarpSize) {
    const int32_t count = fourCount(column, a.size);
    Four normalized, gradient;
    loadColumns(a, row, column, count, rowMean, reciprocalDeviation, normalized, gradient);
    const Four gamma = loadFour(a.gamma + column, count);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      total += gradient.at[i] * gamma.at[i];
      projections += gradient.at[i] * gamma.at[i] * normalized.at[i];
    }
  }
  *mean = warpSum(total) / (float)a.size;
  *projection = warpSum(projections) / (float)a.size;
}

/// Adds up what the chunks leave of the gradients of gamma, beta and bias.
CK_DEVICE void joinParameterGradients(const CKLayerNormBackward &a, const CKJoining &joining) {
  const int32_t chunks = (int32_t)gridDim.x, row = 3 * a.size;
  const int32_t group = (int32_t)blockIdx.x / joining.groupSize, first = group * joining.groupSize;
  const int32_t groups = (chunks + joining.groupSize - 1) / joining.groupSize;
  const int32_t members = chunks - first < joining.groupSize ? chunks - first : joining.groupSize;
  float *rows = (float *)joining.rows, *sums = rows + (int64_t)chunks * row;
  if (!arrivesLast(joining.counters + 1 + group, (uint32_t)members)) return;
  addRows(sums + (int64_t)group * row, nullptr, rows + (int64_t)first * row, members, row, row);
  if (!arrivesLast(joining.counters, (uint32_t)groups)) return;
#pragma unroll
  for (int which = 0; which < 3; which++) {
    float *result = which == 0 ? a.dGamma : which == 1 ? a.dBeta : a.dBias;
    if (result != nullptr)
      addRows(result, a.accumulatesParameters ? result : nullptr, sums + which * (int64_t)a.size,
              groups, row, a.size);
  }
}

/// One block a chunk of rows. First a warp a row for the two means; then a thread four columns,
/// down the rows, which writes their gradients and sums those of gamma, beta and bias into a row
/// [3, size] of the chunk's. dSum may be dOutput: the second half reads each element before it
/// writes it.
extern "C" __global__ void layerNormBackward_chunkPerBlock(const CKLayerNormBackward a,
                                                           const CKJoining joining) {
  __shared__ float means[ckLayerNormChunkRows], projections[ckLayerNormChunkRows];
  const int32_t first = (int32_t)blockIdx.x * ckLayerNormChunkRows;
  const int32_t rows =
      a.rowCount - first < ckLayerNormChunkRows ? a.rowCount - first : ckLayerNormChunkRows;
  for (int32_t row = warpIndex(); row < rows; row += (int32_t)blockDim.x / ckWarpSize) {
    float mean, projection;
    rowMeans(a, first + row, &mean, &projection);
    if (laneIndex() == 0) means[row] = mean, projections[row] = projection;
  }
  __syncthreads();
  for (int32_t column = 4 * (int32_t)threadIdx.x; column < a.size;
       column += 4 * (int32_t)blockDim.x) {
    const int32_t count = fourCount(column, a.size);
    const Four gamma = loadFour(a.gamma + column, count);
    Four dGamma = {}, dBeta = {}, dBias = {};
    for (int32_t row = 0; row < rows; row++) {
      const float reciprocalDeviation = a.reciprocalDeviation[first + row];
      const int64_t offset = (int64_t)(first + row) * a.size + column;
      Four normalized, gradient;
      loadColumns(a, first + row, column, count, a.mean[first + row], reciprocalDeviation,
                  normalized, gradient);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        dBeta.at[i] += gradient.at[i];
        dGamma.at[i] += gradient.at[i] * normalized.at[i];
        gradient.at[i] =
            (gradient.at[i] * gamma.at[i] - means[row] - normalized.at[i] * projections[row]) *
            reciprocalDeviation;
      }
      storeFour(a.dSum + offset, gradient, count);
      dropFour(gradient, a.inputDropout, (uint32_t)(first + row), (uint32_t)column / 4);
      if (a.dInput != nullptr) storeFour(a.dInput + offset, gradient, count);
      if (a.roundedInputGradient != nullptr)
        storeRounded(a.roundedInputGradient + offset, gradient);
#pragma unroll
      for (int i = 0; i < 4; i++) dBias.at[i] += gradient.at[i];
    }
    float *chunk = (float *)joining.rows + (int64_t)blockIdx.x * 3 * a.size + column;
    storeFour(chunk, dGamma, count);
    storeFour(chunk + a.size, dBeta, count);
    storeFour(chunk + 2 * (int64_t)a.size, dBias, count);
  }
  joinParameterGradients(a, joining);
}
