#include "../dropout/dropout.cuh"
#include "first_token_attention.h"

// A block has one head of one text. Scores go by way of global memory, where the backward pass
// wants the probabilities anyway, so that a text may be of any length.

/// One head of one text.
struct FirstTokenUnit {
  int64_t index;  // of text and head
  int64_t firstToken;
  int32_t head, length;
  bool isMasked;
};

CK_DEVICE FirstTokenUnit firstTokenUnit(const CKFirstTokenInputs &inputs) {
  FirstTokenUnit unit;
  unit.head = (int32_t)blockIdx.y;
  unit.index = (int64_t)blockIdx.x * inputs.headCount + unit.head;
  unit.firstToken = inputs.sequenceOffsets[blockIdx.x];
  unit.length = inputs.sequenceOffsets[blockIdx.x + 1] - (int32_t)unit.firstToken;
  unit.isMasked = inputs.headMask != nullptr && inputs.headMask[unit.head] == 0;
  return unit;
}

/// Where the head's value of the text's token j lies in a matrix [tokens, heads].
CK_DEVICE int64_t perToken(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                           int32_t j) {
  return (unit.firstToken + j) * inputs.headCount + unit.head;
}

/// Σ left · right, for all lanes of the warp.
CK_DEVICE float dot(const float *left, const float *right, int32_t size) {
  float sum = 0;
  for (int32_t column = 4 * laneIndex(); column < size; column += 4 * ckWarpSize) {
    const int32_t count = fourCount(column, size);
    const Four x = loadFour(left + column, count), y = loadFour(right + column, count);
#pragma unroll
    for (int i = 0; i < 4; i++) sum += x.at[i] * y.at[i];
  }
  return warpSum(sum);
}

/// output = Σ_j weights[j] · input[j] over the block's stretch of tokens, added to what earlier
/// stretches left. `weights` is shared.
CK_DEVICE void addTokens(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                         const float *weights, int32_t first, int32_t count, float *output) {
  const float *input = inputs.input + (unit.firstToken + first) * inputs.size;
  for (int32_t column = (int32_t)threadIdx.x; column < inputs.size; column += (int32_t)blockDim.x) {
    float sum = first == 0 ? 0 : output[column];
#pragma unroll 4
    for (int32_t j = 0; j < count; j++)
      sum += weights[j] * input[(int64_t)j * inputs.size + column];
    output[column] = sum;
  }
}

CK_DEVICE void clearRow(float *row, int32_t size) {
  for (int32_t column = (int32_t)threadIdx.x; column < size; column += (int32_t)blockDim.x)
    row[column] = 0;
}

/// `scale` or 0 for token j; 1 without dropout.
CK_DEVICE float multiplier(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                           int32_t j) {
  if (inputs.dropout.threshold == 0) return 1;
  const uint32_t row = (uint32_t)unit.firstToken * (uint32_t)inputs.headCount + (uint32_t)unit.head;
  return keptBits(inputs.dropout, row, (uint32_t)j / 4) >> j % 4 & 1 ? inputs.dropout.scale : 0;
}

extern "C" __global__ void __launch_bounds__(ckFirstTokenThreads)
    firstTokenForward_headPerBlock(const CKFirstTokenForward a) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const FirstTokenUnit unit = firstTokenUnit(inputs);
  float *mean = a.mean + unit.index * inputs.size;
  float weightSum = 0, clsSum = 0, clsSquares = 0;
  if (unit.isMasked || unit.length == 0) {
    clearRow(mean, inputs.size);
    for (int32_t j = (int32_t)threadIdx.x; j < unit.length; j += (int32_t)blockDim.x)
      a.probabilities[perToken(inputs, unit, j)] = 0;
  } else {
    const float *query = inputs.query + unit.index * inputs.size;
    for (int32_t j = warpIndex(); j < unit.length; j += (int32_t)blockDim.x / ckWarpSize) {
      const float *input = inputs.input + (unit.firstToken + j) * inputs.size;
      const float product = dot(query, input, inputs.size);
      if (laneIndex() == 0) a.probabilities[perToken(inputs, unit, j)] = product * inputs.scale;
    }
    __syncthreads();
    // Every warp finds the same maximum and the same sum.
    float maximum = -CK_INFINITY, sum = 0;
    for (int32_t j = laneIndex(); j < unit.length; j += ckWarpSize)
      maximum = fmaxf(maximum, a.probabilities[perToken(inputs, unit, j)]);
    maximum = warpMaximum(maximum);
    for (int32_t j = laneIndex(); j < unit.length; j += ckWarpSize)
      sum += expf(a.probabilities[perToken(inputs, unit, j)] - maximum);
    sum = warpSum(sum);

    __shared__ float weights[ckFirstTokenThreads];
    for (int32_t first = 0; first < unit.length; first += ckFirstTokenThreads) {
      const int32_t j = first + (int32_t)threadIdx.x;
      // All have read the scores, and have done with the weights of the stretch before.
      __syncthreads();
      if (j < unit.length) {
        float *place = a.probabilities + perToken(inputs, unit, j);
        const float probability = expf(*place - maximum) / sum;
        const float weight = probability * multiplier(inputs, unit, j);
        const float counted = a.clsPrefix > 0 && j >= a.clsPrefix ? 0
                              : a.clsAfterDropout                 ? weight
                                                                  : probability;
        *place = probability;
        weights[threadIdx.x] = weight;
        weightSum += weight, clsSum += counted, clsSquares += counted * counted;
      }
      __syncthreads();
      const int32_t rest = unit.length - first;
      addTokens(inputs, unit, weights, first,
                rest < ckFirstTokenThreads ? rest : ckFirstTokenThreads, mean);
    }
  }
  __shared__ double partials[3][ckFirstTokenThreads / ckWarpSize];
  const double sums[3] = {blockSum((double)weightSum, partials[0]),
                          blockSum((double)clsSum, partials[1]),
                          blockSum((double)clsSquares, partials[2])};
  if (threadIdx.x != 0) return;
  a.weightSum[unit.index] = (float)sums[0];
  if (a.clsSum != nullptr) a.clsSum[unit.index] = (float)sums[1];
  if (a.clsSquareSum != nullptr) a.clsSquareSum[unit.index] = (float)sums[2];
}

