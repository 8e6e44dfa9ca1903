#include "attention.cuh"

/// Statistics of the warp's eight rows: a first round over the keys. The projection is dContext ·
/// context, and what the norm term adds to it.
template <int blocks>
CK_DEVICE void rowStatistics(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                             int32_t rows, const float *query, float *key, const float *dContext,
                             const float (&logSumExp)[rowsPerWarp],
                             RowStatistics (&statistics)[rowsPerWarp]) {
  const CKAttentionInputs &inputs = a.inputs;
  const float scale = 1 / sqrtf((float)inputs.headSize);
  const int64_t column = unit.head * inputs.headSize;
  float totals[rowsPerWarp] = {}, squares = 0;
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += ckAttentionTile) {
    __syncthreads();
    loadTile<blocks>(key, inputs.key + (unit.firstToken + firstKey) * inputs.rowStride + column,
                     inputs.rowStride, tileRows(firstKey, unit.length), inputs.headSize);
    __syncthreads();
    float scores[rowsPerWarp];
    scoreTile<blocks>(scores, query, key);
    const QueryRowMask mask = queryRowMask(inputs, unit, firstQuery, firstKey);
#pragma unroll
    for (int r = 0; r < rowsPerWarp; r++) {
      const float weight =
          firstKey + laneIndex() < unit.length ? expf(scores[r] * scale - logSumExp[r]) : 0;
      totals[r] += weight;
      const float kept = a.clsAfterDropout ? weight * multiplier(inputs.dropout, mask, r) : weight;
      if (r == 0) squares += kept * kept;
    }
  }
  const int64_t stride = (int64_t)inputs.headCount * inputs.headSize;
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const int32_t row = warpIndex() * rowsPerWarp + r;
    float projection = 0;
    if (row < rows)
      for (int32_t i = laneIndex(); i < inputs.headSize; i += ckWarpSize)
        projection += a.context[(unit.firstToken + firstQuery + row) * stride + column + i] *
                      dContext[row * Tile<blocks>::stride + i];
    statistics[r].reciprocal = 1 / warpSum(totals[r]);
    statistics[r].projection = warpSum(projection);
  }
  squares = warpSum(squares);
  if (firstQuery == 0 && warpIndex() == 0)
    statistics[0].projection +=
        clsCoefficient(a, unit) * squares * statistics[0].reciprocal * statistics[0].reciprocal;
}

/// dQuery of one tile of query rows; leaves the rows' statistics for the key tiles.
template <int blocks>
CK_DEVICE void attentionBackwardQuery(const CKAttentionBackward &a, RowStatistics *allStatistics,
                                      float *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstQuery = (int32_t)blockIdx.z * ckAttentionTile, headSize = inputs.headSize;
  const int32_t rows = tileRows(firstQuery, unit.length);
  const int64_t column = unit.head * headSize,
                queryOffset = (unit.firstToken + firstQuery) * inputs.rowStride + column;
  if (rows <= 0) return;
  if (unit.isMasked) return clearRows(a.dQuery + queryOffset, inputs.rowStride, rows, headSize);

  float *query = memory, *dContext = query + Tile<blocks>::size,
        *key = dContext + Tile<blocks>::size;
  float *value = key + Tile<blocks>::size, *gradients = value + Tile<blocks>::size;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  loadTile<blocks>(query, inputs.query + queryOffset, inputs.rowStride, rows, headSize);
  loadTile<blocks>(dContext, a.dContext + (unit.firstToken + firstQuery) * stride + column, stride,
                   rows, headSize);

  float logSumExp[rowsPerWarp];
  RowStatistics statistics[rowsPerWarp];
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const int32_t row = warpIndex() * rowsPerWarp + r;
    logSumExp[r] =
        row < rows
            ? a.logSumExp[(unit.firstToken + firstQuery + row) * inputs.headCount + unit.head]
            : 0;
  }
  rowStatistics<blocks>(a, unit, firstQuery, rows, query, key, dContext, logSumExp, statistics);
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const int32_t row = warpIndex() * rowsPerWarp + r;
    if (laneIndex() == r && row < rows)
      allStatistics[(unit.firstToken + firstQuery + row) * inputs.headCount + unit.head] =
          statistics[r];
  }

  const float scale = 1 / sqrtf((float)headSize);
  const float coefficient = firstQuery == 0 && warpIndex() == 0 ? clsCoefficient(a, unit) : 0;
  float dQuery[rowsPerWarp][blocks] = {};
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += ckAttentionTile) {
    const int32_t keys = tileRows(firstKey, unit.length);
    const int64_t offset = (unit.firstToken + firstKey) * inputs.rowStride + column;
    __syncthreads();
    loadTile<blocks>(key, inputs.key + offset, inputs.rowStride, keys, headSize);
    loadTile<blocks>(value, inputs.value + offset, inputs.rowStride, keys, headSize);
    __syncthreads();
    float scores[rowsPerWarp], dWeights[rowsPerWarp];
    scoreTile<blocks>(scores, query, key);
    scoreTile<blocks>(dWeights, dContext, value);
    const QueryRowMask mask = queryRowMask(inputs, unit, firstQuery, firstKey);
#pragma unroll
    for (int r = 0; r < rowsPerWarp; r++) {
      const float kept = multiplier(inputs.dropout, mask, r);
      const float weight = firstKey + laneIndex() < unit.length
                               ? expf(scores[r] * scale - logSumExp[r]) * statistics[r].reciprocal
                               : 0;
      const float gradient =
          weightGradient(weight, dWeights[r], kept, r == 0 ? coefficient : 0, a.clsAfterDropout);
      gradients[(warpIndex() * rowsPerWarp + r) * weightStride + laneIndex()] =
          weight * (gradient - statistics[r].projection);
    }
    __syncwarp();
    addWeighted<blocks>(dQuery, gradients, key);
  }
  float scales[rowsPerWarp];
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) scales[r] = scale;
  storeSums<blocks>(a.dQuery + queryOffset, inputs.rowStride, dQuery, scales, rows, headSize);
}

