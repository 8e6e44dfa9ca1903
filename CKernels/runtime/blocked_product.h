/// The blocked product on one thread, for one kind of factors. A block of the right factor is
/// packed and then stays close while panels of rows pass over it.
///
/// Factors are taken in words of 32 bits, each of `depthPerWord` values that follow each other in
/// the depth of one row or column: a float, or two that are rounded. The file that includes this
/// one says how words are made and multiplied, and compiles the loops for its instruction sets:
///
///   enum { depthPerWord, mostColumns, mostColumnsTransposed, readsRowsInPlace };
///   wordsAlong   lane i: the word of column i, whose first value is first[i], the second second[i]
///   wordsAcross  lane i: the word of one row or column that begins at source[i · depthPerWord]
///   multiplyAdd  sum += what the word at `left` and each lane of `right` have as their product
///
/// A panel of the right factor holds some columns, word by word of the depth, so that the kernel
/// reads it in order of memory. One of the left factor holds rows the same way where the factor is
/// transposed, and otherwise row by row. What sticks out of a factor is zero.
#ifndef CK_BLOCKED_PRODUCT_H
#define CK_BLOCKED_PRODUCT_H

#include "parallel.h"
#include "product.h"
#include "scratch.h"
#include "vector.h"

enum {
  mostPanelRows = 12,
  mostPanelVectors = 2,
  // Words of depth that are packed at once. Deep, since the output is written once for each
  // stretch of the depth.
  blockWords = 768,
  // Panels of rows after which the body is called, while the cache holds what was computed.
  groupPanels = 4,
  // How far ahead of its use a value is asked for: the processor does not foresee these strides.
  rowsAhead = 32,
  columnsAhead = 8 * ckLaneCount,
};

CK_INLINE int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

// MARK: Packing

/// The values of a row that is not there.
static const float noRow[mostPanelVectors * ckLaneCount];

/// The words of some columns, of which sixteen at most are packed at once.
CK_INLINE void packWords(float *panel, const float *first, const float *second, int64_t count,
                         int64_t columns) {
  CKLanes a, b, words;
  ck_loadFirst(&a, first, count, 0);
  ck_loadFirst(&b, second, count, 0);
  wordsAlong(&words, (const float *)&a, (const float *)&b);
  ck_storeFirst(panel, &words, columns);
}

/// `count` of the `width` columns of one word of depth, from the row `first` and, where a word has
/// two values, the row `second`.
CK_INLINE void packRow(float *panel, const float *first, const float *second, int32_t count,
                       const int32_t width) {
  const int32_t whole = width / ckLaneCount * ckLaneCount;
  if (count == width) {
    CKLanes words;
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < whole; i += ckLaneCount) {
      wordsAlong(&words, first + i, second + i);
      ck_store(panel + i, &words);
    }
    if (whole < width)
      packWords(panel + whole, first + whole, second + whole, width - whole, width - whole);
    return;
  }
  for (int32_t i = 0; i < width; i += ckLaneCount) {
    int32_t columns = smaller(width - i, ckLaneCount), rest = count - i;
    packWords(panel + i, first + i, second + i, rest < 0 ? 0 : smaller(rest, columns), columns);
  }
}

/// panel[k][i] = the word of column i of `count`, from rows of `source` that lie `stride` apart.
CK_INLINE void packAlong(float *panel, const float *source, int64_t stride, int32_t count,
                         const int32_t width, int32_t depth) {
  for (int32_t k = 0; k < depth; k += depthPerWord, panel += width) {
    // At the end of a panel the next one's rows.
    int64_t ahead = rowsAhead * stride;
    if (k + rowsAhead >= depth) ahead += width - depth * stride;
    for (int32_t value = 0; value < depthPerWord; value++)
#pragma clang loop unroll(full)
      for (int32_t i = 0; i < width; i += ckLaneCount)
        __builtin_prefetch(source + value * stride + ahead + i);
    packRow(panel, source, k + 1 < depth ? source + stride : noRow, count, width);
    source += depthPerWord * stride;
  }
}

/// panel[k][i] = word k of row i of `count`, of sixteen columns i of a panel.
CK_INLINE void packAcrossLanes(float *panel, const int32_t width, const float *source,
                               int64_t stride, int32_t count, int32_t depth) {
  const int32_t blockDepth = ckLaneCount * depthPerWord;
  int32_t k = 0;
  for (; k + blockDepth <= depth; k += blockDepth, panel += ckLaneCount * (int64_t)width) {
    CKLanes block[ckLaneCount] = {};
    // At the end of these columns the next ones.
    int64_t ahead = k + columnsAhead;
    if (ahead >= depth) ahead += ckLaneCount * stride - depth;
    if (count == ckLaneCount) {
#pragma clang loop unroll(full)
      for (int32_t i = 0; i < ckLaneCount; i++) {
#pragma clang loop unroll(full)
        for (int32_t value = 0; value < depthPerWord; value++)
          __builtin_prefetch(source + i * stride + ahead + value * ckLaneCount);
        wordsAcross(&block[i], source + i * stride + k);
      }
    } else {
      for (int32_t i = 0; i < count; i++) wordsAcross(&block[i], source + i * stride + k);
    }
    ck_transpose(block);
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < ckLaneCount; i++) ck_store(panel + i * (int64_t)width, &block[i]);
  }
  if (k == depth) return;
  CKLanes block[ckLaneCount] = {};
  for (int32_t i = 0; i < count; i++) {
    float values[ckLaneCount * depthPerWord] = {};
    memcpy(values, source + i * stride + k, (size_t)(depth - k) * sizeof(float));
    wordsAcross(&block[i], values);
  }
  ck_transpose(block);
  for (int32_t i = 0; k + i * depthPerWord < depth; i++)
    ck_store(panel + i * (int64_t)width, &block[i]);
}

