#include "../../cuda/rounding.cuh"
#include "../activation/activation.cuh"
#include "linear.h"

/// What follows the product, which lies in `output`: adds the bias, keeps the sum where it is
/// wanted, and applies the activation. cuBLASLt's own GELU is the approximation by tanh.
extern "C" __global__ void linearForward_rowPerBlock(const CKLinearForward a) {
  const int64_t offset = (int64_t)blockIdx.x * a.outputSize;
  for (int32_t column = 4 * (int32_t)threadIdx.x; column < a.outputSize;
       column += 4 * (int32_t)blockDim.x) {
    const int32_t count = fourCount(column, a.outputSize);
    Four x = loadFour(a.output + offset + column, count);
    if (a.bias != nullptr) {
      const Four bias = loadFour(a.bias + column, count);
#pragma unroll
      for (int i = 0; i < 4; i++) x.at[i] += bias.at[i];
    }
    if (a.preActivation != nullptr) storeFour(a.preActivation + offset + column, x, count);
#pragma unroll
    for (int i = 0; i < 4; i++) x.at[i] = activate(a.activation, x.at[i]);
    storeFour(a.output + offset + column, x, count);
    if (a.roundedOutput != nullptr) storeRounded(a.roundedOutput + offset + column, x);
  }
}
