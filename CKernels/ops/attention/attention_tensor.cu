#include "attention_tensor.cuh"

/// Running softmax of the lane's two rows: the maximum is the row's, sums are the lane's shares.
struct RunningPair {
  float maximum[2], sum[2];
  /// Of Σ a² and Σ a of the text's first row, of unnormalised a.
  float clsSquares, clsSum;
};

/// Replaces the scores of one tile of keys by weights after dropout, and rescales what was summed
/// so far.
template <typename S>
CK_DEVICE void weighFragments(const CKAttentionForward &a, const Unit &unit, int32_t firstQuery,
                              int32_t firstKey, float (&scores)[tensorColumns][4],
                              RunningPair &running, float (&context)[S::features][4]) {
  const float scale = 1 / sqrtf((float)a.inputs.headSize);
  const KeyMask mask = keyMask(a.inputs, unit, firstQuery, firstKey);
  const bool isCLS = firstQuery == 0 && warpIndex() == 0 && fragmentRow() == 0;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    float maximum = running.maximum[half];
#pragma unroll
    for (int n = 0; n < tensorColumns; n++)
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float &score = scores[n][2 * half + i];
        const int32_t key = firstKey + 8 * n + fragmentColumn() + i;
        score = key < unit.length ? score * scale : -CK_INFINITY;
        maximum = fmaxf(maximum, score);
      }
    maximum = quadMaximum(maximum);
    const float correction = expf(running.maximum[half] - maximum);
    running.maximum[half] = maximum;
    running.sum[half] *= correction;
    if (half == 0) {
      running.clsSquares *= correction * correction;
      running.clsSum *= correction;
    }
#pragma unroll
    for (int n = 0; n < tensorColumns; n++)
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const int32_t column = 8 * n + fragmentColumn() + i, key = firstKey + column;
        const float weight = expf(scores[n][2 * half + i] - maximum);
        const float kept = weight * multiplier(a.inputs.dropout, mask, half, column);
        running.sum[half] += weight;
        if (half == 0 && isCLS && (a.clsPrefix <= 0 || key < a.clsPrefix)) {
          const float share = a.clsAfterDropout ? kept : weight;
          running.clsSquares += share * share;
          running.clsSum += share;
        }
        scores[n][2 * half + i] = kept;
      }
#pragma unroll
    for (int n = 0; n < S::features; n++)
#pragma unroll
      for (int i = 0; i < 2; i++) context[n][2 * half + i] *= correction;
  }
}

/// As attentionForward, with both products on tensor cores. Weights go from the one to the other in
/// registers.
template <typename S>
CK_DEVICE void attentionForwardTensor(const CKAttentionForward &a, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstQuery = (int32_t)blockIdx.z * S::rows, headSize = inputs.headSize;
  const int32_t rows = tileRows(firstQuery, unit.length, S::rows);
  if (unit.isMasked) return clearUnit(a, unit, firstQuery, rows);
  if (rows <= 0) return;

  uint32_t *query = memory, *key = query + S::rows * S::stride, *value = key + S::keys * S::stride;
  const int64_t column = unit.head * headSize, text = unit.firstToken * inputs.rowStride + column;
  Pair<S> pair = pairOf<S>({inputs.key + text, inputs.rowStride, unit.length, headSize},
                           {inputs.value + text, inputs.rowStride, unit.length, headSize}, key);
  loadFactors<S>(query, {inputs.query + text, inputs.rowStride, unit.length, headSize}, firstQuery,
                 S::rows);
  float context[S::features][4] = {};
  RunningPair running = {{-CK_INFINITY, -CK_INFINITY}, {0, 0}, 0, 0};
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += S::keys) {
    bring(pair, firstKey);
    const int32_t keys = warpRow() < rows ? tileRows(firstKey, unit.length, S::keys) : 0;
    for (int32_t tile = 0; tile < keys; tile += ckAttentionTile) {
      float scores[tensorColumns][4];
      multiplyRows<S>(scores, query + warpRow() * S::stride, key + tile * S::stride);
      weighFragments<S>(a, unit, firstQuery, firstKey + tile, scores, running, context);
      addWeightedRows<S>(context, scores, value + tile * S::stride);
    }
  }

  float reciprocals[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const float sum = quadSum(running.sum[half]);
    reciprocals[half] = 1 / sum;
    const int32_t row = warpRow() + fragmentRow() + 8 * half;
    if (a.logSumExp != nullptr && fragmentColumn() == 0 && row < rows)
      a.logSumExp[(unit.firstToken + firstQuery + row) * inputs.headCount + unit.head] =
          running.maximum[half] + logf(sum);
  }
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  storeFragments<S>(a.context, a.roundedContext, (unit.firstToken + firstQuery) * stride + column,
                    stride, context, reciprocals, warpRow(), rows, 0, headSize);
  if (firstQuery != 0 || warpIndex() != 0) return;
  const float squares = quadSum(running.clsSquares), sum = quadSum(running.clsSum);
  if (laneIndex() == 0)
    writeSums(a, unit, squares * reciprocals[0] * reciprocals[0], sum * reciprocals[0]);
}

#define CK_ATTENTION_FORWARD_TENSOR(name, Factor, blocks, rows, keys, stages)  \
  extern "C" __global__ void __launch_bounds__(ckAttentionTensorThreads(rows), \
                                               ckAttentionTensorBlocks(rows))  \
      name(const CKAttentionForward a) {                                       \
    CK_DYNAMIC_SHARED(memory);                                                 \
    attentionForwardTensor<Shape<Factor, blocks, rows, keys, stages>>(         \
        a, (uint32_t *)memory);                                                \
  }
