#include "adamw_factors.h"

#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"

enum { pieceSize = 1 << 14 };

typedef struct Step {
  const CKAdamW *arguments;
  float gradientScale;
  CKAdamWFactors factors;
} Step;

CK_INLINE void update(const Step *s, const CKLanes *gradient, CKLanes *parameter, CKLanes *first,
                      CKLanes *second) {
// Memory is the limit here, so exact rounding of every step costs nothing and gives the same bits
// on every machine.
#pragma clang fp contract(off)
  CKLanes g = *gradient * s->gradientScale;
  CKLanes p = *parameter * s->factors.decay;
  *first += (g - *first) * s->factors.firstRate;
  *second = *second * s->factors.beta2 + s->factors.secondRate * g * g;
  CKLanes denominator = __builtin_elementwise_sqrt(*second) / s->factors.rootCorrection + s->factors.epsilon;
  *parameter = p - s->factors.stepSize * *first / denominator;
}

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
      update(&s, &gradient, &parameter, &first, &second);
      ck_store(a->parameter + i, &parameter);
      ck_store(a->firstMoment + i, &first);
      ck_store(a->secondMoment + i, &second);
      if (a->clearsGradient) ck_store(a->gradient + i, &zero);
    } else {
      ck_loadFirst(&gradient, a->gradient + i, count, 0);
      ck_loadFirst(&parameter, a->parameter + i, count, 0);
      ck_loadFirst(&first, a->firstMoment + i, count, 0);
      ck_loadFirst(&second, a->secondMoment + i, count, 0);
      update(&s, &gradient, &parameter, &first, &second);
      ck_storeFirst(a->parameter + i, &parameter, count);
      ck_storeFirst(a->firstMoment + i, &first, count);
      ck_storeFirst(a->secondMoment + i, &second, count);
      if (a->clearsGradient) ck_storeFirst(a->gradient + i, &zero, count);
    }
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
