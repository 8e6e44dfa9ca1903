#include "dropout.cuh"

extern "C" __global__ void dropoutInPlace_rowPerBlock(const CKDropoutInPlace a) {
  const int32_t row = (int32_t)blockIdx.x;
  float *values = a.values + (int64_t)row * a.columnCount;
  for (int32_t group = (int32_t)threadIdx.x; group * 4 < a.columnCount;
       group += (int32_t)blockDim.x) {
    const int32_t count = fourCount(group * 4, a.columnCount);
    Four four = loadFour(values + group * 4, count);
    dropFour(four, a.dropout, (uint32_t)row, (uint32_t)group);
    storeFour(values + group * 4, four, count);
  }
}
