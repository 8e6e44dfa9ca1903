// The blocked product on one thread. A block of the right factor is packed and then stays in the
// second-level cache while blocks of rows, each small enough for the first-level one, pass over it.
// Whole blocks of rows of a left factor that is not transposed are read where they lie, since
// packing them would cost more than it saves.
#include "parallel.h"
#include "product.h"
#include "product_panels.h"
#include "scratch.h"

enum {
  // Deep, since the output is written once for each stretch of the depth; and both blocks together
  // fit into a second-level cache of 1 MB.
  blockDepth = 768,
  blockColumns = 192,
  // Panels of rows that are multiplied, and finished by the body, one after the other: as many as
  // share cache lines in a transposed factor.
  groupPanels = 4,
};

typedef struct Job {
  const CKProduct *product;
  CKTileBody body;
  void *context;
  // What is packed of the right factor, and the group of rows.
  int32_t depthStart, depth, column, columnCount, row, rowCount;
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
      packAlong(panel, p->right + k * stride + column, stride, count, panelColumns, 1, job->depth);
  }
}

/// Packs the rows of a group from `start` on.
CK_INLINE void packLeft(const Job *job, int32_t start, const int panelRows) {
  const CKProduct *p = job->product;
  int64_t stride = p->leftStride, k = job->depthStart, row = job->row + start;
  int32_t count = job->rowCount - start;
  float *panel = job->left + start / panelRows * panelSize(panelRows, job->depth);
  if (p->transposesLeft)
    packAlong(panel, p->left + k * stride + row, stride, count, panelRows, groupPanels, job->depth);
  else
    packAcross(panel, p->left + row * stride + k, stride, count, panelRows, job->depth);
}

/// One panel of rows, the group's from `start` on, by the packed columns.
CK_INLINE void multiplyRows(const Job *job, int32_t start, const int panelRows, const int vectors,
                            const bool isPacked) {
  const CKProduct *p = job->product;
  const int panelColumns = vectors * ckLaneCount;
  int64_t row = job->row + start;
  int32_t rows = job->rowCount - start;
  const float *left = isPacked ? job->left + start / panelRows * panelSize(panelRows, job->depth)
                               : p->left + row * p->leftStride + job->depthStart;
  for (int32_t column = 0; column < job->columnCount; column += panelColumns) {
    CKPanels panels = {
        .right = job->right + column / panelColumns * panelSize(panelColumns, job->depth),
        .depth = job->depth,
        .beta = job->depthStart == 0 ? p->beta : 1,
        .output = p->output + row * p->outputStride + job->column + column,
        .outputStride = p->outputStride,
        .rows = rows,
        .columns = job->columnCount - column,
    };
    if (!isPacked)
      multiplyPanels(&panels, left, p->leftStride, 1, panelRows, vectors);
    else if (2 * rows > panelRows)
      multiplyPanels(&panels, left, 1, panelRows, panelRows, vectors);
    else  // The last rows need not cost what a whole block does.
      multiplyPanels(&panels, left, 1, panelRows, panelRows / 2, vectors);
  }
}

CK_INLINE void multiplyGroup(const Job *job, const int panelRows, const int vectors) {
  const CKProduct *p = job->product;
  // Rows before these are read where they lie.
  int32_t firstPacked = p->transposesLeft ? 0 : job->rowCount / panelRows * panelRows;
  if (firstPacked < job->rowCount) packLeft(job, firstPacked, panelRows);
  for (int32_t start = 0; start < firstPacked; start += panelRows)
    multiplyRows(job, start, panelRows, vectors, false);
  for (int32_t start = firstPacked; start < job->rowCount; start += panelRows)
    multiplyRows(job, start, panelRows, vectors, true);
  if (job->body != NULL && job->depthStart + job->depth == p->depth)
    job->body(job->context, job->row, job->rowCount, job->column, job->columnCount);
}

/// All columns and rows by a stretch of the depth.
CK_INLINE void multiplyStretch(Job *job, const int panelRows, const int vectors) {
  const CKProduct *p = job->product;
  for (job->column = 0; job->column < p->columns; job->column += blockColumns) {
    job->columnCount = smaller(p->columns - job->column, blockColumns);
    packRight(job, vectors * ckLaneCount);
    for (job->row = 0; job->row < p->rows; job->row += groupPanels * panelRows) {
      job->rowCount = smaller(p->rows - job->row, groupPanels * panelRows);
      multiplyGroup(job, panelRows, vectors);
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
  // Stretches of the depth, all about equally long.
  int32_t stretches = (int32_t)ck_pieceCount(p->depth, blockDepth);
  int32_t mostDepth = (int32_t)ck_pieceCount(p->depth, stretches);
  int64_t rightSize = blockColumns / panelColumns * panelSize(panelColumns, mostDepth);
  int64_t leftSize = groupPanels * panelSize(kernel.panelRows, mostDepth);
  // Enough to get huge pages: small ones lie in the cache as chance will have it.
  int64_t byteCount = (rightSize + leftSize) * (int64_t)sizeof(float), least = 4 << 20;
  job.right = ck_scratch(CKScratchOperation, byteCount < least ? least : byteCount);
  job.left = job.right + rightSize;
  for (int64_t stretch = 0; stretch < stretches; stretch++) {
    job.depthStart = (int32_t)(p->depth * stretch / stretches);
    job.depth = (int32_t)(p->depth * (stretch + 1) / stretches) - job.depthStart;
    kernel.multiply(&job);
  }
}
