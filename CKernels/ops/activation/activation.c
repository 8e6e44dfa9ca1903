#include "activation.h"

#include "../../runtime/parallel.h"
#include "activation_lanes.h"

enum { pieceSize = 1 << 14 };

CK_INLINE void backwardLoop(const CKActivation activation, float *values, float *gradients,
                            int64_t count) {
  CKLanes x, gradient;
  int64_t i = 0;
  for (; i + ckLaneCount <= count; i += ckLaneCount) {
    ck_load(&x, values + i);
    ck_load(&gradient, gradients + i);
    ck_activateBackward(activation, &x, &gradient);
    ck_store(values + i, &x);
    ck_store(gradients + i, &gradient);
  }
  if (i == count) return;
  ck_loadFirst(&x, values + i, count - i, 0);
  ck_loadFirst(&gradient, gradients + i, count - i, 0);
  ck_activateBackward(activation, &x, &gradient);
  ck_storeFirst(values + i, &x, count - i);
  ck_storeFirst(gradients + i, &gradient, count - i);
}

CK_MULTIVERSION(backwardRange,
                (CKActivation activation, float *values, float *gradients, int64_t count),
                (activation, values, gradients, count)) {
  // The choice is taken out of the loop.
  switch (activation) {
    case CKActivationIdentity:
      break;
    case CKActivationGELU:
      backwardLoop(CKActivationGELU, values, gradients, count);
      break;
    case CKActivationTanh:
      backwardLoop(CKActivationTanh, values, gradients, count);
      break;
    case CKActivationReLU:
      backwardLoop(CKActivationReLU, values, gradients, count);
      break;
  }
}

static void backwardPiece(void *context, int64_t piece) {
  const CKActivationBackward *a = context;
  int64_t start = piece * pieceSize;
  backwardRange(a->activation, a->preActivation + start, a->gradient + start,
                ck_pieceEnd(start, pieceSize, a->count) - start);
}

void ck_activationBackward(const CKActivationBackward *arguments) {
  if (arguments->activation == CKActivationIdentity) return;
  ck_parallel(ck_pieceCount(arguments->count, pieceSize), backwardPiece, (void *)arguments);
}
