/// The factors of one AdamW step, computed in double precision once and then rounded, as PyTorch
/// hands them to its loop.
#ifndef CK_ADAMW_FACTORS_H
#define CK_ADAMW_FACTORS_H

#include "adamw.h"

typedef struct CKAdamWFactors {
  float decay, firstRate, beta2, secondRate, stepSize, rootCorrection, epsilon;
} CKAdamWFactors;

#ifndef __CUDACC__
#include <math.h>

static inline CKAdamWFactors ck_adamWFactors(const CKAdamW *CK_NONNULL a) {
  return (CKAdamWFactors){
      .decay = (float)(1 - a->learningRate * a->weightDecay),
      .firstRate = (float)(1 - a->beta1),
      .beta2 = (float)a->beta2,
      .secondRate = (float)(1 - a->beta2),
      .stepSize = (float)(a->learningRate / (1 - pow(a->beta1, (double)a->step))),
      .rootCorrection = (float)sqrt(1 - pow(a->beta2, (double)a->step)),
      .epsilon = (float)a->epsilon,
  };
}
#endif

#endif
