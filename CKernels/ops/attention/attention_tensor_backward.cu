#include "attention_tensor_backward.cuh"

// Two kernels, for texts that are longer than a block's rows: the one leaves what it finds out
// about each query row to the other.

/// As attentionBackwardQuery: dQuery of one tile of query rows, and their statistics.
template <typename S>
CK_DEVICE void attentionBackwardQueryTensor(const CKAttentionBackward &a,
                                            RowStatistics *allStatistics, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstQuery = (int32_t)blockIdx.z * S::rows, headSize = inputs.headSize;
  const int32_t rows = tileRows(firstQuery, unit.length, S::rows);
  const int64_t column = unit.head * headSize, text = unit.firstToken * inputs.rowStride + column;
  const int64_t place = text + (int64_t)firstQuery * inputs.rowStride;
  if (rows <= 0) return;
  if (unit.isMasked) return clearQueryGradient(a, place, rows);

  uint32_t *query = memory, *dContext = query + S::rows * S::stride,
           *key = dContext + S::rows * S::stride, *value = key + S::keys * S::stride;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  Pair<S> pair = pairOf<S>({inputs.key + text, inputs.rowStride, unit.length, headSize},
                           {inputs.value + text, inputs.rowStride, unit.length, headSize}, key);
  loadFactors<S>(query, {inputs.query + text, inputs.rowStride, unit.length, headSize}, firstQuery,
                 S::rows);
  loadFactors<S>(dContext,
                 {a.dContext + unit.firstToken * stride + column, stride, unit.length, headSize},
                 firstQuery, S::rows);
  const bool works = warpRow() < rows;
  const uint32_t *warpQuery = query + warpRow() * S::stride,
                 *warpContext = dContext + warpRow() * S::stride;
  QueryPair queries = queryPair(a, unit, firstQuery, rows);
  if (firstQuery == 0 && clsCoefficient(a, unit) != 0) {
    float squares = 0;
    for (int32_t firstKey = 0; firstKey < unit.length; firstKey += S::keys) {
      bring(pair, firstKey);
      if (warpIndex() == 0)
        addSquares<S>(squares, a, unit, query, key, firstKey,
                      tileRows(firstKey, unit.length, S::keys), queries.logSumExp[0]);
    }
    queries.projection[0] += queries.coefficient * quadSum(squares);
    begin(pair);
  }
  const int32_t row = warpRow() + fragmentRow();
#pragma unroll
  for (int half = 0; half < 2; half++)
    if (fragmentColumn() == 0 && row + 8 * half < rows)
      allStatistics[(unit.firstToken + firstQuery + row + 8 * half) * inputs.headCount +
                    unit.head] = {1, queries.projection[half]};

  float dQuery[S::features][4] = {};
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += S::keys) {
    bring(pair, firstKey);
    const int32_t keys = works ? tileRows(firstKey, unit.length, S::keys) : 0;
    for (int32_t tile = 0; tile < keys; tile += ckAttentionTile) {
      float scores[tensorColumns][4], dWeights[tensorColumns][4];
      multiplyRows<S>(scores, warpQuery, key + tile * S::stride);
      multiplyRows<S>(dWeights, warpContext, value + tile * S::stride);
      weighQueryFragments(a, unit, firstQuery, firstKey + tile, queries, scores, dWeights);
      addWeightedRows<S>(dQuery, scores, key + tile * S::stride);
    }
  }
  const float scale = 1 / sqrtf((float)headSize), scales[2] = {scale, scale};
  storeFragments<S>(a.dQuery, a.roundedQuery, place, inputs.rowStride, dQuery, scales, warpRow(),
                    rows, 0, headSize);
}

