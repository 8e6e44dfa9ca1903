// The blocked product on one thread. A block of the right factor is packed and then stays in the
// second-level cache while panels of rows pass over it. Whole panels of a left factor that is not
// transposed are read where they lie, since packing them would cost more than it saves.
#include "parallel.h"
#include "product.h"
#include "product_panels.h"
#include "scratch.h"

enum {
  // Deep, since the output is written once for each stretch of the depth; and few columns, so that
  // a block fits into a second-level cache of 1 MB.
  blockDepth = 768,
  mostColumns = 192,
  // A transposed left factor is packed anew for each block of columns, which costs more than a
  // block that leaves the cache.
  mostColumnsTransposed = 384,
  // Panels of rows after which the body is called, while the cache holds what was computed.
  groupPanels = 4,
};

typedef struct Job {
  const CKProduct *product;
  CKTileBody body;
  void *context;
  int32_t blockColumns;
  // What is packed of the right factor; of the left one it is a panel at a time.
  int32_t depthStart, depth, column, columnCount;
  float *left, *right;
} Job;

CK_INLINE int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

CK_INLINE void packRight(const Job *job, const int panelColumns) {
  const CKProduct *p = job->product;
  int64_t stride = p->rightStride, k = job->depthStart;
  for (int32_t start = 0; start < job->columnCount; start += panelColumns) {
    int64_t column = job->column + start;
    int32_t count = smaller(job->columnCount - start, panelColumns);
    float *panel = job->right + start / panelColumns * panelSize(panelColumns, job->depth);
    if (p->transposesRight)
      packAcross(panel, p->right + column * stride + k, stride, count, panelColumns, job->depth);
    else
      packAlong(panel, p->right + k * stride + column, stride, count, panelColumns, job->depth);
  }
}

CK_INLINE void packLeft(const Job *job, int64_t row, int32_t rows, const int panelRows) {
  const CKProduct *p = job->product;
  int64_t stride = p->leftStride, k = job->depthStart;
  int32_t count = smaller(rows, panelRows);
  if (p->transposesLeft)
    packAlong(job->left, p->left + k * stride + row, stride, count, panelRows, job->depth);
  else
    packAcross(job->left, p->left + row * stride + k, stride, count, panelRows, job->depth);
}

/// A panel of rows, the output's from `row` on, by the packed columns.
CK_INLINE void multiplyRows(const Job *job, int64_t row, const int panelRows, const int vectors) {
  const CKProduct *p = job->product;
  const int panelColumns = vectors * ckLaneCount;
  int32_t rows = p->rows - (int32_t)row;
  bool isInPlace = !p->transposesLeft && rows >= panelRows;
  if (!isInPlace) packLeft(job, row, rows, panelRows);
  const float *left = p->left + row * p->leftStride + job->depthStart;
  float *output = p->output + row * p->outputStride + job->column;
  for (int32_t column = 0; column < job->columnCount; column += panelColumns) {
    CKPanels panels = {
        .right = job->right + column / panelColumns * panelSize(panelColumns, job->depth),
        .depth = job->depth,
        .beta = job->depthStart == 0 ? p->beta : 1,
        .output = output + column,
        .outputStride = p->outputStride,
        .rows = rows,
        .columns = job->columnCount - column,
    };
    if (isInPlace)
      multiplyPanels(&panels, left, p->leftStride, 1, panelRows, vectors);
    else if (2 * rows > panelRows)
      multiplyPanels(&panels, job->left, 1, panelRows, panelRows, vectors);
    else  // The last rows need not cost what a whole panel does.
      multiplyPanels(&panels, job->left, 1, panelRows, panelRows / 2, vectors);
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

void ck_builtInProduct(const CKProduct *product, CKTileBody body, void *context) {
  const CKProduct *p = product;
  const Kernel kernel = chooseKernel();
  int32_t panelColumns = kernel.vectors * ckLaneCount;
  Job job = {.product = p, .body = body, .context = context};
  job.blockColumns = p->transposesLeft ? mostColumnsTransposed : mostColumns;
  // Stretches of the depth, all about equally long.
  int32_t stretches = (int32_t)ck_pieceCount(p->depth, blockDepth);
  int32_t mostDepth = (int32_t)ck_pieceCount(p->depth, stretches);
  int64_t rightSize = job.blockColumns / panelColumns * panelSize(panelColumns, mostDepth);
  int64_t leftSize = panelSize(kernel.panelRows, mostDepth);
  // Enough to get huge pages: small ones lie in the cache as chance will have it.
  int64_t byteCount = (rightSize + leftSize) * (int64_t)sizeof(float), least = 4 << 20;
  job.right = ck_scratch(CKScratchPiece, byteCount < least ? least : byteCount);
  job.left = job.right + rightSize;
  for (int64_t stretch = 0; stretch < stretches; stretch++) {
    job.depthStart = (int32_t)(p->depth * stretch / stretches);
    job.depth = (int32_t)(p->depth * (stretch + 1) / stretches) - job.depthStart;
    kernel.multiply(&job);
  }
}
