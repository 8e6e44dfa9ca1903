#include "adamw_rows.h"

#include "../../runtime/parallel.h"
#include "adamw_lanes.h"

enum { rowsPerPiece = 16 };

typedef struct Job {
  const CKAdamWRows *arguments;
  const CKAdamWFactors *history;
  float gradientScale;
  CKAdamWFactors factors;
} Job;

/// Up to sixteen columns of one row: the steps that it missed, and the one with a gradient.
CK_INLINE void moveLanes(const Job *job, int64_t offset, int64_t count, int64_t reached) {
  const CKAdamWRows *a = job->arguments;
  const CKLanes zero = {};
  CKLanes gradient, parameter, first, second;
  ck_loadFirst(&parameter, a->table.parameter + offset, count, 0);
  ck_loadFirst(&first, a->table.firstMoment + offset, count, 0);
  ck_loadFirst(&second, a->table.secondMoment + offset, count, 0);
  int64_t last = a->table.step - a->hasGradient;
  bool hasMoved = false;
  for (int lane = 0; lane < ckLaneCount; lane++)
    hasMoved |= first[lane] != 0 || second[lane] != 0;
  for (int64_t step = reached + 1; step <= last; step++) {
    const CKAdamWFactors *factors = job->history + step % ckAdamWHistoryLength;
    // A row that no text has named yet has no moments: what is left of its step is the decay.
    if (hasMoved)
      ck_adamWLanes(factors, &zero, &parameter, &first, &second);
    else
      parameter *= factors->decay;
  }
  if (a->hasGradient) {
    ck_loadFirst(&gradient, a->table.gradient + offset, count, 0);
    gradient *= job->gradientScale;
    ck_adamWLanes(&job->factors, &gradient, &parameter, &first, &second);
    if (a->clearsGradient) ck_storeFirst(a->table.gradient + offset, &zero, count);
  }
  ck_storeFirst(a->table.parameter + offset, &parameter, count);
  ck_storeFirst(a->table.firstMoment + offset, &first, count);
  ck_storeFirst(a->table.secondMoment + offset, &second, count);
}

CK_MULTIVERSION_PIECE(movePiece) {
  const Job *job = context;
  const CKAdamWRows *a = job->arguments;
  int64_t start = piece * rowsPerPiece, end = ck_pieceEnd(start, rowsPerPiece, a->rowCount);
  for (int64_t i = start; i < end; i++) {
    int64_t row = a->rows == NULL ? i : a->rows[i];
    int64_t reached = a->rowSteps[row];
    if (reached >= a->table.step) continue;
    for (int64_t column = 0; column < a->size; column += ckLaneCount) {
      int64_t count = a->size - column;
      // The usual width is a constant for the compiler.
      if (count >= ckLaneCount)
        moveLanes(job, row * a->size + column, ckLaneCount, reached);
      else
        moveLanes(job, row * a->size + column, count, reached);
    }
    a->rowSteps[row] = (int32_t)a->table.step;
  }
}

void ck_adamWRows(const CKAdamWRows *arguments) {
  Job job = {
      .arguments = arguments,
      .history = (const CKAdamWFactors *)arguments->history,
      .gradientScale =
          arguments->table.gradientScale == NULL ? 1 : *arguments->table.gradientScale,
      .factors = ck_adamWFactors(&arguments->table),
  };
  if (arguments->hasGradient)
    memcpy(arguments->history + ck_adamWHistoryOffset(arguments->table.step), &job.factors,
           sizeof job.factors);
  ck_parallel(ck_pieceCount(arguments->rowCount, rowsPerPiece), movePiece, &job);
}
