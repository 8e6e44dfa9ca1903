#include "../attention/attention.cuh"
#include "first_token_attention.h"

// A block has a few heads of one text, so that what it loads of the input serves all of them.
// Scores go by way of global memory, where the backward pass wants the probabilities anyway, so
// that a text may be of any length. In the softmax a warp has a head to itself, a lane every 32nd
// token.

constexpr int firstTokenWarps = (int)ckFirstTokenThreads / (int)ckWarpSize;
/// Tokens whose weights a block shares at once.
constexpr int firstTokenStretch = 128;

/// Some heads of one text.
struct FirstTokenUnit {
  int64_t index;  // of the text and its first head
  int64_t firstToken;
  int32_t firstHead, headCount, length;
};

CK_DEVICE FirstTokenUnit firstTokenUnit(const CKFirstTokenInputs &inputs) {
  FirstTokenUnit unit;
  unit.firstHead = (int32_t)blockIdx.y * ckFirstTokenHeads;
  const int32_t rest = inputs.headCount - unit.firstHead;
  unit.headCount = rest < ckFirstTokenHeads ? rest : ckFirstTokenHeads;
  unit.index = (int64_t)blockIdx.x * inputs.headCount + unit.firstHead;
  unit.firstToken = inputs.sequenceOffsets[blockIdx.x];
  unit.length = inputs.sequenceOffsets[blockIdx.x + 1] - (int32_t)unit.firstToken;
  return unit;
}

CK_DEVICE bool isAlive(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit, int head) {
  return inputs.headMask == nullptr || inputs.headMask[unit.firstHead + head] != 0;
}

/// Where the value of the text's token j and the unit's head lies in a matrix [tokens, heads].
CK_DEVICE int64_t perToken(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit, int32_t j,
                           int head) {
  return (unit.firstToken + j) * inputs.headCount + unit.firstHead + head;
}

/// Calls store(j, head, rows[head] · input[j]) for every token and head, `rows` being the unit's of
/// [texts, heads, size].
template <typename Store>
CK_DEVICE void multiplyTokens(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                              const float *rows, const Store &store) {
  rows += unit.index * inputs.size;
  for (int32_t j = warpIndex(); j < unit.length; j += firstTokenWarps) {
    const float *input = inputs.input + (unit.firstToken + j) * inputs.size;
    float sums[ckFirstTokenHeads] = {};
#pragma unroll 2
    for (int32_t column = 4 * laneIndex(); column < inputs.size; column += 4 * ckWarpSize) {
      const int32_t count = fourCount(column, inputs.size);
      const Four x = loadFour(input + column, count);
#pragma unroll
      for (int head = 0; head < ckFirstTokenHeads; head++) {
        if (head >= unit.headCount) continue;
        const Four row = loadFour(rows + (int64_t)head * inputs.size + column, count);
#pragma unroll
        for (int i = 0; i < 4; i++) sums[head] += row.at[i] * x.at[i];
      }
    }
#pragma unroll
    for (int head = 0; head < ckFirstTokenHeads; head++) {
      const float product = warpSum(sums[head]);
      if (laneIndex() == 0 && head < unit.headCount) store(j, head, product);
    }
  }
}

/// A stretch's weights in shared memory, head by token.
typedef float StretchWeights[ckFirstTokenHeads][firstTokenStretch];

/// output[head] = Σ_j weights[head][j] · input[j] over the stretch of tokens from `first` on, added
/// to what earlier stretches left.
CK_DEVICE void addTokens(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                         const StretchWeights &weights, int32_t first, float *output) {
  const int32_t rest = unit.length - first;
  const int32_t tokens = rest < firstTokenStretch ? rest : firstTokenStretch;
  const float *input = inputs.input + (unit.firstToken + first) * inputs.size;
  output += unit.index * inputs.size;
  for (int32_t column = 4 * (int32_t)threadIdx.x; column < inputs.size;
       column += 4 * ckFirstTokenThreads) {
    const int32_t count = fourCount(column, inputs.size);
    Four sums[ckFirstTokenHeads] = {};
#pragma unroll 4
    for (int32_t j = 0; j < tokens; j++) {
      const Four x = loadFour(input + (int64_t)j * inputs.size + column, count);
#pragma unroll
      for (int head = 0; head < ckFirstTokenHeads; head++)
#pragma unroll
        for (int i = 0; i < 4; i++) sums[head].at[i] += weights[head][j] * x.at[i];
    }
#pragma unroll
    for (int head = 0; head < ckFirstTokenHeads; head++) {
      if (head >= unit.headCount) continue;
      float *place = output + (int64_t)head * inputs.size + column;
      Four before = {};
      if (first > 0) before = loadFour(place, count);
      const bool alive = isAlive(inputs, unit, head);
#pragma unroll
      for (int i = 0; i < 4; i++) before.at[i] = alive ? before.at[i] + sums[head].at[i] : 0;
      storeFour(place, before, count);
    }
  }
}