CK_INLINE void packAcross(float *panel, const float *source, int64_t stride, int32_t count,
                          const int32_t width, int32_t depth) {
#pragma clang loop unroll(full)
  for (int32_t i = 0; i < width; i += ckLaneCount) {
    int32_t rest = count - i, real = rest < 0 ? 0 : smaller(rest, ckLaneCount);
    packAcrossLanes(panel + i, width, source + i * stride, stride, real, depth);
  }
}

/// The first `count` of `height` rows, one after the other, `words` words each.
CK_INLINE void packRows(float *panel, const float *source, int64_t stride, int32_t count,
                        const int32_t height, int32_t words, int32_t depth) {
  const int32_t blockDepth = ckLaneCount * depthPerWord;
  memset(panel + count * (int64_t)words, 0, (size_t)(height - count) * words * sizeof(float));
  for (int32_t row = 0; row < count; row++, source += stride) {
    float *target = panel + row * (int64_t)words;
    CKLanes lanes;
    int32_t k = 0;
    for (; k + blockDepth <= depth; k += blockDepth, target += ckLaneCount) {
      wordsAcross(&lanes, source + k);
      ck_store(target, &lanes);
    }
    if (k == depth) continue;
    float values[ckLaneCount * depthPerWord] = {};
    memcpy(values, source + k, (size_t)(depth - k) * sizeof(float));
    wordsAcross(&lanes, values);
    ck_storeFirst(target, &lanes, words - k / depthPerWord);
  }
}

// MARK: Multiplying

/// A panel of the right factor, and the part of the output that it goes into.
typedef struct CKPanels {
  const float *right;
  int32_t words;
  float beta;
  float *output;
  int64_t outputStride;
  int32_t rows, columns;  // of the output from here on
} CKPanels;