/// Replaces the products of eight keys with the lane's query by W and by the gradient of the scaled
/// scores, in shared memory, key by query.
CK_DEVICE void weighKeys(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                         int32_t firstKey, const RowStatistics *allStatistics,
                         const float (&scores)[rowsPerWarp], const float (&dWeights)[rowsPerWarp],
                         float *weights, float *gradients) {
  const CKAttentionInputs &inputs = a.inputs;
  const int32_t query = firstQuery + laneIndex();
  const bool isQuery = query < unit.length;
  const int64_t index = (unit.firstToken + query) * inputs.headCount + unit.head;
  const float logSumExp = isQuery ? a.logSumExp[index] : 0;
  const RowStatistics statistics = isQuery ? allStatistics[index] : RowStatistics{};
  const float coefficient = query == 0 ? clsCoefficient(a, unit) : 0;
  const float scale = 1 / sqrtf((float)inputs.headSize);
  const bool drops = inputs.dropout.threshold != 0;
  const int32_t warpKey = firstKey + warpIndex() * rowsPerWarp;
  uint32_t bits[rowsPerWarp / 4] = {};
#pragma unroll
  for (int group = 0; group < rowsPerWarp / 4; group++)
    if (drops)
      bits[group] =
          keptBits(inputs.dropout, maskRow(inputs, unit, query), (uint32_t)(warpKey / 4 + group));
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const float kept = !drops ? 1 : bits[r / 4] >> r % 4 & 1 ? inputs.dropout.scale : 0;
    const float weight = isQuery && warpKey + r < unit.length
                             ? expf(scores[r] * scale - logSumExp) * statistics.reciprocal
                             : 0;
    const float gradient =
        weightGradient(weight, dWeights[r], kept, coefficient, a.clsAfterDropout);
    const int32_t place = (warpIndex() * rowsPerWarp + r) * weightStride + laneIndex();
    weights[place] = weight * kept;
    gradients[place] = weight * (gradient - statistics.projection);
  }
}

/// dKey and dValue of one tile of keys.
template <int blocks>
CK_DEVICE void attentionBackwardKey(const CKAttentionBackward &a,
                                    const RowStatistics *allStatistics, float *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstKey = (int32_t)blockIdx.z * ckAttentionTile, headSize = inputs.headSize;
  const int32_t keys = tileRows(firstKey, unit.length);
  const int64_t column = unit.head * headSize;
  const int64_t offset = (unit.firstToken + firstKey) * inputs.rowStride + column;
  if (keys <= 0) return;
  if (unit.isMasked) {
    clearRows(a.dKey + offset, inputs.rowStride, keys, headSize);
    return clearRows(a.dValue + offset, inputs.rowStride, keys, headSize);
  }

  float *key = memory, *value = key + Tile<blocks>::size, *query = value + Tile<blocks>::size;
  float *dContext = query + Tile<blocks>::size, *weights = dContext + Tile<blocks>::size;
  float *gradients = weights + ckAttentionTile * weightStride;
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  loadTile<blocks>(key, inputs.key + offset, inputs.rowStride, keys, headSize);
  loadTile<blocks>(value, inputs.value + offset, inputs.rowStride, keys, headSize);
  float dKey[rowsPerWarp][blocks] = {}, dValue[rowsPerWarp][blocks] = {};
  for (int32_t firstQuery = 0; firstQuery < unit.length; firstQuery += ckAttentionTile) {
    const int32_t rows = tileRows(firstQuery, unit.length);
    const int64_t row = unit.firstToken + firstQuery;
    __syncthreads();
    loadTile<blocks>(query, inputs.query + row * inputs.rowStride + column, inputs.rowStride, rows,
                     headSize);
    loadTile<blocks>(dContext, a.dContext + row * stride + column, stride, rows, headSize);
    __syncthreads();
    float scores[rowsPerWarp], dWeights[rowsPerWarp];
    scoreTile<blocks>(scores, key, query);
    scoreTile<blocks>(dWeights, value, dContext);
    weighKeys(a, unit, firstQuery, firstKey, allStatistics, scores, dWeights, weights, gradients);
    __syncwarp();
    addWeighted<blocks>(dValue, weights, dContext);
    addWeighted<blocks>(dKey, gradients, query);
  }
  float ones[rowsPerWarp], scales[rowsPerWarp];
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) ones[r] = 1, scales[r] = 1 / sqrtf((float)headSize);
  storeSums<blocks>(a.dKey + offset, inputs.rowStride, dKey, scales, keys, headSize);
  storeSums<blocks>(a.dValue + offset, inputs.rowStride, dValue, ones, keys, headSize);
}

#define CK_ATTENTION_BACKWARD(size, blocks)                                                       \
  extern "C" __global__ void __launch_bounds__(ckAttentionThreads, ckAttentionBlocks)             \
      attentionBackward_queryTile##size(const CKAttentionBackward a, RowStatistics *statistics) { \
    CK_DYNAMIC_SHARED(memory);                                                                    \
    attentionBackwardQuery<blocks>(a, statistics, memory);                                        \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(ckAttentionThreads, ckAttentionBlocks)             \
      attentionBackward_keyTile##size(const CKAttentionBackward a, RowStatistics *statistics) {   \
    CK_DYNAMIC_SHARED(memory);                                                                    \
    attentionBackwardKey<blocks>(a, statistics, memory);                                          \
  }
