#include "attention.cuh"

/// Running softmax of a warp's eight rows.
struct RunningRows {
  float maximum[rowsPerWarp], sum[rowsPerWarp];
  /// The lane's share of Σ a² and Σ a of the text's first row, of unnormalised a.
  float clsSquares, clsSum;
};

/// Replaces the scores of one tile of keys by weights, rescales what was summed so far, and stores
/// the weights after dropout where the warp finds them again.
template <int blocks>
CK_DEVICE void weighTile(const CKAttentionForward &a, const Unit &unit, int32_t firstQuery,
                         int32_t firstKey, float (&scores)[rowsPerWarp], RunningRows &rows,
                         float (&context)[rowsPerWarp][blocks], float *weights) {
  const int32_t key = firstKey + laneIndex();
  const float scale = 1 / sqrtf((float)a.inputs.headSize);
  const QueryRowMask mask = queryRowMask(a.inputs, unit, firstQuery, firstKey);
  const bool counts = a.clsPrefix <= 0 || key < a.clsPrefix;
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const float score = key < unit.length ? scores[r] * scale : -CK_INFINITY;
    const float maximum = fmaxf(rows.maximum[r], warpMaximum(score));
    const float correction = expf(rows.maximum[r] - maximum), weight = expf(score - maximum);
    const float kept = weight * multiplier(a.inputs.dropout, mask, r);
    rows.maximum[r] = maximum;
    rows.sum[r] = rows.sum[r] * correction + warpSum(weight);
    if (r == 0 && firstQuery == 0 && warpIndex() == 0) {
      const float share = counts ? (a.clsAfterDropout ? kept : weight) : 0;
      rows.clsSquares = rows.clsSquares * correction * correction + share * share;
      rows.clsSum = rows.clsSum * correction + share;
    }
    weights[(warpIndex() * rowsPerWarp + r) * weightStride + laneIndex()] = kept;
#pragma unroll
    for (int block = 0; block < blocks; block++) context[r][block] *= correction;
  }
}

/// Goes through the keys a tile at a time and keeps the softmax of what it has seen, so that no
/// attention matrix is ever written.
template <int blocks>
CK_DEVICE void attentionForward(const CKAttentionForward &a, float *memory) {
  const CKAttentionInputs &inputs = a.inputs;
  const Unit unit = attentionUnit(inputs);
  const int32_t firstQuery = (int32_t)blockIdx.z * ckAttentionTile;
  const int32_t rows = tileRows(firstQuery, unit.length);
  if (unit.isMasked) return clearUnit(a, unit, firstQuery, rows);
  if (rows <= 0) return;

  float *query = memory, *key = query + Tile<blocks>::size, *value = key + Tile<blocks>::size;
  float *weights = value + Tile<blocks>::size;
  const int64_t column = unit.head * inputs.headSize;
  loadTile<blocks>(query, inputs.query + (unit.firstToken + firstQuery) * inputs.rowStride + column,
                   inputs.rowStride, rows, inputs.headSize);
  float context[rowsPerWarp][blocks] = {};
  RunningRows running = {};
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) running.maximum[r] = -CK_INFINITY;

  for (int32_t firstKey = 0; firstKey < unit.length; firstKey += ckAttentionTile) {
    const int32_t keys = tileRows(firstKey, unit.length);
    const int64_t offset = (unit.firstToken + firstKey) * inputs.rowStride + column;
    __syncthreads();
    loadTile<blocks>(key, inputs.key + offset, inputs.rowStride, keys, inputs.headSize);
    loadTile<blocks>(value, inputs.value + offset, inputs.rowStride, keys, inputs.headSize);
    __syncthreads();
    float scores[rowsPerWarp];
    scoreTile<blocks>(scores, query, key);
    weighTile<blocks>(a, unit, firstQuery, firstKey, scores, running, context, weights);
    __syncwarp();
    addWeighted<blocks>(context, weights, value);
  }

  float reciprocals[rowsPerWarp];
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) reciprocals[r] = 1 / running.sum[r];
  const int64_t stride = (int64_t)inputs.headCount * inputs.headSize;
  storeSums<blocks>(a.context + (unit.firstToken + firstQuery) * stride + column, stride, context,
                    reciprocals, rows, inputs.headSize);
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const int32_t row = warpIndex() * rowsPerWarp + r;
    if (a.logSumExp != nullptr && laneIndex() == r && row < rows)
      a.logSumExp[(unit.firstToken + firstQuery + row) * inputs.headCount + unit.head] =
          running.maximum[r] + logf(running.sum[r]);
  }
  if (firstQuery != 0 || warpIndex() != 0) return;
  const float squares = warpSum(running.clsSquares), sum = warpSum(running.clsSum);
  if (laneIndex() == 0)
    writeSums(a, unit, squares * reciprocals[0] * reciprocals[0], sum * reciprocals[0]);
}

#define CK_ATTENTION_FORWARD(size, blocks)                                            \
  extern "C" __global__ void __launch_bounds__(ckAttentionThreads, ckAttentionBlocks) \
      attentionForward_queryTile##size(const CKAttentionForward a) {                  \
    CK_DYNAMIC_SHARED(memory);                                                        \
    attentionForward<blocks>(a, memory);                                              \
  }