/// What one token's weight gives and takes, for the kernel of the inputs.
struct TokenFactors {
  float weight, gradient;  // W, and the gradient of the unscaled score
};

/// dQuery, and the tokens' factors. `factors` is [tokens, heads], its gradients first those of W.
extern "C" __global__ void __launch_bounds__(ckFirstTokenThreads)
    firstTokenBackward_headPerBlock(const CKFirstTokenBackward a, TokenFactors *factors) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const FirstTokenUnit unit = firstTokenUnit(inputs);
  float *dQuery = a.dQuery + unit.index * inputs.size;
  if (unit.isMasked || unit.length == 0) {
    clearRow(dQuery, inputs.size);
    for (int32_t j = (int32_t)threadIdx.x; j < unit.length; j += (int32_t)blockDim.x)
      factors[perToken(inputs, unit, j)] = TokenFactors{};
    return;
  }
  const float *dMean = a.dMean + unit.index * inputs.size;
  const float coefficient = a.clsCoefficient == nullptr ? 0 : a.clsCoefficient[unit.index];
  for (int32_t j = warpIndex(); j < unit.length; j += (int32_t)blockDim.x / ckWarpSize) {
    const float *input = inputs.input + (unit.firstToken + j) * inputs.size;
    const float product = dot(dMean, input, inputs.size);
    if (laneIndex() != 0) continue;
    const int64_t place = perToken(inputs, unit, j);
    const float probability = a.probabilities[place], kept = multiplier(inputs, unit, j);
    float gradient = product + a.dWeightSum[unit.index];
    if (a.clsAfterDropout) gradient += coefficient * (probability * kept);
    gradient *= kept;
    if (!a.clsAfterDropout) gradient += coefficient * probability;
    factors[place] = {probability * kept, gradient};
  }
  __syncthreads();
  float projection = 0;
  for (int32_t j = laneIndex(); j < unit.length; j += ckWarpSize) {
    const int64_t place = perToken(inputs, unit, j);
    projection += a.probabilities[place] * factors[place].gradient;
  }
  projection = warpSum(projection);

  __shared__ float gradients[ckFirstTokenThreads];
  for (int32_t first = 0; first < unit.length; first += ckFirstTokenThreads) {
    const int32_t j = first + (int32_t)threadIdx.x;
    __syncthreads();
    if (j < unit.length) {
      const int64_t place = perToken(inputs, unit, j);
      const float gradient =
          a.probabilities[place] * (factors[place].gradient - projection) * inputs.scale;
      factors[place].gradient = gradient;
      gradients[threadIdx.x] = gradient;
    }
    __syncthreads();
    const int32_t rest = unit.length - first;
    addTokens(inputs, unit, gradients, first,
              rest < ckFirstTokenThreads ? rest : ckFirstTokenThreads, dQuery);
  }
}

/// dInput of a few tokens of one text: what every head gives back.
extern "C" __global__ void __launch_bounds__(ckFirstTokenThreads)
    firstTokenBackward_tokenTile(const CKFirstTokenBackward a, const TokenFactors *factors) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const int32_t firstToken = inputs.sequenceOffsets[blockIdx.x] + (int32_t)blockIdx.y * ckTokenTile;
  const int32_t rest = inputs.sequenceOffsets[blockIdx.x + 1] - firstToken;
  if (rest <= 0) return;
  const int32_t count = rest < ckTokenTile ? rest : ckTokenTile;
  const int64_t text = (int64_t)blockIdx.x * inputs.headCount * inputs.size;
  for (int32_t column = (int32_t)threadIdx.x; column < inputs.size; column += (int32_t)blockDim.x) {
    float sums[ckTokenTile] = {};
    for (int32_t head = 0; head < inputs.headCount; head++) {
      const int64_t place = text + (int64_t)head * inputs.size + column;
      const float query = inputs.query[place], dMean = a.dMean[place];
#pragma unroll
      for (int j = 0; j < ckTokenTile; j++) {
        if (j >= count) continue;
        const TokenFactors factor = factors[(int64_t)(firstToken + j) * inputs.headCount + head];
        sums[j] += factor.gradient * query + factor.weight * dMean;
      }
    }
#pragma unroll
    for (int j = 0; j < ckTokenTile; j++)
      if (j < count) a.dInput[(int64_t)(firstToken + j) * inputs.size + column] = sums[j];
  }
}
