/// What the attention kernels for tensor cores share: tiles of rounded factors in shared memory,
/// and products of a warp's 16 rows.
///
/// A block works on the same tile of 32 rows as in attention.cuh, with two warps. What is one
/// column a lane there is a fragment here (cuda/tensor_cores.cuh): with g = lane / 4 and t = lane %
/// 4, a lane has the rows g and g + 8 of its warp's 16 and of every 8 columns the two from 2t on,
/// as sums[column / 8][2 · (row / 8) + column % 2].
#ifndef CK_ATTENTION_TENSOR_CUH
#define CK_ATTENTION_TENSOR_CUH

#include "../../cuda/rounding.cuh"
#include "attention.cuh"

constexpr int tensorRows = ckAttentionTile / (ckAttentionTensorThreads / ckWarpSize);
/// Fragments of sums across the 32 columns of a tile.
constexpr int tensorColumns = ckAttentionTile / 8;

CK_DEVICE int32_t fragmentRow() { return laneIndex() / 4; }
CK_DEVICE int32_t fragmentColumn() { return laneIndex() % 4 * 2; }

/// 32 rows of 32 · blocks factors. Four words of padding keep the words that a warp reads together
/// in different banks, and rows at multiples of 16 bytes.
template <typename Factor, int blocks>
struct FactorTile {
  static constexpr int stride = 32 * blocks / Factor::perWord + 4;
  static constexpr int size = ckAttentionTile * stride;
};

/// tile[32, 32 · blocks] = source[rows, headSize], rounded, with zeros around it.
template <typename Factor, int blocks>
CK_DEVICE void loadFactors(uint32_t *tile, const float *source, int64_t sourceStride, int32_t rows,
                           int32_t headSize) {
  constexpr int fours = 8 * blocks;
#pragma unroll 4
  for (int i = 0; i < ckAttentionTile * fours / ckAttentionTensorThreads; i++) {
    const int32_t index = (int32_t)threadIdx.x + i * ckAttentionTensorThreads;
    const int32_t row = index / fours, column = index % fours * 4;
    uint32_t words[4 / Factor::perWord];
    Factor::round(words, loadFour(source + row * sourceStride + column,
                                  row < rows ? fourCount(column, headSize) : 0));
#pragma unroll
    for (int word = 0; word < 4 / Factor::perWord; word++)
      tile[row * FactorTile<Factor, blocks>::stride + column / Factor::perWord + word] =
          words[word];
  }
}

/// products[r, j] = left[r] · right[j], of the warp's 16 rows of one tile and the 32 rows of
/// another.
template <typename Factor, int blocks>
CK_DEVICE void multiplyRows(float (&products)[tensorColumns][4], const uint32_t *left,
                            const uint32_t *right) {
  constexpr int stride = FactorTile<Factor, blocks>::stride;
  const int32_t place = fragmentRow() * stride + laneIndex() % 4;
  left += warpIndex() * tensorRows * stride + place;
  right += place;
#pragma unroll
  for (int n = 0; n < tensorColumns; n++)
#pragma unroll
    for (int i = 0; i < 4; i++) products[n][i] = 0;
#pragma unroll
  for (int word = 0; word < 32 * blocks / Factor::perWord; word += 8) {
    const uint32_t leftWords[4] = {left[word], left[8 * stride + word], left[word + 4],
                                   left[8 * stride + word + 4]};
#pragma unroll
    for (int n = 0; n < tensorColumns; n++) {
      const uint32_t rightWords[2] = {right[8 * n * stride + word],
                                      right[8 * n * stride + word + 4]};
      Factor::multiplyAdd(products[n], leftWords, rightWords);
    }
  }
}

