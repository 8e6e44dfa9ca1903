#include "attention_tensor.cuh"

// The weights are made again by the products that made them, so that the reciprocal of the rows'
// statistics stays 1: the rounding of logSumExp is far below that of the factors.

/// Σ_j P[j] · dP[j] of the lane's two rows, but for the norm term: dContext · context.
CK_DEVICE void projections(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                           int32_t rows, float (&projection)[2]) {
  const int32_t headSize = a.inputs.headSize;
  const int64_t stride = (int64_t)a.inputs.headCount * headSize;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    projection[half] = 0;
    for (int r = 0; r < 8; r++) {
      const int32_t row = warpIndex() * tensorRows + 8 * half + r;
      const int64_t offset = (unit.firstToken + firstQuery + row) * stride + unit.head * headSize;
      float sum = 0;
      if (row < rows)
        for (int32_t i = laneIndex(); i < headSize; i += ckWarpSize)
          sum += a.context[offset + i] * a.dContext[offset + i];
      sum = warpSum(sum);
      if (r == fragmentRow()) projection[half] = sum;
    }
  }
}

/// Σ a² of the text's first row, for the lanes that have it, in a round of its own over the keys:
/// the norm term's share of the row's projection has to be known before its gradient.
template <typename Factor, int blocks>
CK_DEVICE float clsSquares(const CKAttentionBackward &a, const Unit &unit, const uint32_t *query,
                           uint32_t *key, float logSumExp) {
  const CKAttentionInputs &inputs = a.inputs;
  const float scale = 1 / sqrtf((float)inputs.headSize);
  float squares = 0;
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += ckAttentionTile) {
    __syncthreads();
    loadFactors<Factor, blocks>(
        key,
        inputs.key + (unit.firstToken + firstKey) * inputs.rowStride + unit.head * inputs.headSize,
        inputs.rowStride, tileRows(firstKey, unit.length), inputs.headSize);
    __syncthreads();
    float scores[tensorColumns][4];
    multiplyRows<Factor, blocks>(scores, query, key);
    const KeyMask mask = keyMask(inputs, unit, 0, firstKey);
#pragma unroll
    for (int n = 0; n < tensorColumns; n++)
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const int32_t column = 8 * n + fragmentColumn() + i;
        if (firstKey + column >= unit.length) continue;
        float weight = expf(scores[n][i] * scale - logSumExp);
        if (a.clsAfterDropout) weight *= multiplier(inputs.dropout, mask, 0, column);
        squares += weight * weight;
      }
  }
  return quadSum(squares);
}

