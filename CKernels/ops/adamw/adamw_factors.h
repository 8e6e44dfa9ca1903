/// The factors of one AdamW step, computed in double precision once and then rounded, as PyTorch
/// hands them to its loop.
#ifndef CK_ADAMW_FACTORS_H
#define CK_ADAMW_FACTORS_H

#include "adamw.h"

#ifndef __CUDACC__
#include <math.h>

/// Those of `step`, from 1.
static inline CKAdamWFactors ck_adamWFactorsOf(int64_t step, double learningRate, double beta1,
                                               double beta2, double epsilon, double weightDecay) {
  return (CKAdamWFactors){
      .decay = (float)(1 - learningRate * weightDecay),
      .firstRate = (float)(1 - beta1),
      .beta2 = (float)beta2,
      .secondRate = (float)(1 - beta2),
      .stepSize = (float)(learningRate / (1 - pow(beta1, (double)step))),
      .rootCorrection = (float)sqrt(1 - pow(beta2, (double)step)),
      .epsilon = (float)epsilon,
  };
}

static inline CKAdamWFactors ck_adamWFactors(const CKAdamW *CK_NONNULL a) {
  return ck_adamWFactorsOf(a->step, a->learningRate, a->beta1, a->beta2, a->epsilon,
                           a->weightDecay);
}
#endif

#endif