/// output = left · right + beta · output for `height` rows and `vectors` × 16 columns, as far as
/// the output goes. left[r · rowStride + k · step] is word k of row r of the left factor.
CK_INLINE void multiplyPanels(const CKPanels *p, const float *left, const int64_t rowStride,
                              const int64_t step, const int height, const int vectors) {
  CKLanes sums[mostPanelRows][mostPanelVectors];
#pragma clang loop unroll(full)
  for (int r = 0; r < height; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[r][v] = (CKLanes){};
  for (int r = 0; r < height && r < p->rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      __builtin_prefetch(p->output + r * p->outputStride + v * ckLaneCount, 1);
  const float *right = p->right;
  for (int32_t k = p->words; k > 0; k--, left += step, right += vectors * ckLaneCount) {
    CKLanes row[mostPanelVectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) ck_load(&row[v], right + v * ckLaneCount);
#pragma clang loop unroll(full)
    for (int r = 0; r < height; r++)
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) multiplyAdd(&sums[r][v], left + r * rowStride, &row[v]);
  }
  // What sticks out of the output goes through memory of its own.
  float block[mostPanelRows * mostPanelVectors * ckLaneCount];
  bool isWhole = p->rows >= height && p->columns >= vectors * ckLaneCount;
  float *target = isWhole ? p->output : block;
  int64_t targetStride = isWhole ? p->outputStride : vectors * ckLaneCount;
  bool adds = isWhole && p->beta != 0;
#pragma clang loop unroll(full)
  for (int r = 0; r < height; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      float *address = target + r * targetStride + v * ckLaneCount;
      if (adds) {
        CKLanes before;
        ck_load(&before, address);
        sums[r][v] += before * p->beta;
      }
      ck_store(address, &sums[r][v]);
    }
  if (isWhole) return;
  for (int32_t r = 0; r < p->rows && r < height; r++)
    for (int32_t c = 0; c < p->columns && c < vectors * ckLaneCount; c++) {
      float *address = p->output + r * p->outputStride + c;
      float sum = block[r * vectors * ckLaneCount + c];
      *address = p->beta == 0 ? sum : sum + p->beta * *address;
    }
}

// MARK: Blocks

typedef struct Job {
  const CKProduct *product;
  CKTileBody body;
  void *context;
  int32_t blockColumns;
  // What is packed of the right factor; of the left one it is a panel at a time.
  int32_t depthStart, depth, words, column, columnCount;
  float *left, *right;
} Job;

CK_INLINE void packRight(const Job *job, const int panelColumns) {
  const CKProduct *p = job->product;
  int64_t stride = p->rightStride, k = job->depthStart;
  for (int32_t start = 0; start < job->columnCount; start += panelColumns) {
    int64_t column = job->column + start;
    int32_t count = smaller(job->columnCount - start, panelColumns);
    float *panel = job->right + start * (int64_t)job->words;
    if (p->transposesRight)
      packAcross(panel, p->right + column * stride + k, stride, count, panelColumns, job->depth);
    else
      packAlong(panel, p->right + k * stride + column, stride, count, panelColumns, job->depth);
  }
}

/// A panel of rows, the output's from `row` on, by the packed columns.
CK_INLINE void multiplyRows(const Job *job, int64_t row, const int panelRows, const int vectors) {
  const CKProduct *p = job->product;
  const int panelColumns = vectors * ckLaneCount;
  const int64_t stride = p->leftStride, k = job->depthStart;
  int32_t rows = p->rows - (int32_t)row;
  // Packing whole rows of words that are there already would cost more than it saves.
  bool isInPlace = readsRowsInPlace && !p->transposesLeft && rows >= panelRows;
  const float *source = p->left + row * stride + k, *left = isInPlace ? source : job->left;
  if (p->transposesLeft)
    packAlong(job->left, p->left + k * stride + row, stride, smaller(rows, panelRows), panelRows,
              job->depth);
  else if (!isInPlace)
    packRows(job->left, source, stride, smaller(rows, panelRows), panelRows, job->words,
             job->depth);
  const int64_t rowStride = isInPlace ? stride : job->words;
  float *output = p->output + row * p->outputStride + job->column;
  for (int32_t column = 0; column < job->columnCount; column += panelColumns) {
    CKPanels panels = {
        .right = job->right + column * (int64_t)job->words,
        .words = job->words,
        .beta = job->depthStart == 0 ? p->beta : 1,
        .output = output + column,
        .outputStride = p->outputStride,
        .rows = rows,
        .columns = job->columnCount - column,
    };
    // The last rows need not cost what a whole panel does.
    bool isHalf = 2 * rows <= panelRows;
    if (p->transposesLeft && isHalf)
      multiplyPanels(&panels, left, 1, panelRows, panelRows / 2, vectors);
    else if (p->transposesLeft)
      multiplyPanels(&panels, left, 1, panelRows, panelRows, vectors);
    else if (isHalf)
      multiplyPanels(&panels, left, rowStride, 1, panelRows / 2, vectors);
    else
      multiplyPanels(&panels, left, rowStride, 1, panelRows, vectors);
  }
}

/// All columns and rows by a stretch of the depth.
CK_INLINE void multiplyStretch(Job *job, const int panelRows, const int vectors) {
  const CKProduct *p = job->product;
  for (job->column = 0; job->column < p->columns; job->column += job->blockColumns) {
    job->columnCount = smaller(p->columns - job->column, job->blockColumns);
    packRight(job, vectors * ckLaneCount);
    for (int32_t first = 0; first < p->rows; first += groupPanels * panelRows) {
      int32_t count = smaller(p->rows - first, groupPanels * panelRows);
      for (int32_t row = first; row < first + count; row += panelRows)
        multiplyRows(job, row, panelRows, vectors);
      if (job->body != NULL && job->depthStart + job->depth == p->depth)
        job->body(job->context, first, count, job->column, job->columnCount);
    }
  }
}

/// A level's panel sizes, which fill its registers, and its compiled loops.
typedef struct Kernel {
  int32_t panelRows, vectors;
  void (*multiply)(Job *job);
} Kernel;

#define CK_KERNEL(name, attributes, rows, vectorCount)                                         \
  attributes static void multiply##name(Job *job) { multiplyStretch(job, rows, vectorCount); } \
  static const Kernel kernel##name = {rows, vectorCount, multiply##name};

/// All stretches of the depth.
CK_INLINE void multiplyBlocks(const Kernel *kernel, const CKProduct *p, CKTileBody body,
                              void *context) {
  Job job = {.product = p, .body = body, .context = context};
  job.blockColumns = p->transposesLeft ? mostColumnsTransposed : mostColumns;
  // Stretches of the depth, all about equally long.
  int64_t words = ck_pieceCount(p->depth, depthPerWord);
  int32_t stretches = (int32_t)ck_pieceCount(words, blockWords);
  int32_t mostWords = (int32_t)ck_pieceCount(words, stretches);
  int64_t rightSize = (int64_t)job.blockColumns * mostWords;
  int64_t leftSize = (int64_t)kernel->panelRows * mostWords;
  // Enough to get huge pages: small ones lie in the cache as chance will have it.
  int64_t byteCount = (rightSize + leftSize) * (int64_t)sizeof(float), least = 4 << 20;
  job.right = ck_scratch(CKScratchPiece, byteCount < least ? least : byteCount);
  job.left = job.right + rightSize;
  for (int64_t stretch = 0; stretch < stretches; stretch++) {
    int64_t start = words * stretch / stretches, end = words * (stretch + 1) / stretches;
    job.words = (int32_t)(end - start);
    job.depthStart = (int32_t)start * depthPerWord;
    job.depth = smaller(job.words * depthPerWord, p->depth - job.depthStart);
    kernel->multiply(&job);
  }
}

#endif
