/// The built-in product's loops: packing a factor into panels, and multiplying rows by a panel.
///
/// A panel holds `width` rows of the left factor or columns of the right one, value by value of the
/// depth, so that the kernel reads it in order of memory. What sticks out of the factor is zero.
#ifndef CK_PRODUCT_PANELS_H
#define CK_PRODUCT_PANELS_H

#include "vector.h"

enum {
  mostPanelRows = 12,
  mostPanelVectors = 2,
  // Panels are written sixteen values at a time, and the last write of a narrow one runs over its
  // end.
  panelPadding = ckLaneCount,
  // How far ahead of its use a value is asked for: the processor does not foresee these strides.
  rowsAhead = 32,
  columnsAhead = 8 * ckLaneCount,
};

/// Floats from one panel to the next.
CK_INLINE int64_t panelSize(int32_t width, int32_t depth) {
  return (int64_t)width * depth + panelPadding;
}

CK_INLINE void copyRow(float *panel, const float *source, const int32_t width) {
  CKLanes lanes;
  const int32_t whole = width / ckLaneCount * ckLaneCount;
#pragma clang loop unroll(full)
  for (int32_t i = 0; i < whole; i += ckLaneCount) {
    ck_load(&lanes, source + i);
    ck_store(panel + i, &lanes);
  }
  memcpy(panel + whole, source + whole, (size_t)(width - whole) * sizeof(float));
}

/// panel[k][i] = source[k · stride + i] for i < count.
CK_INLINE void packAlong(float *panel, const float *source, int64_t stride, int32_t count,
                         const int32_t width, int32_t depth) {
  for (int32_t k = 0; k < depth; k++, panel += width, source += stride) {
    // At the end of a panel the next one's rows.
    int64_t ahead = rowsAhead * stride;
    if (k + rowsAhead >= depth) ahead += width - depth * stride;
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < width; i += ckLaneCount) __builtin_prefetch(source + ahead + i);
    if (count == width)
      copyRow(panel, source, width);
    else
      for (int32_t i = 0; i < width; i++) panel[i] = i < count ? source[i] : 0;
  }
}

/// panel[k][i] = source[i · stride + k] for i < count, of at most sixteen columns i of the panel.
CK_INLINE void packAcrossLanes(float *panel, const int32_t width, const float *source,
                               int64_t stride, int32_t count, const int32_t columns,
                               int32_t depth) {
  int32_t k = 0;
  for (; k + ckLaneCount <= depth; k += ckLaneCount) {
    CKLanes block[ckLaneCount] = {};
    // At the end of these columns the next ones.
    int64_t ahead = k + columnsAhead;
    if (ahead >= depth) ahead += ckLaneCount * stride - depth;
    if (count == columns) {
#pragma clang loop unroll(full)
      for (int32_t i = 0; i < columns; i++) {
        __builtin_prefetch(source + i * stride + ahead);
        ck_load(&block[i], source + i * stride + k);
      }
    } else {
      for (int32_t i = 0; i < count; i++) ck_load(&block[i], source + i * stride + k);
    }
    ck_transpose(block);
#pragma clang loop unroll(full)
    for (int32_t i = 0; i < ckLaneCount; i++) ck_store(panel + (k + i) * (int64_t)width, &block[i]);
  }
  for (; k < depth; k++)
    for (int32_t i = 0; i < columns; i++)
      panel[k * (int64_t)width + i] = i < count ? source[i * stride + k] : 0;
}

CK_INLINE void packAcross(float *panel, const float *source, int64_t stride, int32_t count,
                          const int32_t width, int32_t depth) {
#pragma clang loop unroll(full)
  for (int32_t i = 0; i < width; i += ckLaneCount) {
    const int32_t columns = width - i < ckLaneCount ? width - i : ckLaneCount;
    int32_t rest = count - i, real = rest < 0 ? 0 : rest < columns ? rest : columns;
    packAcrossLanes(panel + i, width, source + i * stride, stride, real, columns, depth);
  }
}

/// A panel of the right factor, and the part of the output that it goes into.
typedef struct CKPanels {
  const float *right;
  int32_t depth;
  float beta;
  float *output;
  int64_t outputStride;
  int32_t rows, columns;  // of the output from here on
} CKPanels;

/// output = left · right + beta · output for `height` rows and `vectors` × 16 columns, as far as
/// the output goes. left[r · rowStride + k · step] is row r of the left factor.
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
  for (int32_t k = p->depth; k > 0; k--, left += step, right += vectors * ckLaneCount) {
    CKLanes row[mostPanelVectors];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) ck_load(&row[v], right + v * ckLaneCount);
#pragma clang loop unroll(full)
    for (int r = 0; r < height; r++)
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[r][v] += left[r * rowStride] * row[v];
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

#endif
