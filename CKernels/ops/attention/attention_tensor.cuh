/// What the attention kernels for tensor cores share: tiles of rounded factors in shared memory,
/// and products of a warp's 16 rows.
///
/// A block works on some rows of one head of one text, 16 a warp, and on 32 rows of another matrix
/// at a time, whatever its shape, so that all shapes give the same bits. What is one column a lane
/// in attention.cuh is a fragment here (cuda/tensor_cores.cuh): with g = lane / 4 and t = lane % 4,
/// a lane has the rows g and g + 8 of its warp's 16 and of every 8 columns the two from 2t on, as
/// sums[column / 8][2 · (row / 8) + column % 2].
#ifndef CK_ATTENTION_TENSOR_CUH
#define CK_ATTENTION_TENSOR_CUH

#include "../../cuda/rounding.cuh"
#include "attention.cuh"

constexpr int tensorRows = ckAttentionTensorRows;
/// Fragments of sums across the 32 columns of a tile.
constexpr int tensorColumns = ckAttentionTile / 8;

/// How a kernel cuts its work (attention_variants.h). `blocks` is the head size in blocks of 32
/// features, rounded up to 1, 2 or 4; the features beyond the head are zeros in shared memory.
template <typename FactorType, int blockCount, int rowCount, int keyCount, int stageCount>
struct Shape {
  using Factor = FactorType;
  static constexpr int blocks = blockCount, rows = rowCount, keys = keyCount, stages = stageCount;
  static constexpr int threads = ckAttentionTensorThreads(rows);
  /// Fragments of sums across a head's features.
  static constexpr int features = 4 * blocks;
  /// Words of a row. Four of padding keep rows at multiples of 16 bytes, and those that a warp
  /// reads together in different banks.
  static constexpr int stride = 32 * blocks / Factor::perWord + ckAttentionPadding;
  /// The same of a row of 32 weights.
  static constexpr int weightStride = ckAttentionTile / Factor::perWord + ckAttentionPadding;
  /// Fours of floats of a row.
  static constexpr int fours = 8 * blocks;
};

CK_DEVICE int32_t fragmentRow() { return laneIndex() / 4; }
CK_DEVICE int32_t fragmentColumn() { return laneIndex() % 4 * 2; }
/// The first of the warp's rows.
CK_DEVICE int32_t warpRow() { return warpIndex() * tensorRows; }

// MARK: Rows on their way into shared memory

/// The rows of a text and a head in device memory: a head's first column, and how many rows.
struct HeadRows {
  const float *values;
  int64_t stride;
  int32_t count, headSize;
};

/// Four floats of row `index` / fours, zeros around the rows and the head.
template <typename S>
CK_DEVICE Four fourOf(const HeadRows &rows, int32_t first, int32_t index) {
  const int32_t row = first + index / S::fours, column = index % S::fours * 4;
  return loadFour(rows.values + row * rows.stride + column,
                  row < rows.count ? fourCount(column, rows.headSize) : 0);
}

template <typename S>
CK_DEVICE void placeFour(uint32_t *tile, const Four &four, int32_t index) {
  uint32_t words[4 / S::Factor::perWord];
  S::Factor::round(words, four);
  uint32_t *place = tile + index / S::fours * S::stride + index % S::fours * 4 / S::Factor::perWord;
#pragma unroll
  for (int word = 0; word < 4 / S::Factor::perWord; word++) place[word] = words[word];
}

/// tile = the rows from `first` on, at most `most`, rounded, with zeros up to a multiple of 32
/// rows.
template <typename S>
CK_DEVICE void loadFactors(uint32_t *tile, const HeadRows &rows, int32_t first, int32_t most) {
  const int32_t count = tileRows(first, rows.count, most);
  const int32_t tiles = (count + ckAttentionTile - 1) / ckAttentionTile;
#pragma unroll 4
  for (int i = 0; i < tiles * (ckAttentionTile * S::fours / S::threads); i++) {
    const int32_t index = (int32_t)threadIdx.x + i * S::threads;
    placeFour<S>(tile, fourOf<S>(rows, first, index), index);
  }
}

/// Two matrices, of which `keys` rows each are in shared memory at a time. In two stages the next
/// rows are on their way meanwhile, in registers, as they are to be rounded.
template <typename S>
struct Pair {
  HeadRows rows[2];
  uint32_t *tiles[2];
  static constexpr int fetched = S::stages == 1 ? 1 : S::keys * S::fours / S::threads;
  Four next[2][fetched];
};

template <typename S>
CK_DEVICE void fetch(Pair<S> &pair, int32_t first) {
#pragma unroll
  for (int matrix = 0; matrix < 2; matrix++)
#pragma unroll
    for (int i = 0; i < Pair<S>::fetched; i++)
      pair.next[matrix][i] =
          fourOf<S>(pair.rows[matrix], first, (int32_t)threadIdx.x + i * S::threads);
}

