#include "../../cuda/common.cuh"
#include "adamw_factors.h"

/// Memory is the limit here, so exact rounding of every step costs nothing and gives the same bits
/// as the CPU.
extern "C" __global__ void adamW_elementPerThread(const CKAdamW a, const CKAdamWFactors f) {
  const float scale = a.gradientScale == nullptr ? 1 : *a.gradientScale;
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += stride) {
    const float gradient = __fmul_rn(a.gradient[i], scale);
    const float decayed = __fmul_rn(a.parameter[i], f.decay);
    const float before = a.firstMoment[i];
    const float first = __fadd_rn(before, __fmul_rn(__fsub_rn(gradient, before), f.firstRate));
    const float square = __fmul_rn(__fmul_rn(f.secondRate, gradient), gradient);
    const float second = __fadd_rn(__fmul_rn(a.secondMoment[i], f.beta2), square);
    const float denominator = __fadd_rn(__fdiv_rn(__fsqrt_rn(second), f.rootCorrection), f.epsilon);
    a.firstMoment[i] = first;
    a.secondMoment[i] = second;
    a.parameter[i] = __fsub_rn(decayed, __fdiv_rn(__fmul_rn(f.stepSize, first), denominator));
    if (a.clearsGradient) a.gradient[i] = 0;
  }
}