/// Replaces the products of the warp's 16 keys with 32 queries by W and by the gradient of the
/// scaled scores. A lane knows one query, and the others ask it.
CK_DEVICE void weighKeyFragments(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                                 int32_t firstKey, const RowStatistics *allStatistics,
                                 float (&scores)[tensorColumns][4],
                                 float (&dWeights)[tensorColumns][4]) {
  const CKAttentionInputs &inputs = a.inputs;
  const int32_t query = firstQuery + laneIndex(), warpKey = firstKey + warpRow();
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
template <typename S>
CK_DEVICE void attentionBackwardKeyTensor(const CKAttentionBackward &a,
                                          const RowStatistics *allStatistics, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstKey = (int32_t)blockIdx.z * S::rows, headSize = inputs.headSize;
  const int32_t keys = tileRows(firstKey, unit.length, S::rows);
  const int64_t column = unit.head * headSize, text = unit.firstToken * inputs.rowStride + column;
  const int64_t place = text + (int64_t)firstKey * inputs.rowStride;
  if (keys <= 0) return;
  if (unit.isMasked) return clearKeyGradients(a, place, keys);

  uint32_t *key = memory, *value = key + S::rows * S::stride,
           *query = value + S::rows * S::stride, *dContext = query + S::keys * S::stride;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  Pair<S> pair = pairOf<S>(
      {inputs.query + text, inputs.rowStride, unit.length, headSize},
      {a.dContext + unit.firstToken * stride + column, stride, unit.length, headSize}, query);
  loadFactors<S>(key, {inputs.key + text, inputs.rowStride, unit.length, headSize}, firstKey,
                 S::rows);
  loadFactors<S>(value, {inputs.value + text, inputs.rowStride, unit.length, headSize}, firstKey,
                 S::rows);
  float dKey[S::features][4] = {}, dValue[S::features][4] = {};
  for (int32_t firstQuery = 0; firstQuery < unit.length; firstQuery += S::keys) {
    bring(pair, firstQuery);
    const int32_t rows = warpRow() < keys ? tileRows(firstQuery, unit.length, S::keys) : 0;
    for (int32_t tile = 0; tile < rows; tile += ckAttentionTile) {
      float weights[tensorColumns][4], gradients[tensorColumns][4];
      multiplyRows<S>(weights, key + warpRow() * S::stride, query + tile * S::stride);
      multiplyRows<S>(gradients, value + warpRow() * S::stride, dContext + tile * S::stride);
      weighKeyFragments(a, unit, firstQuery + tile, firstKey, allStatistics, weights, gradients);
      addWeightedRows<S>(dValue, weights, dContext + tile * S::stride);
      addWeightedRows<S>(dKey, gradients, query + tile * S::stride);
    }
  }
  const float scale = 1 / sqrtf((float)headSize), scales[2] = {scale, scale}, ones[2] = {1, 1};
  storeFragments<S>(a.dKey, a.roundedKey, place, inputs.rowStride, dKey, scales, warpRow(), keys, 0,
                    headSize);
  storeFragments<S>(a.dValue, a.roundedValue, place, inputs.rowStride, dValue, ones, warpRow(),
                    keys, 0, headSize);
}

#define CK_ATTENTION_BACKWARD_TENSOR(name, pass, Factor, blocks, rows, keys, stages) \
  extern "C" __global__ void __launch_bounds__(ckAttentionTensorThreads(rows),       \
                                               ckAttentionTensorBlocks(rows))        \
      name(const CKAttentionBackward a, RowStatistics *statistics) {                 \
    CK_DYNAMIC_SHARED(memory);                                                       \
    attentionBackward##pass##Tensor<Shape<Factor, blocks, rows, keys, stages>>(      \
        a, statistics, (uint32_t *)memory);                                          \
  }
#define CK_ATTENTION_QUERY_TENSOR(name, ...) \
  CK_ATTENTION_BACKWARD_TENSOR(name, Query, __VA_ARGS__)
#define CK_ATTENTION_KEY_TENSOR(name, ...) CK_ATTENTION_BACKWARD_TENSOR(name, Key, __VA_ARGS__)
