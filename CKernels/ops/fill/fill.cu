#include "../../cuda/common.cuh"
#include "fill.h"

extern "C" __global__ void fill_elementPerThread(const CKFill a) {
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += stride)
    a.destination[i] = a.value;
}

extern "C" __global__ void copy_elementPerThread(const CKCopy a) {
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += stride)
    a.destination[i] = a.source[i];
}

extern "C" __global__ void add_elementPerThread(const CKAdd a) {
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < a.count; i += stride)
    a.destination[i] += a.factor * a.source[i];
}
