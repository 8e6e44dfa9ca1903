#include "adamw.cuh"

/// Memory is the limit here, so exact rounding of every step costs nothing.
extern "C" __global__ void adamW_elementPerThread(const CKAdamW a, const CKAdamWFactors f) {
  const float scale = a.gradientScale == nullptr ? 1 : *a.gradientScale;
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += stride) {
    float parameter = a.parameter[i], first = a.firstMoment[i], second = a.secondMoment[i];
    adamWStep(f, __fmul_rn(a.gradient[i], scale), parameter, first, second);
    a.firstMoment[i] = first;
    a.secondMoment[i] = second;
    a.parameter[i] = parameter;
    if (a.clearsGradient) a.gradient[i] = 0;
  }
}
