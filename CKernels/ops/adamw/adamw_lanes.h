/// One AdamW step, sixteen parameters at a time.
#ifndef CK_ADAMW_LANES_H
#define CK_ADAMW_LANES_H

#include "../../runtime/vector.h"
#include "adamw_factors.h"

/// `gradient` is scaled already.
CK_INLINE void ck_adamWLanes(const CKAdamWFactors *factors, const CKLanes *gradient,
                             CKLanes *parameter, CKLanes *first, CKLanes *second) {
// Exact rounding of every step gives the same bits on every machine.
#pragma clang fp contract(off)
  CKLanes g = *gradient;
  CKLanes p = *parameter * factors->decay;
  *first += (g - *first) * factors->firstRate;
  *second = *second * factors->beta2 + factors->secondRate * g * g;
  CKLanes denominator =
      __builtin_elementwise_sqrt(*second) / factors->rootCorrection + factors->epsilon;
  *parameter = p - factors->stepSize * *first / denominator;
}

#endif
