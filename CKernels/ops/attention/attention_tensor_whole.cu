#include "attention_tensor_backward.cuh"

// One kernel for texts that a block holds whole: weights and their gradients are computed once, for
// all three gradients.

/// dKey and dValue of the 32 keys of a tile, whose weights and gradients of scores lie in shared
/// memory, query by key. A warp has 16 of the keys, and with more than two warps one of the two
/// results, and with eight half of its features.
template <typename S>
CK_DEVICE void storeKeyGradients(const CKAttentionBackward &a, const Unit &unit, int32_t firstKey,
                                 const uint32_t *weights, const uint32_t *gradients,
                                 const uint32_t *query, const uint32_t *dContext) {
  constexpr int warps = S::rows / tensorRows, results = warps == 2 ? 2 : 1;
  constexpr int columns = warps == 8 ? S::features / 2 : S::features;
  constexpr int stride = S::weightStride, terms = 8 * S::Factor::perWord;
  const CKAttentionInputs &inputs = a.inputs;
  const int32_t group = warpIndex() % 2, firstColumn = warpIndex() / 4 * columns * 8;
  const int32_t row = group * tensorRows;
  const int64_t place =
      (unit.firstToken + firstKey) * inputs.rowStride + unit.head * inputs.headSize;
  if (firstKey + row >= unit.length) return;
#pragma unroll
  for (int result = 0; result < results; result++) {
    const bool isKey = results == 2 ? result == 1 : warpIndex() / 2 % 2 == 1;
    const uint32_t *left = (isKey ? gradients : weights) + row / S::Factor::perWord;
    const uint32_t *right = (isKey ? query : dContext) + firstColumn / S::Factor::perWord;
    float sums[columns][4] = {};
    for (int32_t first = 0; first < unit.length; first += terms) {
      uint32_t leftWords[4];
      S::Factor::leftOfColumns(leftWords, left + first * stride, stride);
      addProducts<S>(sums, leftWords, right + first * S::stride);
    }
    const float scale = isKey ? 1 / sqrtf((float)inputs.headSize) : 1, scales[2] = {scale, scale};
    storeFragments<S>(isKey ? a.dKey : a.dValue, isKey ? a.roundedKey : a.roundedValue, place,
                      inputs.rowStride, sums, scales, row, unit.length - firstKey, firstColumn,
                      inputs.headSize);
  }
}

/// dQuery, dKey and dValue of one head of one text of at most `rows` tokens.
template <typename S>
CK_DEVICE void attentionBackwardWholeTensor(const CKAttentionBackward &a, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t headSize = inputs.headSize, length = unit.length;
  const int64_t column = unit.head * headSize, place = unit.firstToken * inputs.rowStride + column;
  if (length <= 0) return;
  if (unit.isMasked) {
    clearQueryGradient(a, place, length);
    return clearKeyGradients(a, place, length);
  }

  constexpr int size = S::rows * S::stride;
  uint32_t *query = memory, *dContext = query + size, *key = dContext + size, *value = key + size;
  uint32_t *weights = value + size, *gradients = weights + S::rows * S::weightStride;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  loadFactors<S>(query, {inputs.query + place, inputs.rowStride, length, headSize}, 0, S::rows);
  loadFactors<S>(dContext,
                 {a.dContext + unit.firstToken * stride + column, stride, length, headSize}, 0,
                 S::rows);
  loadFactors<S>(key, {inputs.key + place, inputs.rowStride, length, headSize}, 0, S::rows);
  loadFactors<S>(value, {inputs.value + place, inputs.rowStride, length, headSize}, 0, S::rows);
  QueryPair queries = queryPair(a, unit, 0, length);
  __syncthreads();

  const bool works = warpRow() < length;
  const uint32_t *warpQuery = query + warpRow() * S::stride,
                 *warpContext = dContext + warpRow() * S::stride;
  if (warpIndex() == 0 && clsCoefficient(a, unit) != 0) {
    float squares = 0;
    addSquares<S>(squares, a, unit, query, key, 0, length, queries.logSumExp[0]);
    queries.projection[0] += queries.coefficient * quadSum(squares);
  }
  float dQuery[S::features][4] = {};
  for (int32_t firstKey = 0; firstKey < length; firstKey += ckAttentionTile) {
    if (works) {
      float scores[tensorColumns][4], dWeights[tensorColumns][4];
      multiplyRows<S>(scores, warpQuery, key + firstKey * S::stride);
      multiplyRows<S>(dWeights, warpContext, value + firstKey * S::stride);
      weighQueryFragments(a, unit, 0, firstKey, queries, scores, dWeights);
#pragma unroll
      for (int n = 0; n < tensorColumns; n++) {
        const int32_t word = warpRow() * S::weightStride + 8 * n / S::Factor::perWord;
        S::Factor::store(weights + word, S::weightStride, dWeights[n]);
        S::Factor::store(gradients + word, S::weightStride, scores[n]);
      }
      addWeightedRows<S>(dQuery, scores, key + firstKey * S::stride);
    }
    __syncthreads();
    storeKeyGradients<S>(a, unit, firstKey, weights, gradients, query, dContext);
    __syncthreads();
  }
  const float scale = 1 / sqrtf((float)headSize), scales[2] = {scale, scale};
  storeFragments<S>(a.dQuery, a.roundedQuery, place, inputs.rowStride, dQuery, scales, warpRow(),
                    length, 0, headSize);
}

#define CK_ATTENTION_WHOLE_TENSOR(name, Factor, blocks, rows, keys, stages)    \
  extern "C" __global__ void __launch_bounds__(ckAttentionTensorThreads(rows), \
                                               ckAttentionTensorBlocks(rows))  \
      name(const CKAttentionBackward a) {                                      \
    CK_DYNAMIC_SHARED(memory);                                                 \
    attentionBackwardWholeTensor<Shape<Factor, blocks, rows, keys, stages>>(   \
        a, (uint32_t *)memory);                                                \
  }
