/// What the attention kernels share: tiles of 32 rows in shared memory, and the scores of 8 rows a
/// warp.
///
/// A block works on one tile of one head of one text, with four warps of eight rows each; a lane
/// stands for one of the tile's 32 columns in scores and for every 32nd feature in sums. `blocks`
/// is the head size in blocks of 32 features, rounded up to 1, 2 or 4. The features beyond the head
/// are zeros in shared memory.
#ifndef CK_ATTENTION_CUH
#define CK_ATTENTION_CUH

#include "../dropout/dropout.cuh"
#include "attention.h"

constexpr int attentionWarps = (int)ckAttentionThreads / (int)ckWarpSize;
constexpr int rowsPerWarp = ckAttentionTile / attentionWarps;
/// Four floats of padding keep 16-byte accesses of neighbouring rows in different banks.
constexpr int weightStride = ckAttentionTile + 4;

template <int blocks>
struct Tile {
  static constexpr int stride = 32 * blocks + 4;
  static constexpr int size = ckAttentionTile * stride;
};

/// One head of one text. The rows behind the last text are units too, of `longestSequence` rows
/// each and without a text.
struct Unit {
  int32_t text, head, length;
  int64_t firstToken;
  bool isMasked;  // contributes nothing: masked head, empty text or none
};

CK_DEVICE Unit attentionUnit(const CKAttentionInputs &inputs) {
  Unit unit;
  unit.text = (int32_t)blockIdx.x;
  unit.head = (int32_t)blockIdx.y;
  if (unit.text >= inputs.sequenceCount) {
    // A recorded launch is for any number of tokens from `tokenCount` on.
    unit.firstToken = inputs.sequenceOffsets[inputs.sequenceCount] +
                      (int64_t)(unit.text - inputs.sequenceCount) * inputs.longestSequence;
    const int64_t rest = inputs.rowCount - unit.firstToken;
    unit.length = (int32_t)(rest < inputs.longestSequence ? rest : inputs.longestSequence);
    unit.isMasked = true;
    return unit;
  }
  unit.firstToken = inputs.sequenceOffsets[unit.text];
  unit.length = inputs.sequenceOffsets[unit.text + 1] - (int32_t)unit.firstToken;
  unit.isMasked =
      unit.length == 0 || (inputs.headMask != nullptr && inputs.headMask[unit.head] == 0);
  return unit;
}

/// Rows of a tile that begins at `first` of `count`; zero or less behind the end.
CK_DEVICE int32_t tileRows(int32_t first, int32_t count, int32_t most = ckAttentionTile) {
  return count - first < most ? count - first : most;
}

/// tile[32, 32 · blocks] = source[rows, headSize], with zeros around it. `source` points at the
/// head's first column.
template <int blocks>
CK_DEVICE void loadTile(float *tile, const float *source, int64_t sourceStride, int32_t rows,
                        int32_t headSize) {
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const int32_t row = warpIndex() + r * attentionWarps;
#pragma unroll
    for (int block = 0; block < blocks; block++) {
      const int32_t column = block * 32 + laneIndex();
      tile[row * Tile<blocks>::stride + column] =
          row < rows && column < headSize ? source[row * sourceStride + column] : 0;
    }
  }
}

/// destination[rows, headSize] = 0.
template <typename Element>
CK_DEVICE void clearRows(Element *destination, int64_t stride, int32_t rows, int32_t headSize) {
  for (int32_t row = warpIndex(); row < rows; row += (int32_t)blockDim.x / ckWarpSize)
    for (int32_t column = laneIndex(); column < headSize; column += ckWarpSize)
      destination[row * stride + column] = 0;
}

/// The same of bf16 from element `place` on, where there are any; everything is even there.
CK_DEVICE void clearRounded(uint16_t *rounded, int64_t place, int64_t stride, int32_t rows,
                            int32_t headSize) {
  if (rounded != nullptr)
    clearRows((uint32_t *)(rounded + place), stride / 2, rows, headSize / 2);
}

/// products[r] = rows[8 · warp + r] · columns[lane].
template <int blocks>
CK_DEVICE void scoreTile(float (&products)[rowsPerWarp], const float *rows, const float *columns) {
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) products[r] = 0;
  const float *column = columns + laneIndex() * Tile<blocks>::stride;
  const float *row = rows + warpIndex() * rowsPerWarp * Tile<blocks>::stride;
#pragma unroll 4
  for (int feature = 0; feature < 32 * blocks; feature += 4) {
    const float4 right = *(const float4 *)(column + feature);
#pragma unroll
    for (int r = 0; r < rowsPerWarp; r++) {
      const float4 left = *(const float4 *)(row + r * Tile<blocks>::stride + feature);
      products[r] += left.x * right.x + left.y * right.y + left.z * right.z + left.w * right.w;
    }
  }
}

