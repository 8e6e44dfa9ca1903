#include "../../cuda/rounding.cuh"
#include "../dropout/dropout.cuh"
#include "layer_norm.h"

/// One warp a row, four columns a lane at a time. The sum is written once and read back from the
/// nearest cache.
extern "C" __global__ void layerNormForward_rowPerWarp(const CKLayerNormForward a) {
  const int32_t row = (int32_t)blockIdx.x * ckRowsPerBlock + warpIndex();
  if (row >= a.rowCount) return;
  const int64_t offset = (int64_t)row * a.size;
  const int32_t step = 4 * ckWarpSize, start = 4 * laneIndex();
  float total = 0;
  for (int32_t column = start; column < a.size; column += step) {
    const int32_t count = fourCount(column, a.size);
    Four sum = loadFour(a.input + offset + column, count);
    if (a.bias != nullptr) {
      const Four bias = loadFour(a.bias + column, count);
#pragma unroll
      for (int i = 0; i < 4; i++) sum.at[i] += bias.at[i];
    }
    dropFour(sum, a.inputDropout, (uint32_t)row, (uint32_t)column / 4);
    if (a.residual != nullptr) {
      const Four residual = loadFour(a.residual + offset + column, count);
#pragma unroll
      for (int i = 0; i < 4; i++) sum.at[i] += residual.at[i];
    }
    storeFour(a.input + offset + column, sum, count);
    total += (sum.at[0] + sum.at[1]) + (sum.at[2] + sum.at[3]);
  }
  const float mean = warpSum(total) / (float)a.size;

  float squares = 0;
  for (int32_t column = start; column < a.size; column += step) {
    const int32_t count = fourCount(column, a.size);
    const Four sum = loadFour(a.input + offset + column, count);
#pragma unroll
    for (int i = 0; i < 4; i++)
      if (i < count) squares += (sum.at[i] - mean) * (sum.at[i] - mean);
  }
  const float reciprocalDeviation = 1 / sqrtf(warpSum(squares) / (float)a.size + a.epsilon);

  for (int32_t column = start; column < a.size; column += step) {
    const int32_t count = fourCount(column, a.size);
    Four value = loadFour(a.input + offset + column, count);
    const Four gamma = loadFour(a.gamma + column, count), beta = loadFour(a.beta + column, count);
#pragma unroll
    for (int i = 0; i < 4; i++)
      value.at[i] = (value.at[i] - mean) * reciprocalDeviation * gamma.at[i] + beta.at[i];
    dropFour(value, a.outputDropout, (uint32_t)row, (uint32_t)column / 4);
    storeFour(a.output + offset + column, value, count);
    if (a.roundedOutput != nullptr) storeRounded(a.roundedOutput + offset + column, value);
  }
  if (laneIndex() != 0) return;
  if (a.mean != nullptr) a.mean[row] = mean;
  if (a.reciprocalDeviation != nullptr) a.reciprocalDeviation[row] = reciprocalDeviation;
}
