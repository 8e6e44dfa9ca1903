#include "activation.cuh"

extern "C" __global__ void activationBackward_elementPerThread(const CKActivationBackward a) {
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += stride) {
    float x = a.preActivation[i], gradient = a.gradient[i];
    activateBackward(a.activation, x, gradient);
    a.preActivation[i] = x;
    a.gradient[i] = gradient;
  }
}