/// sums[r] += Σ_j weights[r, j] · rows[j], of the warp's 16 rows of weights and the 32 rows of a
/// tile.
template <typename Factor, int blocks>
CK_DEVICE void addWeightedRows(float (&sums)[4 * blocks][4],
                               const float (&weights)[tensorColumns][4], const uint32_t *rows) {
  constexpr int stride = FactorTile<Factor, blocks>::stride, terms = 8 * Factor::perWord;
#pragma unroll
  for (int first = 0; first < ckAttentionTile; first += terms) {
    uint32_t left[4];
    Factor::leftOfSums(left, weights + first / 8);
#pragma unroll
    for (int n = 0; n < 4 * blocks; n++) {
      uint32_t right[2];
      Factor::rightOfRows(right, rows + first * stride + n * 8 / Factor::perWord, stride);
      Factor::multiplyAdd(sums[n], left, right);
    }
  }
}

/// destination[place + r] = factors[r / 8] · sums[r], for the warp's rows that exist; in bf16 also
/// rounded, where that is wanted: of even numbers of features.
template <typename Factor, int blocks>
CK_DEVICE void storeFragments(float *destination, uint16_t *rounded, int64_t place, int64_t stride,
                              const float (&sums)[4 * blocks][4], const float (&factors)[2],
                              int32_t rows, int32_t headSize) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int32_t row = warpIndex() * tensorRows + fragmentRow() + 8 * half;
    if (row >= rows) continue;
#pragma unroll
    for (int n = 0; n < 4 * blocks; n++) {
      const int32_t column = 8 * n + fragmentColumn();
      const int64_t index = place + row * stride + column;
      const float low = factors[half] * sums[n][2 * half],
                  high = factors[half] * sums[n][2 * half + 1];
      if (column < headSize) destination[index] = low;
      if (column + 1 < headSize) destination[index + 1] = high;
      if (Factor::perWord == 2 && rounded != nullptr && column < headSize)
        storeRounded(rounded + index, low, high);
    }
  }
}

// MARK: Reductions over the four lanes that share a row

CK_DEVICE float quadSum(float x) {
  x += __shfl_xor_sync(CK_WHOLE_WARP, x, 1);
  return x + __shfl_xor_sync(CK_WHOLE_WARP, x, 2);
}

/// A NaN is not seen here; the sums that follow carry it.
CK_DEVICE float quadMaximum(float x) {
  x = fmaxf(x, __shfl_xor_sync(CK_WHOLE_WARP, x, 1));
  return fmaxf(x, __shfl_xor_sync(CK_WHOLE_WARP, x, 2));
}

// MARK: Dropout

/// Bit i says whether the query row keeps key firstKey + i, of 16 keys. Without dropout it keeps
/// all, and the scale is 1.
CK_DEVICE uint32_t keptKeys(const CKAttentionInputs &inputs, const Unit &unit, int32_t query,
                            int32_t firstKey) {
  if (inputs.dropout.threshold == 0) return 0xFFFF;
  uint32_t bits = 0;
#pragma unroll
  for (int group = 0; group < 4; group++)
    bits |= keptBits(inputs.dropout, maskRow(inputs, unit, query), (uint32_t)(firstKey / 4 + group))
            << 4 * group;
  return bits;
}

/// The tile's 32 keys, a bit each, for the lane's two query rows. A lane draws half a row.
struct KeyMask {
  uint32_t bits[2];
};

CK_DEVICE KeyMask keyMask(const CKAttentionInputs &inputs, const Unit &unit, int32_t firstQuery,
                          int32_t firstKey) {
  const int32_t query = firstQuery + warpIndex() * tensorRows + laneIndex() % 16;
  const uint32_t drawn = keptKeys(inputs, unit, query, firstKey + laneIndex() / 16 * 16);
  KeyMask mask;
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int row = fragmentRow() + 8 * half;
    const uint32_t low = __shfl_sync(CK_WHOLE_WARP, drawn, row);
    mask.bits[half] = low | __shfl_sync(CK_WHOLE_WARP, drawn, row + 16) << 16;
  }
  return mask;
}

CK_DEVICE float multiplier(const CKDropout &dropout, const KeyMask &mask, int half, int32_t key) {
  return mask.bits[half] >> key & 1 ? dropout.scale : 0;
}

#endif
