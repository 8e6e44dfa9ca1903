/// One AdamW step over a flat range, as torch.optim.AdamW orders the arithmetic:
///   g = gradientScale · gradient;  p −= learningRate · weightDecay · p;
///   m = m + (1 − beta1)(g − m);  v = beta2 · v + (1 − beta2) g²;
///   p −= learningRate / (1 − beta1^step) · m / (sqrt(v) / sqrt(1 − beta2^step) + epsilon).
#ifndef CK_ADAMW_H
#define CK_ADAMW_H

#include "../../runtime/types.h"
CK_BEGIN

/// The factors of one step (adamw_factors.h).
typedef struct CKAdamWFactors {
  float decay, firstRate, beta2, secondRate, stepSize, rootCorrection, epsilon;
} CKAdamWFactors;

/// What differs from one training step to the next, where the launches of a GPU are recorded once for
/// many: it lies in device memory.
typedef struct CKStepState {
  uint32_t dropoutStep;
  int32_t step;  // AdamW's, from 1
  CKAdamWFactors factors;
} CKStepState;

typedef struct CKAdamW {
  int64_t count;
  double learningRate, beta1, beta2, epsilon, weightDecay;
  int64_t step;                              // from 1
  const float *CK_NULLABLE gradientScale;    // one value on the device: the clipping factor
  float *CK_NONNULL gradient;
  int64_t clearedCount;                      // so many of the gradient, from the first on, are set to zero
  float *CK_NONNULL parameter;
  float *CK_NONNULL firstMoment, *CK_NONNULL secondMoment;
  uint16_t *CK_NULLABLE roundedParameter;    // on a GPU also the parameter in bf16, from `firstRounded` on
  int64_t firstRounded;                      // a multiple of 4
  const CKStepState *CK_NULLABLE state;      // on a GPU: instead of `step` and its factors
} CKAdamW;

void ck_adamW(const CKAdamW *CK_NONNULL arguments);

CK_END
#endif
