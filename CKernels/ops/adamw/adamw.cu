#include "../../cuda/rounding.cuh"
#include "adamw.cuh"

/// Memory is the limit here, so exact rounding of every step costs nothing.
extern "C" __global__ void adamW_fourPerThread(const CKAdamW a, const CKAdamWFactors given) {
  const CKAdamWFactors f = a.state == nullptr ? given : a.state->factors;
  const float scale = a.gradientScale == nullptr ? 1 : *a.gradientScale;
  const int64_t stride = 4 * (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = 4 * ((int64_t)blockIdx.x * blockDim.x + threadIdx.x); i < a.count; i += stride) {
    const int32_t count = a.count - i < 4 ? (int32_t)(a.count - i) : 4;
    const Four gradient = loadFour(a.gradient + i, count);
    Four parameter = loadFour(a.parameter + i, count);
    Four first = loadFour(a.firstMoment + i, count), second = loadFour(a.secondMoment + i, count);
#pragma unroll
    for (int k = 0; k < 4; k++)
      adamWStep(f, __fmul_rn(gradient.at[k], scale), parameter.at[k], first.at[k], second.at[k]);
    storeFour(a.firstMoment + i, first, count);
    storeFour(a.secondMoment + i, second, count);
    storeFour(a.parameter + i, parameter, count);
    if (a.roundedParameter != nullptr && i >= a.firstRounded)
      storeRounded(a.roundedParameter + (i - a.firstRounded), parameter, count);
    if (i < a.clearedCount)
      storeFour(a.gradient + i, Four{},
                a.clearedCount - i < count ? (int32_t)(a.clearedCount - i) : count);
  }
}