/// sums[r][block] += Σ_j weights[8 · warp + r, j] · rows[j, 32 · block + lane].
template <int blocks>
CK_DEVICE void addWeighted(float (&sums)[rowsPerWarp][blocks], const float *weights,
                           const float *rows) {
  const float *weight = weights + warpIndex() * rowsPerWarp * weightStride;
#pragma unroll 2
  for (int j = 0; j < ckAttentionTile; j += 4) {
    float right[4][blocks];
#pragma unroll
    for (int i = 0; i < 4; i++)
#pragma unroll
      for (int block = 0; block < blocks; block++)
        right[i][block] = rows[(j + i) * Tile<blocks>::stride + block * 32 + laneIndex()];
#pragma unroll
    for (int r = 0; r < rowsPerWarp; r++) {
      const float4 left = *(const float4 *)(weight + r * weightStride + j);
#pragma unroll
      for (int block = 0; block < blocks; block++)
        sums[r][block] += left.x * right[0][block] + left.y * right[1][block] +
                          left.z * right[2][block] + left.w * right[3][block];
    }
  }
}

/// destination[8 · warp + r] = factors[r] · sums[r], for the rows that exist.
template <int blocks>
CK_DEVICE void storeSums(float *destination, int64_t stride,
                         const float (&sums)[rowsPerWarp][blocks],
                         const float (&factors)[rowsPerWarp], int32_t rows, int32_t headSize) {
#pragma unroll
  for (int r = 0; r < rowsPerWarp; r++) {
    const int32_t row = warpIndex() * rowsPerWarp + r;
#pragma unroll
    for (int block = 0; block < blocks; block++) {
      const int32_t column = block * 32 + laneIndex();
      if (row < rows && column < headSize)
        destination[row * stride + column] = factors[r] * sums[r][block];
    }
  }
}

// MARK: Dropout

/// Row of the dropout mask of a text's query row.
CK_DEVICE uint32_t maskRow(const CKAttentionInputs &inputs, const Unit &unit, int32_t query) {
  return ((uint32_t)unit.firstToken + (uint32_t)query) * (uint32_t)inputs.headCount +
         (uint32_t)unit.head;
}

/// The mask of a warp's eight query rows by the tile's 32 keys: 64 counters, of which each lane
/// draws two. Counter 8 · r + g, g a group of four keys, belongs to lane (8 · r + g) % 32.
struct QueryRowMask {
  uint32_t bits[2];
};

CK_DEVICE QueryRowMask queryRowMask(const CKAttentionInputs &inputs, const Unit &unit,
                                    int32_t firstQuery, int32_t firstKey) {
  QueryRowMask mask = {};
  if (inputs.dropout.threshold == 0) return mask;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int32_t query = firstQuery + warpIndex() * rowsPerWarp + half * 4 + laneIndex() / 8;
    mask.bits[half] = keptBits(inputs.dropout, maskRow(inputs, unit, query),
                               (uint32_t)(firstKey / 4 + laneIndex() % 8));
  }
  return mask;
}

/// `scale` or 0 for the warp's row r and the lane's key; 1 without dropout.
CK_DEVICE float multiplier(const CKDropout &dropout, const QueryRowMask &mask, int r) {
  if (dropout.threshold == 0) return 1;
  const uint32_t bits = __shfl_sync(CK_WHOLE_WARP, mask.bits[r / 4], r % 4 * 8 + laneIndex() / 4);
  return bits >> laneIndex() % 4 & 1 ? dropout.scale : 0;
}

// MARK: Sums of the [CLS] row, and units without attention

CK_DEVICE void writeSums(const CKAttentionForward &a, const Unit &unit, float squares, float sum) {
  const int64_t index = (int64_t)unit.text * a.inputs.headCount + unit.head;
  if (a.clsSquareSum != nullptr) a.clsSquareSum[index] = squares;
  if (a.clsSum != nullptr) a.clsSum[index] = sum;
}

CK_DEVICE void clearUnit(const CKAttentionForward &a, const Unit &unit, int32_t firstQuery,
                         int32_t rows) {
  const int64_t stride = (int64_t)a.inputs.headCount * a.inputs.headSize;
  const int64_t query = unit.firstToken + firstQuery;
  const int64_t place = query * stride + unit.head * a.inputs.headSize;
  clearRows(a.context + place, stride, rows, a.inputs.headSize);
  clearRounded(a.roundedContext, place, stride, rows, a.inputs.headSize);
  if (a.logSumExp != nullptr && (int32_t)threadIdx.x < rows)
    a.logSumExp[(query + threadIdx.x) * a.inputs.headCount + unit.head] = 0;
  if (firstQuery == 0 && threadIdx.x == 0 && unit.text < a.inputs.sequenceCount)
    writeSums(a, unit, 0, 0);
}

// MARK: Backward

/// What the kernel of the query tiles finds out about each query row and the kernel of the key
/// tiles reads.
struct RowStatistics {
  float reciprocal;  // 1 / Σ_j exp(score − logSumExp): one unit in the last place of a logSumExp of
                     // 1000 is 6e-5
  float projection;  // Σ_j P[j] · dP[j]
};

CK_DEVICE float clsCoefficient(const CKAttentionBackward &a, const Unit &unit) {
  return a.clsCoefficient == nullptr
             ? 0
             : a.clsCoefficient[(int64_t)unit.text * a.inputs.headCount + unit.head];
}

/// The gradient of one scaled score but for its row's projection: through dropout, and the norm
/// term where `coefficient` is not zero.
CK_DEVICE float weightGradient(float weight, float gradient, float multiplier, float coefficient,
                               bool afterDropout) {
  if (afterDropout) gradient += coefficient * (weight * multiplier);
  gradient *= multiplier;
  return afterDropout ? gradient : gradient + coefficient * weight;
}

#endif