/// Zeros in a row for each of the unit's heads: an empty text's.
CK_DEVICE void clearHeads(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                          float *output) {
  output += unit.index * inputs.size;
  for (int32_t i = (int32_t)threadIdx.x; i < unit.headCount * inputs.size; i += ckFirstTokenThreads)
    output[i] = 0;
}

/// `scale` or 0 for token j; 1 without dropout.
CK_DEVICE float tokenMultiplier(const CKFirstTokenInputs &inputs, const FirstTokenUnit &unit,
                                int32_t j, int head) {
  if (inputs.dropout.threshold == 0) return 1;
  const uint32_t row =
      (uint32_t)unit.firstToken * (uint32_t)inputs.headCount + (uint32_t)(unit.firstHead + head);
  return keptBits(inputs.dropout, row, (uint32_t)j / 4) >> j % 4 & 1 ? inputs.dropout.scale : 0;
}

extern "C" __global__ void __launch_bounds__(ckFirstTokenThreads)
    firstTokenForward_headsPerBlock(const CKFirstTokenForward a) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const FirstTokenUnit unit = firstTokenUnit(inputs);
  if (unit.length == 0) clearHeads(inputs, unit, a.attended);
  multiplyTokens(inputs, unit, inputs.query, [&](int32_t j, int head, float product) {
    a.probabilities[perToken(inputs, unit, j, head)] = product * inputs.scale;
  });
  __syncthreads();

  const int head = warpIndex();
  const bool hasHead = head < unit.headCount;
  const bool alive = hasHead && isAlive(inputs, unit, head);
  float maximum = -CK_INFINITY, total = 0;
  for (int32_t j = laneIndex(); hasHead && j < unit.length; j += ckWarpSize)
    maximum = fmaxf(maximum, a.probabilities[perToken(inputs, unit, j, head)]);
  maximum = warpMaximum(maximum);
  for (int32_t j = laneIndex(); hasHead && j < unit.length; j += ckWarpSize)
    total += expf(a.probabilities[perToken(inputs, unit, j, head)] - maximum);
  total = warpSum(total);

  __shared__ StretchWeights weights;
  float weightSum = 0, clsSum = 0, clsSquares = 0;
  for (int32_t first = 0; first < unit.length; first += firstTokenStretch) {
    for (int32_t place = laneIndex(); head < ckFirstTokenHeads && place < firstTokenStretch;
         place += ckWarpSize) {
      const int32_t j = first + place;
      weights[head][place] = 0;
      if (!hasHead || j >= unit.length) continue;
      float *score = a.probabilities + perToken(inputs, unit, j, head);
      const float probability = alive ? expf(*score - maximum) / total : 0;
      const float weight = probability * tokenMultiplier(inputs, unit, j, head);
      *score = probability;
      weights[head][place] = weight;
      weightSum += weight;
      if (a.clsPrefix > 0 && j >= a.clsPrefix) continue;
      const float counted = a.clsAfterDropout ? weight : probability;
      clsSum += counted, clsSquares += counted * counted;
    }
    __syncthreads();
    addTokens(inputs, unit, weights, first, a.attended);
    __syncthreads();
  }
  weightSum = warpSum(weightSum), clsSum = warpSum(clsSum), clsSquares = warpSum(clsSquares);
  if (!hasHead || laneIndex() != 0) return;
  a.weightSum[unit.index + head] = weightSum;
  if (a.clsSum != nullptr) a.clsSum[unit.index + head] = clsSum;
  if (a.clsSquareSum != nullptr) a.clsSquareSum[unit.index + head] = clsSquares;
}

/// What one token and head give to the token's gradient.
struct TokenFactors {
  float weight, gradient;  // W, and the gradient of query · input
};