/// As attentionBackwardQuery: dQuery of one tile of query rows, and their statistics.
template <typename Factor, int blocks>
CK_DEVICE void attentionBackwardQueryTensor(const CKAttentionBackward &a,
                                            RowStatistics *allStatistics, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstQuery = (int32_t)blockIdx.z * ckAttentionTile, headSize = inputs.headSize;
  const int32_t rows = tileRows(firstQuery, unit.length);
  const int64_t column = unit.head * headSize,
                queryOffset = (unit.firstToken + firstQuery) * inputs.rowStride + column;
  if (rows <= 0) return;
  if (unit.isMasked) {
    clearRows(a.dQuery + queryOffset, inputs.rowStride, rows, headSize);
    return clearRounded(a.roundedQuery, queryOffset, inputs.rowStride, rows, headSize);
  }

  constexpr int size = FactorTile<Factor, blocks>::size;
  uint32_t *query = memory, *dContext = query + size, *key = dContext + size, *value = key + size;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  loadFactors<Factor, blocks>(query, inputs.query + queryOffset, inputs.rowStride, rows, headSize);
  loadFactors<Factor, blocks>(dContext,
                              a.dContext + (unit.firstToken + firstQuery) * stride + column, stride,
                              rows, headSize);
  float logSumExp[2], projection[2];
  projections(a, unit, firstQuery, rows, projection);
  const int32_t row = warpIndex() * tensorRows + fragmentRow();
  const int64_t index = (unit.firstToken + firstQuery + row) * inputs.headCount + unit.head;
#pragma unroll
  for (int half = 0; half < 2; half++)
    logSumExp[half] = row + 8 * half < rows ? a.logSumExp[index + 8 * half * inputs.headCount] : 0;
  const float unitCoefficient = firstQuery == 0 ? clsCoefficient(a, unit) : 0;
  const float coefficient = row == 0 ? unitCoefficient : 0;
  if (unitCoefficient != 0) {
    const float squares = clsSquares<Factor, blocks>(a, unit, query, key, logSumExp[0]);
    projection[0] += coefficient * squares;
  }
#pragma unroll
  for (int half = 0; half < 2; half++)
    if (fragmentColumn() == 0 && row + 8 * half < rows)
      allStatistics[index + 8 * half * inputs.headCount] = {1, projection[half]};

  const float scale = 1 / sqrtf((float)headSize), scales[2] = {scale, scale};
  float dQuery[4 * blocks][4] = {};
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += ckAttentionTile) {
    const int32_t keys = tileRows(firstKey, unit.length);
    const int64_t offset = (unit.firstToken + firstKey) * inputs.rowStride + column;
    __syncthreads();
    loadFactors<Factor, blocks>(key, inputs.key + offset, inputs.rowStride, keys, headSize);
    loadFactors<Factor, blocks>(value, inputs.value + offset, inputs.rowStride, keys, headSize);
    __syncthreads();
    float scores[tensorColumns][4], dWeights[tensorColumns][4];
    multiplyRows<Factor, blocks>(scores, query, key);
    multiplyRows<Factor, blocks>(dWeights, dContext, value);
    const KeyMask mask = keyMask(inputs, unit, firstQuery, firstKey);
#pragma unroll
    for (int n = 0; n < tensorColumns; n++)
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const int half = i / 2;
        const int32_t place = 8 * n + fragmentColumn() + i % 2;
        const float weight =
            firstKey + place < unit.length ? expf(scores[n][i] * scale - logSumExp[half]) : 0;
        const float gradient =
            weightGradient(weight, dWeights[n][i], multiplier(inputs.dropout, mask, half, place),
                           half == 0 ? coefficient : 0, a.clsAfterDropout);
        scores[n][i] = weight * (gradient - projection[half]);
      }
    addWeightedRows<Factor, blocks>(dQuery, scores, key);
  }
  storeFragments<Factor, blocks>(a.dQuery, a.roundedQuery, queryOffset, inputs.rowStride, dQuery,
                                 scales, rows, headSize);
}

/// Replaces the products of the warp's 16 keys with 32 queries by W and by the gradient of the
/// scaled scores. A lane knows one query, and the others ask it.
CK_DEVICE void weighKeyFragments(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                                 int32_t firstKey, const RowStatistics *allStatistics,
                                 float (&scores)[tensorColumns][4],
                                 float (&dWeights)[tensorColumns][4]) {
  const CKAttentionInputs &inputs = a.inputs;
  const int32_t query = firstQuery + laneIndex(), warpKey = firstKey + warpIndex() * tensorRows;
  const bool isQuery = query < unit.length;
  const int64_t index = (unit.firstToken + query) * inputs.headCount + unit.head;
  const float ownLogSumExp = isQuery ? a.logSumExp[index] : 0;
  const float ownProjection = isQuery ? allStatistics[index].projection : 0;
  const uint32_t ownKeys = keptKeys(inputs, unit, query, warpKey);
  const float unitCoefficient = clsCoefficient(a, unit);
  const float scale = 1 / sqrtf((float)inputs.headSize);
#pragma unroll
  for (int n = 0; n < tensorColumns; n++)
#pragma unroll
    for (int i = 0; i < 2; i++) {
      const int32_t place = 8 * n + fragmentColumn() + i;
      const float logSumExp = __shfl_sync(CK_WHOLE_WARP, ownLogSumExp, place);
      const float projection = __shfl_sync(CK_WHOLE_WARP, ownProjection, place);
      const uint32_t keys = __shfl_sync(CK_WHOLE_WARP, ownKeys, place);
      const float coefficient = firstQuery + place == 0 ? unitCoefficient : 0;
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int32_t row = fragmentRow() + 8 * half;
        float &score = scores[n][2 * half + i], &dWeight = dWeights[n][2 * half + i];
        const bool isReal = firstQuery + place < unit.length && warpKey + row < unit.length;
        const float weight = isReal ? expf(score * scale - logSumExp) : 0;
        const float kept = keys >> row & 1 ? inputs.dropout.scale : 0;
        const float gradient =
            weightGradient(weight, dWeight, kept, coefficient, a.clsAfterDropout);
        score = weight * kept;
        dWeight = weight * (gradient - projection);
      }
    }
}

