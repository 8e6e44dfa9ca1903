/// Dropout whose mask is a pure function of (seed, step, site, row, column), so that it is never stored,
/// CPU and GPU draw the same one, and a resumed run draws what the uninterrupted one would have.
///
/// Element (row, column) is kept when
///   philox4x32_10(counter = {column / 4, row + firstRow, site, step}, key = seed)[column % 4] >= threshold,
/// and is then multiplied by `scale`. With threshold 0 every element is kept and scale is 1.
#ifndef CK_DROPOUT_H
#define CK_DROPOUT_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKDropout {
  uint32_t seedLow, seedHigh;
  uint32_t step;
  uint32_t site;
  /// Row of the whole batch at which this piece of it begins, so that a batch cut in two draws the same mask.
  uint32_t firstRow;
  /// floor(probability · 2^32); 0 switches dropout off.
  uint32_t threshold;
  /// 1 / (1 − probability).
  float scale;
  /// On a GPU: where the step stands, instead of `step`, for a launch that is recorded once for many.
  const uint32_t *CK_NULLABLE stepAddress;
} CKDropout;

/// values[r, c] ← kept(r, c) ? values[r, c] · scale : 0, in place. Its own gradient: apply it to dValues.
typedef struct CKDropoutInPlace {
  int32_t rowCount, columnCount;
  float *CK_NONNULL values;
  CKDropout dropout;
} CKDropoutInPlace;

void ck_dropoutInPlace(const CKDropoutInPlace *CK_NONNULL arguments);

CK_END
#endif
