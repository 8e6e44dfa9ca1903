/// What both ways of attention's backward pass on tensor cores share: a warp's 16 query rows.
///
/// The weights are made again by the products that made them, so that the reciprocal of the rows'
/// statistics stays 1: the rounding of logSumExp is far below that of the factors.
#ifndef CK_ATTENTION_TENSOR_BACKWARD_CUH
#define CK_ATTENTION_TENSOR_BACKWARD_CUH

#include "attention_tensor.cuh"

/// Of the lane's two query rows.
struct QueryPair {
  float logSumExp[2], projection[2];
  float coefficient;  // of the norm term; of the first row, and not zero in a text's first alone
};

/// Σ_j P[j] · dP[j] of the lane's two rows, but for the norm term: dContext · context.
CK_DEVICE void projections(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                           int32_t rows, float (&projection)[2]) {
  const int32_t headSize = a.inputs.headSize;
  const int64_t stride = (int64_t)a.inputs.headCount * headSize;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    projection[half] = 0;
    for (int r = 0; r < 8; r++) {
      const int32_t row = warpRow() + 8 * half + r;
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

/// All but the norm term's share of the projection.
CK_DEVICE QueryPair queryPair(const CKAttentionBackward &a, const Unit &unit, int32_t firstQuery,
                              int32_t rows) {
  QueryPair pair;
  projections(a, unit, firstQuery, rows, pair.projection);
  const int32_t row = warpRow() + fragmentRow();
#pragma unroll
  for (int half = 0; half < 2; half++)
    pair.logSumExp[half] = row + 8 * half < rows
                               ? a.logSumExp[(unit.firstToken + firstQuery + row + 8 * half) *
                                                 a.inputs.headCount +
                                             unit.head]
                               : 0;
  pair.coefficient = firstQuery == 0 && row == 0 ? clsCoefficient(a, unit) : 0;
  return pair;
}

/// Adds the lane's share of Σ a² of the text's first row, over the `keys` rows that are in shared
/// memory. The norm term's share of that row's projection has to be known before its gradient.
template <typename S>
CK_DEVICE void addSquares(float &squares, const CKAttentionBackward &a, const Unit &unit,
                          const uint32_t *query, const uint32_t *key, int32_t firstKey,
                          int32_t keys, float logSumExp) {
  const CKAttentionInputs &inputs = a.inputs;
  const float scale = 1 / sqrtf((float)inputs.headSize);
  for (int32_t tile = 0; tile < keys; tile += ckAttentionTile) {
    float scores[tensorColumns][4];
    multiplyRows<S>(scores, query, key + tile * S::stride);
    const KeyMask mask = keyMask(inputs, unit, 0, firstKey + tile);
#pragma unroll
    for (int n = 0; n < tensorColumns; n++)
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const int32_t column = 8 * n + fragmentColumn() + i;
        if (tile + column >= keys) continue;
        float weight = expf(scores[n][i] * scale - logSumExp);
        if (a.clsAfterDropout) weight *= multiplier(inputs.dropout, mask, 0, column);
        squares += weight * weight;
      }
  }
}

/// Of the products of the warp's query rows with 32 keys: the gradient of the scaled scores in the
/// place of the scores, and W in that of its gradient.
CK_DEVICE void weighQueryFragments(const CKAttentionBackward &a, const Unit &unit,
                                   int32_t firstQuery, int32_t firstKey, const QueryPair &rows,
                                   float (&scores)[tensorColumns][4],
                                   float (&dWeights)[tensorColumns][4]) {
  const CKAttentionInputs &inputs = a.inputs;
  const float scale = 1 / sqrtf((float)inputs.headSize);
  const KeyMask mask = keyMask(inputs, unit, firstQuery, firstKey);
#pragma unroll
  for (int n = 0; n < tensorColumns; n++)
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int half = i / 2;
      const int32_t place = 8 * n + fragmentColumn() + i % 2;
      const int32_t query = firstQuery + warpRow() + fragmentRow() + 8 * half;
      const bool isReal = query < unit.length && firstKey + place < unit.length;
      const float weight = isReal ? expf(scores[n][i] * scale - rows.logSumExp[half]) : 0;
      const float kept = multiplier(inputs.dropout, mask, half, place);
      const float gradient = weightGradient(weight, dWeights[n][i], kept,
                                            half == 0 ? rows.coefficient : 0, a.clsAfterDropout);
      scores[n][i] = weight * (gradient - rows.projection[half]);
      dWeights[n][i] = weight * kept;
    }
}

/// dQuery, dKey and dValue of rows without attention.
CK_DEVICE void clearQueryGradient(const CKAttentionBackward &a, int64_t place, int32_t rows) {
  clearRows(a.dQuery + place, a.inputs.rowStride, rows, a.inputs.headSize);
  clearRounded(a.roundedQuery, place, a.inputs.rowStride, rows, a.inputs.headSize);
}

CK_DEVICE void clearKeyGradients(const CKAttentionBackward &a, int64_t place, int32_t rows) {
  clearRows(a.dKey + place, a.inputs.rowStride, rows, a.inputs.headSize);
  clearRounded(a.roundedKey, place, a.inputs.rowStride, rows, a.inputs.headSize);
  clearRows(a.dValue + place, a.inputs.rowStride, rows, a.inputs.headSize);
  clearRounded(a.roundedValue, place, a.inputs.rowStride, rows, a.inputs.headSize);
}

#endif
