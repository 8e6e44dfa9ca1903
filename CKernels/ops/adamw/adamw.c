#include "adamw_lanes.h"

#include "../../runtime/parallel.h"

enum { pieceSize = 1 << 14 };

typedef struct Step {
  const CKAdamW *arguments;
  float gradientScale;
  CKAdamWFactors factors;
} Step;

CK_MULTIVERSION(updateRange, (const Step *step, int64_t start, int64_t end), (step, start, end)) {
  const CKAdamW *a = step->arguments;
  const Step s = *step;
  const CKLanes zero = {};
  for (int64_t i = start; i < end; i += ckLaneCount) {
    CKLanes gradient, parameter, first, second;
    int64_t count = end - i;
    if (count >= ckLaneCount) {
      ck_load(&gradient, a->gradient + i);
      ck_load(&parameter, a->parameter + i);
      ck_load(&first, a->firstMoment + i);
      ck_load(&second, a->secondMoment + i);
      gradient *= s.gradientScale;
      ck_adamWLanes(&s.factors, &gradient, &parameter, &first, &second);
      ck_store(a->parameter + i, &parameter);
      ck_store(a->firstMoment + i, &first);
      ck_store(a->secondMoment + i, &second);
    } else {
      ck_loadFirst(&gradient, a->gradient + i, count, 0);
      ck_loadFirst(&parameter, a->parameter + i, count, 0);
      ck_loadFirst(&first, a->firstMoment + i, count, 0);
      ck_loadFirst(&second, a->secondMoment + i, count, 0);
      gradient *= s.gradientScale;
      ck_adamWLanes(&s.factors, &gradient, &parameter, &first, &second);
      ck_storeFirst(a->parameter + i, &parameter, count);
      ck_storeFirst(a->firstMoment + i, &first, count);
      ck_storeFirst(a->secondMoment + i, &second, count);
    }
    int64_t cleared = a->clearedCount - i < count ? a->clearedCount - i : count;
    if (cleared > 0)
      ck_storeFirst(a->gradient + i, &zero, cleared < ckLaneCount ? cleared : ckLaneCount);
  }
}

static void updatePiece(void *context, int64_t piece) {
  const Step *step = context;
  int64_t start = piece * pieceSize;
  updateRange(step, start, ck_pieceEnd(start, pieceSize, step->arguments->count));
}

void ck_adamW(const CKAdamW *arguments) {
  Step step = {
      .arguments = arguments,
      .gradientScale = arguments->gradientScale == NULL ? 1 : *arguments->gradientScale,
      .factors = ck_adamWFactors(arguments),
  };
  ck_parallel(ck_pieceCount(arguments->count, pieceSize), updatePiece, &step);
}
