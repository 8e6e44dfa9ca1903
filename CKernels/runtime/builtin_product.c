// The blocked product: panels of both factors are packed so that the innermost kernel reads memory
// in order, and the kernel keeps a block of the output in registers. A block of the right factor
// stays in the second-level cache while panels of the left factor, each small enough for the
// first-level cache, pass over it.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include "product.h"
#include "vector.h"

enum {
  blockDepth = 384,
  blockColumns = 480,  // a multiple of every panel's width
  mostPanelRows = 16,
  mostPanelColumns = 48,
};

typedef float Quad __attribute__((vector_size(16), aligned(4), may_alias));

/// Packed panels of the calling thread, kept from one product to the next.
typedef struct Buffers {
  float right[blockDepth * blockColumns];
  float left[blockDepth * mostPanelRows];
} Buffers;

static pthread_key_t bufferKey;
static pthread_once_t bufferOnce = PTHREAD_ONCE_INIT;
static void makeBufferKey(void) { pthread_key_create(&bufferKey, ck_free); }

static Buffers *threadBuffers(void) {
  pthread_once(&bufferOnce, makeBufferKey);
  Buffers *buffers = pthread_getspecific(bufferKey);
  if (buffers == NULL) {
    buffers = ck_allocate(sizeof *buffers);
    if (buffers == NULL) {
      fputs("There is no memory left for a matrix product.\n", stderr);
      abort();
    }
    pthread_setspecific(bufferKey, buffers);
  }
  return buffers;
}

/// packed[k][i] = source[k · stride + i] for i < count; the rest of each `width` is zero.
CK_INLINE void packAlong(float *packed, const float *source, int64_t stride, int32_t count,
                         int32_t width, int32_t depth) {
  for (int32_t k = 0; k < depth; k++, packed += width, source += stride) {
    if (count == width) {
      for (int32_t i = 0; i < width; i++) packed[i] = source[i];
    } else {
      for (int32_t i = 0; i < width; i++) packed[i] = i < count ? source[i] : 0;
    }
  }
}

/// packed[k][i] = source[i · stride + k] for i < count; the rest of each `width` is zero. Four by
/// four at a time.
CK_INLINE void packAcross(float *packed, const float *source, int64_t stride, int32_t count,
                          int32_t width, int32_t depth) {
  int32_t whole = depth & ~3;
  for (int32_t i = 0; i < width; i += 4) {
    int32_t rows = count - i, quads = rows >= 4 && i + 4 <= width ? whole : 0;
    const float *row = source + i * stride;
    float *out = packed + i;
    for (int32_t k = 0; k < quads; k += 4) {
      Quad a = *(const Quad *)(row + k), b = *(const Quad *)(row + stride + k);
      Quad c = *(const Quad *)(row + 2 * stride + k), d = *(const Quad *)(row + 3 * stride + k);
      Quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5),
           AB = __builtin_shufflevector(a, b, 2, 6, 3, 7);
      Quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5),
           CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
      *(Quad *)(out + (k + 0) * width) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
      *(Quad *)(out + (k + 1) * width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
      *(Quad *)(out + (k + 2) * width) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
      *(Quad *)(out + (k + 3) * width) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
    }
    for (int32_t k = quads; k < depth; k++)
      for (int32_t r = 0; r < 4 && i + r < width; r++)
        out[k * width + r] = r < rows ? row[r * stride + k] : 0;
  }
}

