/// AdamW on a table of which a step's gradient touches few rows.
///
/// All other rows move in that step too, as their moments are not zero, but nobody reads them before a batch names
/// them again. So their steps are put off: `rowSteps` says up to which step a row has been moved, and what it
/// missed is made up in order, with the gradient zero that it had. The bits are those of `CKAdamW` over the
/// whole table. No row may stay behind by more than `ckAdamWHistoryLength` steps.
#ifndef CK_ADAMW_ROWS_H
#define CK_ADAMW_ROWS_H

#include "adamw_factors.h"
CK_BEGIN

enum {
  ckAdamWHistoryLength = 256,
  /// Floats of a step's factors.
  ckAdamWFactorCount = sizeof(CKAdamWFactors) / sizeof(float),
};

typedef struct CKAdamWRows {
  CKAdamW table;                     // the whole table, and the step up to which rows are moved
  int32_t size;                      // columns of the table
  int64_t rowCount;                  // rows to move
  const int32_t *CK_NULLABLE rows;   // [rowCount], each once, on a GPU also -1 for none; null: the first rowCount rows
  bool clearsGradient;               // sets the rows' gradient to zero, instead of the first of the table
  bool hasGradient;                  // whether the last of the steps has a gradient; the others have none
  int32_t *CK_NONNULL rowSteps;      // [rows of the table]
  float *CK_NONNULL history;         // [ckAdamWHistoryLength, ckAdamWFactorCount]: written by a step with a
                                     // gradient, read by those that make it up
} CKAdamWRows;

void ck_adamWRows(const CKAdamWRows *CK_NONNULL arguments);

/// Where the factors of `step` stand in the history.
#ifdef __CUDACC__
__device__
#endif
static inline int64_t ck_adamWHistoryOffset(int64_t step) {
  return step % ckAdamWHistoryLength * ckAdamWFactorCount;
}

CK_END
#endif
