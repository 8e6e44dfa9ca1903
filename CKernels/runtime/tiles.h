/// Small dense matrices in a thread's scratch memory, for operations that multiply many of them: rows of whole lanes,
/// with zeros behind the real columns.
#ifndef CK_TILES_H
#define CK_TILES_H

#include "vector.h"

CK_INLINE int64_t ck_wholeLanes(int64_t count) {
  return (count + ckLaneCount - 1) / ckLaneCount * ckLaneCount;
}

/// The next `count` floats of a scratch memory.
CK_INLINE float *ck_take(float **cursor, int64_t count) {
  float *taken = *cursor;
  *cursor += ck_wholeLanes(count);
  return taken;
}

/// output[rows, columns] = alpha · left[rows, depth] · right[depth, columns] (+ output), with `columns` in whole
/// lanes. `left` may lie in any order, so that its transpose is read in place.
typedef struct CKTileProduct {
  int64_t rows, columns, depth;
  const float *left;
  int64_t leftRowStride, leftDepthStride;
  const float *right;
  int64_t rightStride;
  float *output;
  int64_t outputStride;
  float alpha;
  bool accumulates;
} CKTileProduct;

void ck_tileProduct(const CKTileProduct *product);

/// packed[rows, whole lanes] = source[rows, columns].
void ck_packRows(float *packed, const float *source, int64_t sourceStride, int64_t rows,
                 int64_t columns);

/// destination[rows, columns] = packed[rows, whole lanes].
void ck_unpackRows(float *destination, int64_t destinationStride, const float *packed, int64_t rows,
                   int64_t columns);

/// packed[whole lanes of columns, whole lanes of rows] = transpose of source[rows, columns].
void ck_packTransposed(float *packed, const float *source, int64_t sourceStride, int64_t rows,
                       int64_t columns);

/// Zeros in destination[rows, columns].
void ck_clearRows(float *destination, int64_t destinationStride, int64_t rows, int64_t columns);

#endif