/// A block of panelRows × (16 · vectors) sums over the packed depth, added to `output` scaled by
/// beta.
CK_INLINE void multiplyPanels(const float *left, const float *right, int32_t depth, float beta,
                              float *output, int64_t outputStride, int32_t rows, int32_t columns,
                              const int panelRows, const int vectors) {
  CKLanes sums[mostPanelRows][mostPanelColumns / ckLaneCount];
#pragma clang loop unroll(full)
  for (int r = 0; r < panelRows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[r][v] = (CKLanes){};
  for (int32_t k = 0; k < depth; k++, left += panelRows, right += vectors * ckLaneCount) {
    CKLanes row[mostPanelColumns / ckLaneCount];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) ck_load(&row[v], right + v * ckLaneCount);
#pragma clang loop unroll(full)
    for (int r = 0; r < panelRows; r++) {
      CKLanes value = (CKLanes){} + left[r];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[r][v] += value * row[v];
    }
  }
  // A block that sticks out of the output goes through memory of its own.
  float block[mostPanelRows * mostPanelColumns];
  bool isWhole = rows >= panelRows && columns >= vectors * ckLaneCount;
  float *target = isWhole ? output : block;
  int64_t targetStride = isWhole ? outputStride : vectors * ckLaneCount;
  bool adds = isWhole && beta != 0;
#pragma clang loop unroll(full)
  for (int r = 0; r < panelRows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      float *address = target + r * targetStride + v * ckLaneCount;
      if (adds) {
        CKLanes before;
        ck_load(&before, address);
        sums[r][v] += before * beta;
      }
      ck_store(address, &sums[r][v]);
    }
  if (isWhole) return;
  for (int32_t r = 0; r < rows && r < panelRows; r++)
    for (int32_t c = 0; c < columns && c < vectors * ckLaneCount; c++) {
      float *address = output + r * outputStride + c;
      *address = block[r * vectors * ckLaneCount + c] + (beta == 0 ? 0 : beta * *address);
    }
}

CK_INLINE int32_t smaller(int32_t a, int32_t b) { return a < b ? a : b; }

CK_INLINE void multiply(const CKProduct *p, Buffers *buffers, const int panelRows,
                        const int vectors) {
  const int panelColumns = vectors * ckLaneCount;
  for (int32_t column = 0; column < p->columns; column += blockColumns) {
    int32_t columns = smaller(p->columns - column, blockColumns);
    for (int32_t k = 0; k < p->depth; k += blockDepth) {
      int32_t depth = smaller(p->depth - k, blockDepth);
      for (int32_t j = 0; j < columns; j += panelColumns) {
        float *packed = buffers->right + j * depth;
        int32_t count = smaller(columns - j, panelColumns);
        if (p->transposesRight)
          packAcross(packed, p->right + (column + j) * (int64_t)p->rightStride + k, p->rightStride,
                     count, panelColumns, depth);
        else
          packAlong(packed, p->right + k * (int64_t)p->rightStride + column + j, p->rightStride,
                    count, panelColumns, depth);
      }
      for (int32_t i = 0; i < p->rows; i += panelRows) {
        int32_t rows = smaller(p->rows - i, panelRows);
        if (p->transposesLeft)
          packAlong(buffers->left, p->left + k * (int64_t)p->leftStride + i, p->leftStride, rows,
                    panelRows, depth);
        else
          packAcross(buffers->left, p->left + i * (int64_t)p->leftStride + k, p->leftStride, rows,
                     panelRows, depth);
        for (int32_t j = 0; j < columns; j += panelColumns)
          multiplyPanels(buffers->left, buffers->right + j * depth, depth, k == 0 ? p->beta : 1,
                         p->output + i * (int64_t)p->outputStride + column + j, p->outputStride,
                         rows, columns - j, panelRows, vectors);
      }
    }
  }
}

// Panel sizes fill the registers of each instruction set: 32 of 512 bits, 16 of 256, 16 of 128 (32
// on ARM).
#if defined(__x86_64__)
CK_AVX512 static void multiplyAVX512(const CKProduct *p, Buffers *buffers) {
  multiply(p, buffers, 12, 2);
}

CK_AVX2 static void multiplyAVX2(const CKProduct *p, Buffers *buffers) {
  multiply(p, buffers, 6, 1);
}

static void multiplyBaseline(const CKProduct *p, Buffers *buffers) { multiply(p, buffers, 2, 1); }
#else
static void multiplyBaseline(const CKProduct *p, Buffers *buffers) { multiply(p, buffers, 6, 1); }
#endif

void ck_builtInProduct(const CKProduct *p) {
  Buffers *buffers = threadBuffers();
#if defined(__x86_64__)
  switch (ck_level()) {
    case CKLevelAVX512:
      multiplyAVX512(p, buffers);
      return;
    case CKLevelAVX2:
      multiplyAVX2(p, buffers);
      return;
    case CKLevelBaseline:
      break;
  }
#endif
  multiplyBaseline(p, buffers);
}