/// dQuery, and the tokens' factors, [tokens, heads]; on the way their gradients are those of W.
extern "C" __global__ void __launch_bounds__(ckFirstTokenThreads)
    firstTokenBackward_headsPerBlock(const CKFirstTokenBackward a, TokenFactors *factors) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const FirstTokenUnit unit = firstTokenUnit(inputs);
  if (unit.length == 0) clearHeads(inputs, unit, a.dQuery);
  multiplyTokens(inputs, unit, a.dAttended, [&](int32_t j, int head, float product) {
    factors[perToken(inputs, unit, j, head)].gradient = product;
  });
  __syncthreads();

  const int head = warpIndex();
  const bool hasHead = head < unit.headCount;
  const float dWeightSum = hasHead ? a.dWeightSum[unit.index + head] : 0;
  const float coefficient =
      hasHead && a.clsCoefficient != nullptr ? a.clsCoefficient[unit.index + head] : 0;
  float projection = 0;
  for (int32_t j = laneIndex(); hasHead && j < unit.length; j += ckWarpSize) {
    const int64_t place = perToken(inputs, unit, j, head);
    const float probability = a.probabilities[place];
    const float kept = tokenMultiplier(inputs, unit, j, head);
    const float gradient = weightGradient(probability, factors[place].gradient + dWeightSum, kept,
                                          coefficient, a.clsAfterDropout);
    projection += probability * gradient;
    factors[place] = {probability * kept, gradient};
  }
  projection = warpSum(projection);

  __shared__ StretchWeights gradients;
  for (int32_t first = 0; first < unit.length; first += firstTokenStretch) {
    for (int32_t place = laneIndex(); head < ckFirstTokenHeads && place < firstTokenStretch;
         place += ckWarpSize) {
      const int32_t j = first + place;
      gradients[head][place] = 0;
      if (!hasHead || j >= unit.length) continue;
      const int64_t index = perToken(inputs, unit, j, head);
      const float gradient =
          a.probabilities[index] * (factors[index].gradient - projection) * inputs.scale;
      factors[index].gradient = gradient;
      gradients[head][place] = gradient;
    }
    __syncthreads();
    addTokens(inputs, unit, gradients, first, a.dQuery);
    __syncthreads();
  }
}

/// The block's few of `longestSequence` rows behind the texts, from `start` on.
CK_DEVICE void clearTile(const CKFirstTokenBackward &a, int32_t start) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const int32_t first = (int32_t)blockIdx.y * ckTokenTile, end = inputs.rowCount - start;
  for (int32_t row = first; row < first + ckTokenTile; row++)
    if (row < inputs.longestSequence && row < end)
      for (int32_t i = (int32_t)threadIdx.x; i < inputs.size; i += (int32_t)blockDim.x)
        a.dInput[(int64_t)(start + row) * inputs.size + i] = 0;
}

/// dInput of a few tokens of one text: what every head gives back. Blocks beyond the texts, of
/// `longestSequence` rows each, clear the rows behind them.
extern "C" __global__ void __launch_bounds__(ckFirstTokenThreads)
    firstTokenBackward_tokenTile(const CKFirstTokenBackward a, const TokenFactors *factors) {
  const CKFirstTokenInputs &inputs = a.inputs;
  const int32_t behind = (int32_t)blockIdx.x - inputs.sequenceCount;
  // A recorded launch is for any number of tokens from `tokenCount` on.
  if (behind >= 0)
    return clearTile(
        a, inputs.sequenceOffsets[inputs.sequenceCount] + behind * inputs.longestSequence);
  const int32_t firstToken = inputs.sequenceOffsets[blockIdx.x] + (int32_t)blockIdx.y * ckTokenTile;
  const int32_t rest = inputs.sequenceOffsets[blockIdx.x + 1] - firstToken;
  if (rest <= 0) return;
  const int32_t count = rest < ckTokenTile ? rest : ckTokenTile;
  const int64_t text = (int64_t)blockIdx.x * inputs.headCount * inputs.size;
  for (int32_t column = (int32_t)threadIdx.x; column < inputs.size; column += (int32_t)blockDim.x) {
    float sums[ckTokenTile] = {};
#pragma unroll 2
    for (int32_t head = 0; head < inputs.headCount; head++) {
      const int64_t place = text + (int64_t)head * inputs.size + column;
      const float query = inputs.query[place], dAttended = a.dAttended[place];
#pragma unroll
      for (int j = 0; j < ckTokenTile; j++) {
        if (j >= count) continue;
        const TokenFactors factor = factors[(int64_t)(firstToken + j) * inputs.headCount + head];
        sums[j] += factor.gradient * query + factor.weight * dAttended;
      }
    }
#pragma unroll
    for (int j = 0; j < ckTokenTile; j++)
      if (j < count) a.dInput[(int64_t)(firstToken + j) * inputs.size + column] = sums[j];
  }
}
