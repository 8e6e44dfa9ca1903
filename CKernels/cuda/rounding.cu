#include "tensor_cores.cuh"

/// The factors of a product for tensor cores.
extern "C" __global__ void roundToBFloat16_rowPerBlock(const CKRounding a) {
  const float *row = a.values + (int64_t)blockIdx.x * a.columnCount;
  uint16_t *rounded = a.rounded + (int64_t)blockIdx.x * a.stride;
  for (int32_t column = 4 * (int32_t)threadIdx.x; column < a.stride;
       column += 4 * (int32_t)blockDim.x) {
    uint32_t words[2];
    BFloat16::round(words, loadFour(row + column, fourCount(column, a.columnCount)));
    *(uint64_t *)(rounded + column) = (uint64_t)words[1] << 32 | words[0];
  }
}
