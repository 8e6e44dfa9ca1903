/// One AdamW step of one parameter, in the order of the CPU and with its roundings.
#ifndef CK_ADAMW_CUH
#define CK_ADAMW_CUH

#include "../../cuda/common.cuh"
#include "adamw_factors.h"

/// `gradient` is scaled already.
__device__ inline void adamWStep(const CKAdamWFactors &f, float gradient, float &parameter,
                                 float &first, float &second) {
  const float decayed = __fmul_rn(parameter, f.decay);
  first = __fadd_rn(first, __fmul_rn(__fsub_rn(gradient, first), f.firstRate));
  const float square = __fmul_rn(__fmul_rn(f.secondRate, gradient), gradient);
  second = __fadd_rn(__fmul_rn(second, f.beta2), square);
  const float denominator = __fadd_rn(__fdiv_rn(__fsqrt_rn(second), f.rootCorrection), f.epsilon);
  parameter = __fsub_rn(decayed, __fdiv_rn(__fmul_rn(f.stepSize, first), denominator));
}

#endif
