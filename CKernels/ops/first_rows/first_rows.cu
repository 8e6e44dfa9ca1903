#include "../../cuda/common.cuh"
#include "first_rows.h"

extern "C" __global__ void gatherFirstRows_textPerBlock(const CKFirstRows a) {
  const float *source = a.packed + (int64_t)a.sequenceOffsets[blockIdx.x] * a.size;
  float *destination = a.firstRows + (int64_t)blockIdx.x * a.size;
  for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x)
    destination[column] = source[column];
}

extern "C" __global__ void addToFirstRows_textPerBlock(const CKFirstRows a) {
  const float *source = a.firstRows + (int64_t)blockIdx.x * a.size;
  float *destination = a.packed + (int64_t)a.sequenceOffsets[blockIdx.x] * a.size;
  for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x)
    destination[column] += source[column];
}
