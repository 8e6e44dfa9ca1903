#include "../../cuda/rounding.cuh"
#include "activation.cuh"

extern "C" __global__ void activationBackward_fourPerThread(const CKActivationBackward a) {
  const int64_t stride = 4 * (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = 4 * ((int64_t)blockIdx.x * blockDim.x + threadIdx.x); i < a.count; i += stride) {
    const int32_t count = a.count - i < 4 ? (int32_t)(a.count - i) : 4;
    Four x = loadFour(a.preActivation + i, count), gradient = loadFour(a.gradient + i, count);
#pragma unroll
    for (int k = 0; k < 4; k++) activateBackward(a.activation, x.at[k], gradient.at[k]);
    storeFour(a.preActivation + i, x, count);
    storeFour(a.gradient + i, gradient, count);
    if (a.roundedActivation != nullptr) storeRounded(a.roundedActivation + i, x);
    if (a.roundedGradient != nullptr) storeRounded(a.roundedGradient + i, gradient);
  }
}
