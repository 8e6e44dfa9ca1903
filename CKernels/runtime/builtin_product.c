// The blocked product. All threads together pack a block of the right factor, which then stays in
// the caches while blocks of rows, each small enough for the first-level cache, pass over it. Whole
// blocks of rows of a left factor that is not transposed are read where they lie, since packing
// them would cost more than it saves. Everything is cut by sizes alone.
#include "parallel.h"
#include "product.h"
#include "product_panels.h"
#include "scratch.h"

enum {
  // A deep block writes the output seldom: that is worth more than a block that fits into the
  // second-level cache.
  blockDepth = 768,
  blockColumns = 384,
  // Blocks of rows and columns in a piece: so little work that no thread waits long. Columns are
  // multiples of every panel's width.
  pieceBlocks = 2,
  pieceColumns = 192,
};

typedef struct Job {
  const CKProduct *product;
  CKTileBody body;
  void *context;
  int32_t blocks;            // of rows
  int32_t firstPackedBlock;  // those before it are read where they lie
  // What is packed of the right factor, and how many panels of the left one go with it.
  int32_t column, columnCount, depthStart, depth, leftPanels;
  float *left, *right;
} Job;

CK_INLINE int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

CK_INLINE void packLeft(const Job *job, int64_t index, const int panelRows) {
  const CKProduct *p = job->product;
  float *panel = job->left + index * panelSize(panelRows, job->depth);
  int32_t row = (job->firstPackedBlock + (int32_t)index) * panelRows;
  int32_t count = smaller(p->rows - row, panelRows);
  int64_t stride = p->leftStride, k = job->depthStart;
  if (p->transposesLeft)
    packAlong(panel, p->left + k * stride + row, stride, count, panelRows, job->depth);
  else
    packAcross(panel, p->left + row * stride + k, stride, count, panelRows, job->depth);
}

CK_INLINE void packRight(const Job *job, int64_t index, const int panelColumns) {
  const CKProduct *p = job->product;
  float *panel = job->right + index * panelSize(panelColumns, job->depth);
  int32_t column = job->column + (int32_t)index * panelColumns;
  int32_t count = smaller(job->column + job->columnCount - column, panelColumns);
  int64_t stride = p->rightStride, k = job->depthStart;
  if (p->transposesRight)
    packAcross(panel, p->right + column * stride + k, stride, count, panelColumns, job->depth);
  else
    packAlong(panel, p->right + k * stride + column, stride, count, panelColumns, job->depth);
}

CK_INLINE void packPiece(const Job *job, int64_t piece, const int panelRows,
                         const int panelColumns) {
  if (piece < job->leftPanels)
    packLeft(job, piece, panelRows);
  else
    packRight(job, piece - job->leftPanels, panelColumns);
}

/// One block of rows by the packed columns from `start` to `end`.
CK_INLINE void multiplyBlock(const Job *job, int32_t block, int32_t start, int32_t end,
                             const int panelRows, const int vectors) {
  const CKProduct *p = job->product;
  const int panelColumns = vectors * ckLaneCount;
  int32_t row = block * panelRows, rows = p->rows - row, packed = block - job->firstPackedBlock;
  const float *inPlace = p->left + row * (int64_t)p->leftStride + job->depthStart;
  const float *panel = job->left + packed * panelSize(panelRows, job->depth);
  float *output = p->output + row * (int64_t)p->outputStride + job->column;
  for (int32_t column = start; column < end; column += panelColumns) {
    CKPanels panels = {
        .right = job->right + column / panelColumns * panelSize(panelColumns, job->depth),
        .depth = job->depth,
        .beta = job->depthStart == 0 ? p->beta : 1,
        .output = output + column,
        .outputStride = p->outputStride,
        .rows = rows,
        .columns = job->columnCount - column,
    };
    if (packed < 0)
      multiplyPanels(&panels, inPlace, p->leftStride, 1, panelRows, vectors);
    else if (2 * rows > panelRows)
      multiplyPanels(&panels, panel, 1, panelRows, panelRows, vectors);
    else  // The last rows need not cost what a whole block does.
      multiplyPanels(&panels, panel, 1, panelRows, panelRows / 2, vectors);
  }
}

