#include "attention_tensor.cuh"

/// Running softmax of the lane's two rows: the maximum is the row's, sums are the lane's shares.
struct RunningPair {
  float maximum[2], sum[2];
  /// Of Σ a² and Σ a of the text's first row, of unnormalised a.
  float clsSquares, clsSum;
};

/// Replaces the scores of one tile of keys by weights after dropout, and rescales what was summed
/// so far.
template <int blocks>
CK_DEVICE void weighFragments(const CKAttentionForward &a, const Unit &unit, int32_t firstQuery,
                              int32_t firstKey, float (&scores)[tensorColumns][4],
                              RunningPair &running, float (&context)[4 * blocks][4]) {
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
    for (int n = 0; n < 4 * blocks; n++)
#pragma unroll
      for (int i = 0; i < 2; i++) context[n][2 * half + i] *= correction;
  }
}

/// As attentionForward, with both products on tensor cores. Weights go from the one to the other in
/// registers.
template <typename Factor, int blocks>
CK_DEVICE void attentionForwardTensor(const CKAttentionForward &a, uint32_t *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstQuery = (int32_t)blockIdx.z * ckAttentionTile, headSize = inputs.headSize;
  const int32_t rows = tileRows(firstQuery, unit.length);
  if (unit.isMasked) return clearUnit(a, unit, firstQuery, rows);
  if (rows <= 0) return;

  constexpr int size = FactorTile<Factor, blocks>::size;
  uint32_t *query = memory, *key = query + size, *value = key + size;
  const int64_t column = unit.head * headSize;
  loadFactors<Factor, blocks>(
      query, inputs.query + (unit.firstToken + firstQuery) * inputs.rowStride + column,
      inputs.rowStride, rows, headSize);
  float context[4 * blocks][4] = {};
  RunningPair running = {{-CK_INFINITY, -CK_INFINITY}, {0, 0}, 0, 0};
  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += ckAttentionTile) {
    const int32_t keys = tileRows(firstKey, unit.length);
    const int64_t offset = (unit.firstToken + firstKey) * inputs.rowStride + column;
    __syncthreads();
    loadFactors<Factor, blocks>(key, inputs.key + offset, inputs.rowStride, keys, headSize);
    loadFactors<Factor, blocks>(value, inputs.value + offset, inputs.rowStride, keys, headSize);
    __syncthreads();
    float scores[tensorColumns][4];
    multiplyRows<Factor, blocks>(scores, query, key);
    weighFragments<blocks>(a, unit, firstQuery, firstKey, scores, running, context);
    addWeightedRows<Factor, blocks>(context, scores, value);
  }

  float reciprocals[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const float sum = quadSum(running.sum[half]);
    reciprocals[half] = 1 / sum;
    const int32_t row = warpIndex() * tensorRows + fragmentRow() + 8 * half;
    if (a.logSumExp != nullptr && fragmentColumn() == 0 && row < rows)
      a.logSumExp[(unit.firstToken + firstQuery + row) * inputs.headCount + unit.head] =
          running.maximum[half] + logf(sum);
  }
  const int64_t stride = (int64_t)inputs.headCount * headSize;
  const int64_t place = (unit.firstToken + firstQuery) * stride + column;
  storeFragments<Factor, blocks>(a.context, a.roundedContext, place, stride, context, reciprocals,
                                 rows, headSize);
  if (firstQuery != 0 || warpIndex() != 0) return;
  const float squares = quadSum(running.clsSquares), sum = quadSum(running.clsSum);
  if (laneIndex() == 0)
    writeSums(a, unit, squares * reciprocals[0] * reciprocals[0], sum * reciprocals[0]);
}

#define CK_ATTENTION_FORWARD_TENSOR(size, blocks, precision, Factor)                              \
  extern "C" __global__ void __launch_bounds__(ckAttentionTensorThreads, ckAttentionTensorBlocks) \
      attentionForward_queryTile##size##_##precision(const CKAttentionForward a) {                \
    CK_DYNAMIC_SHARED(memory);                                                                    \
    attentionForwardTensor<Factor, blocks>(a, (uint32_t *)memory);                                \
  }