/// As attentionBackwardKey: dKey and dValue of one tile of keys.
template <typename Factor, int blocks>
CK_DEVICE void attentionBackwardKeyTensor(const CKAttentionBackward &a,
                                          const RowStatistics *allStatistics, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstKey = (int32_t)blockIdx.z * ckAttentionTile, headSize = inputs.headSize;
  const int32_t keys = tileRows(firstKey, unit.length);
  const int64_t column = unit.head * headSize;
  const int64_t offset = (unit.firstToken + firstKey) * inputs.rowStride + column;
  if (keys <= 0) return;
  if (unit.isMasked) {
    clearRows(a.dKey + offset, inputs.rowStride, keys, headSize);
    clearRounded(a.roundedKey, offset, inputs.rowStride, keys, headSize);
    clearRows(a.dValue + offset, inputs.rowStride, keys, headSize);
    return clearRounded(a.roundedValue, offset, inputs.rowStride, keys, headSize);
  }

  constexpr int size = FactorTile<Factor, blocks>::size;
  uint32_t *key = memory, *value = key + size, *query = value + size, *dContext = query + size;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  loadFactors<Factor, blocks>(key, inputs.key + offset, inputs.rowStride, keys, headSize);
  loadFactors<Factor, blocks>(value, inputs.value + offset, inputs.rowStride, keys, headSize);
  float dKey[4 * blocks][4] = {}, dValue[4 * blocks][4] = {};
  for (int32_t firstQuery = 0; firstQuery < unit.length; firstQuery += ckAttentionTile) {
    const int32_t rows = tileRows(firstQuery, unit.length);
    const int64_t row = unit.firstToken + firstQuery;
    __syncthreads();
    loadFactors<Factor, blocks>(query, inputs.query + row * inputs.rowStride + column,
                                inputs.rowStride, rows, headSize);
    loadFactors<Factor, blocks>(dContext, a.dContext + row * stride + column, stride, rows,
                                headSize);
    __syncthreads();
    float weights[tensorColumns][4], gradients[tensorColumns][4];
    multiplyRows<Factor, blocks>(weights, key, query);
    multiplyRows<Factor, blocks>(gradients, value, dContext);
    weighKeyFragments(a, unit, firstQuery, firstKey, allStatistics, weights, gradients);
    addWeightedRows<Factor, blocks>(dValue, weights, dContext);
    addWeightedRows<Factor, blocks>(dKey, gradients, query);
  }
  const float scale = 1 / sqrtf((float)headSize), scales[2] = {scale, scale}, ones[2] = {1, 1};
  storeFragments<Factor, blocks>(a.dKey, a.roundedKey, offset, inputs.rowStride, dKey, scales, keys,
                                 headSize);
  storeFragments<Factor, blocks>(a.dValue, a.roundedValue, offset, inputs.rowStride, dValue, ones,
                                 keys, headSize);
}

#define CK_ATTENTION_BACKWARD_TENSOR(size, blocks, precision, Factor)                             \
  extern "C" __global__ void __launch_bounds__(ckAttentionTensorThreads, ckAttentionTensorBlocks) \
      attentionBackward_queryTile##size##_##precision(const CKAttentionBackward a,                \
                                                      RowStatistics *statistics) {                \
    CK_DYNAMIC_SHARED(memory);                                                                    \
    attentionBackwardQueryTensor<Factor, blocks>(a, statistics, (uint32_t *)memory);              \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(ckAttentionTensorThreads, ckAttentionTensorBlocks) \
      attentionBackward_keyTile##size##_##precision(const CKAttentionBackward a,                  \
                                                    RowStatistics *statistics) {                  \
    CK_DYNAMIC_SHARED(memory);                                                                    \
    attentionBackwardKeyTensor<Factor, blocks>(a, statistics, (uint32_t *)memory);                \
  }
