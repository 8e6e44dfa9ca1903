/// The mask of one row, for the operations that apply dropout on the way.
#ifndef CK_DROPOUT_ROW_H
#define CK_DROPOUT_ROW_H

#include "../../runtime/philox.h"
#include "dropout.h"

/// Columns that are drawn at once: eight counters of four words.
enum { ckDropoutGroup = 32 };

/// What all rows of an operation have in common.
typedef struct CKDropoutRows {
  CKPhiloxKeys keys;
  uint32_t firstRow, site, step, threshold;
  float scale;
} CKDropoutRows;

CK_INLINE void ck_dropoutRows(CKDropoutRows *rows, const CKDropout *dropout) {
  ck_philoxKeys(&rows->keys, dropout->seedLow, dropout->seedHigh);
  rows->firstRow = dropout->firstRow;
  rows->site = dropout->site;
  rows->step = dropout->step;
  rows->threshold = dropout->threshold;
  rows->scale = dropout->scale;
}

/// Writes `scale` or 0 for the columns 0 ..< columnCount of a row. `multipliers` has room for whole groups of
/// columns, and all of them are written.
CK_INLINE void ck_dropoutRow(float *restrict multipliers, const CKDropoutRows *restrict rows,
                             int64_t row, int64_t columnCount) {
  const CKWideWords lane = {0, 1, 2, 3, 4, 5, 6, 7};
  const CKWords scale = (CKWords)((CKLanes){} + rows->scale);
  const CKWords threshold = (CKWords){} + rows->threshold;
  const uint32_t word1 = (uint32_t)row + rows->firstRow, site = rows->site, step = rows->step;
  for (int64_t column = 0; column < columnCount; column += ckDropoutGroup) {
    CKWideWords counter = lane + (uint64_t)column / 4;
    CKWords words[2];
    ck_philoxEight(&words[0], &words[1], &counter, word1, site, step, &rows->keys);
    for (int half = 0; half < 2; half++) {
      CKLanes kept = (CKLanes)((CKWords)(words[half] >= threshold) & scale);
      ck_store(multipliers + column + half * ckLaneCount, &kept);
    }
  }
}

#endif