CK_INLINE void multiplyPiece(const Job *job, int64_t piece, const int panelRows,
                             const int vectors) {
  const CKProduct *p = job->product;
  int64_t columnPieces = ck_pieceCount(job->columnCount, pieceColumns);
  int32_t first = (int32_t)(piece / columnPieces) * pieceBlocks;
  int32_t last = smaller(first + pieceBlocks, job->blocks);
  int32_t column = (int32_t)(piece % columnPieces) * pieceColumns;
  int32_t columnEnd = smaller(column + pieceColumns, job->columnCount);
  for (int32_t block = first; block < last; block++)
    multiplyBlock(job, block, column, columnEnd, panelRows, vectors);
  if (job->body == NULL || job->depthStart + job->depth < p->depth) return;
  int32_t row = first * panelRows, rowCount = smaller(last * panelRows, p->rows) - row;
  job->body(job->context, row, rowCount, job->column + column, columnEnd - column);
}

/// A level's panel sizes, which fill its registers, and its compiled loops.
typedef struct Kernel {
  int32_t panelRows, vectors;
  CKBody pack, multiply;
} Kernel;

#define CK_KERNEL(name, attributes, rows, vectorCount)                  \
  attributes static void pack##name(void *context, int64_t piece) {     \
    packPiece(context, piece, rows, (vectorCount) * ckLaneCount);       \
  }                                                                     \
  attributes static void multiply##name(void *context, int64_t piece) { \
    multiplyPiece(context, piece, rows, vectorCount);                   \
  }                                                                     \
  static const Kernel kernel##name = {rows, vectorCount, pack##name, multiply##name};

// 32 registers of 512 bits, 16 of 256, 16 of 128 (32 on ARM).
#if defined(__x86_64__)
CK_KERNEL(AVX512, CK_AVX512, 12, 2)
CK_KERNEL(AVX2, CK_AVX2, 6, 1)
CK_KERNEL(Baseline, , 2, 1)
#else
CK_KERNEL(Baseline, , 6, 1)
#endif

static Kernel chooseKernel(void) {
#if defined(__x86_64__)
  switch (ck_level()) {
    case CKLevelAVX512:
      return kernelAVX512;
    case CKLevelAVX2:
      return kernelAVX2;
    case CKLevelBaseline:
      break;
  }
#endif
  return kernelBaseline;
}

/// Runs all pieces, of a small product in place.
static void run(const Job *job, int64_t pieces, CKBody body) {
  bool isSmall = ck_isSmallProduct(job->product);
  for (int64_t piece = 0; isSmall && piece < pieces; piece++) body((void *)job, piece);
  if (!isSmall) ck_parallel(pieces, body, (void *)job);
}

void ck_builtInProduct(const CKProduct *product, CKTileBody body, void *context) {
  const CKProduct *p = product;
  const Kernel kernel = chooseKernel();
  int32_t panelColumns = kernel.vectors * ckLaneCount;
  Job job = {.product = p, .body = body, .context = context};
  job.blocks = (int32_t)ck_pieceCount(p->rows, kernel.panelRows);
  job.firstPackedBlock = p->transposesLeft ? 0 : p->rows / kernel.panelRows;
  // Stretches of the depth, all about equally long.
  int32_t stretches = (int32_t)ck_pieceCount(p->depth, blockDepth);
  int32_t mostDepth = (int32_t)ck_pieceCount(p->depth, stretches);
  int64_t rightSize = blockColumns / panelColumns * panelSize(panelColumns, mostDepth);
  int64_t leftSize = (job.blocks - job.firstPackedBlock) * panelSize(kernel.panelRows, mostDepth);
  // Enough to get huge pages: small ones lie in the cache as chance will have it.
  int64_t byteCount = (rightSize + leftSize) * (int64_t)sizeof(float), least = 4 << 20;
  job.right = ck_scratch(CKScratchOperation, byteCount < least ? least : byteCount);
  job.left = job.right + rightSize;
  for (int64_t stretch = 0; stretch < stretches; stretch++) {
    job.depthStart = (int32_t)(p->depth * stretch / stretches);
    job.depth = (int32_t)(p->depth * (stretch + 1) / stretches) - job.depthStart;
    for (job.column = 0; job.column < p->columns; job.column += blockColumns) {
      job.columnCount = smaller(p->columns - job.column, blockColumns);
      job.leftPanels = job.column == 0 ? job.blocks - job.firstPackedBlock : 0;
      run(&job, job.leftPanels + ck_pieceCount(job.columnCount, panelColumns), kernel.pack);
      run(&job,
          ck_pieceCount(job.blocks, pieceBlocks) * ck_pieceCount(job.columnCount, pieceColumns),
          kernel.multiply);
    }
  }
}