/// Before the first rows are brought.
template <typename S>
CK_DEVICE void begin(Pair<S> &pair) {
  if (S::stages == 2) fetch(pair, 0);
}

template <typename S>
CK_DEVICE Pair<S> pairOf(const HeadRows &first, const HeadRows &second, uint32_t *tiles) {
  Pair<S> pair;
  pair.rows[0] = first;
  pair.rows[1] = second;
  pair.tiles[0] = tiles;
  pair.tiles[1] = tiles + S::keys * S::stride;
  begin(pair);
  return pair;
}

/// Waits for the readers of the rows that are there, and until those from `first` on are there.
template <typename S>
CK_DEVICE void bring(Pair<S> &pair, int32_t first) {
  __syncthreads();
#pragma unroll
  for (int matrix = 0; matrix < 2; matrix++) {
    if (S::stages == 1) loadFactors<S>(pair.tiles[matrix], pair.rows[matrix], first, S::keys);
#pragma unroll
    for (int i = 0; S::stages == 2 && i < Pair<S>::fetched; i++)
      placeFour<S>(pair.tiles[matrix], pair.next[matrix][i],
                   (int32_t)threadIdx.x + i * S::threads);
  }
  __syncthreads();
  if (S::stages == 2 && first + S::keys < pair.rows[0].count) fetch(pair, first + S::keys);
}

// MARK: Products

/// products[r, j] = left[r] · right[j], of 16 rows and 32 others.
template <typename S>
CK_DEVICE void multiplyRows(float (&products)[tensorColumns][4], const uint32_t *left,
                            const uint32_t *right) {
#pragma unroll
  for (int n = 0; n < tensorColumns; n++)
#pragma unroll
    for (int i = 0; i < 4; i++) products[n][i] = 0;
#pragma unroll
  for (int word = 0; word < S::stride - ckAttentionPadding; word += 8) {
    uint32_t leftWords[4];
    leftOfRows(leftWords, left + word, S::stride);
#pragma unroll
    for (int n = 0; n < tensorColumns; n += 2) {
      uint32_t rightWords[4];
      rightOfColumns(rightWords, right + 8 * n * S::stride + word, S::stride);
      S::Factor::multiplyAdd(products[n], leftWords, rightWords);
      S::Factor::multiplyAdd(products[n + 1], leftWords, rightWords + 2);
    }
  }
}

/// sums += left · rows, of so many terms as a left factor has and `columns` fragments of features.
template <typename S, int columns>
CK_DEVICE void addProducts(float (&sums)[columns][4], const uint32_t (&left)[4],
                           const uint32_t *rows) {
#pragma unroll
  for (int n = 0; n < columns; n += 2) {
    uint32_t right[4];
    S::Factor::rightOfRows(right, rows + n * 8 / S::Factor::perWord, S::stride);
    S::Factor::multiplyAdd(sums[n], left, right);
    S::Factor::multiplyAdd(sums[n + 1], left, right + 2);
  }
}

/// sums[r] += Σ_j weights[r, j] · rows[j], of 16 rows of weights and 32 rows of a tile.
template <typename S>
CK_DEVICE void addWeightedRows(float (&sums)[S::features][4],
                               const float (&weights)[tensorColumns][4], const uint32_t *rows) {
  constexpr int terms = 8 * S::Factor::perWord;
#pragma unroll
  for (int first = 0; first < ckAttentionTile; first += terms) {
    uint32_t left[4];
    S::Factor::leftOfSums(left, weights + first / 8);
    addProducts<S>(sums, left, rows + first * S::stride);
  }
}

/// destination[place + row, column] = factors[row / 8] · sums, for the 16 rows from `firstRow` on
/// that exist, and the fragments of features from `firstColumn` on; in bf16 also rounded, where
/// that is wanted: of even numbers of features.
template <typename S, int columns>
CK_DEVICE void storeFragments(float *destination, uint16_t *rounded, int64_t place, int64_t stride,
                              const float (&sums)[columns][4], const float (&factors)[2],
                              int32_t firstRow, int32_t rows, int32_t firstColumn,
                              int32_t headSize) {
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int32_t row = firstRow + fragmentRow() + 8 * half;
    if (row >= rows) continue;
#pragma unroll
    for (int n = 0; n < columns; n++) {
      const int32_t column = firstColumn + 8 * n + fragmentColumn();
      const int64_t index = place + row * stride + column;
      const float low = factors[half] * sums[n][2 * half],
                  high = factors[half] * sums[n][2 * half + 1];
      if (column < headSize) destination[index] = low;
      if (column + 1 < headSize) destination[index + 1] = high;
      if (S::Factor::perWord == 2 && rounded != nullptr && column < headSize)
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
  const int32_t query = firstQuery + warpRow() + laneIndex() % 16;
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
