// Kernels with one fault each, and one without: proof that the emulator finds what it claims to
// find. Each reverses the order of a block's values by way of shared memory.
#include "../../last_block.cuh"
#include "include/planted.h"

extern "C" __global__ void planted_correct(const CKPlanted a) {
  __shared__ float values[64];
  values[threadIdx.x] = a.values[threadIdx.x];
  __syncthreads();
  a.values[threadIdx.x] = warpSum(values[63 - threadIdx.x]);
}

extern "C" __global__ void planted_missingBarrier(const CKPlanted a) {
  __shared__ float values[64];
  values[threadIdx.x] = a.values[threadIdx.x];
  a.values[threadIdx.x] = values[63 - threadIdx.x];
}

/// Neighbours of one warp exchange values, which is right only on hardware that keeps a warp
/// together.
extern "C" __global__ void planted_missingWarpBarrier(const CKPlanted a) {
  __shared__ float values[64];
  values[threadIdx.x] = a.values[threadIdx.x];
  __syncwarp();
  const float neighbour = values[threadIdx.x ^ 1];
  values[threadIdx.x] = neighbour;
  a.values[threadIdx.x] = neighbour;
}

extern "C" __global__ void planted_divergentBarrier(const CKPlanted a) {
  if (threadIdx.x < 32)
    __syncthreads();
  else
    __syncthreads();
  a.values[threadIdx.x] = 0;
}

extern "C" __global__ void planted_returnBeforeBarrier(const CKPlanted a) {
  if (threadIdx.x == 5) return;
  __syncthreads();
  a.values[threadIdx.x] = 0;
}

extern "C" __global__ void planted_storeBehindTheEnd(const CKPlanted a) {
  a.values[threadIdx.x + 1] = 0;
}

extern "C" __global__ void planted_loadBeforeTheBeginning(const CKPlanted a) {
  if (threadIdx.x == 0) a.values[0] = a.values[-1];
}

extern "C" __global__ void planted_storeBehindSharedMemory(const CKPlanted a) {
  CK_DYNAMIC_SHARED(memory);
  memory[threadIdx.x + 1] = a.values[threadIdx.x];
}

extern "C" __global__ void planted_unwrittenSharedMemory(const CKPlanted a) {
  __shared__ float values[64];
  if (threadIdx.x != 7) values[threadIdx.x] = 0;
  __syncthreads();
  a.values[threadIdx.x] = values[threadIdx.x];
}

extern "C" __global__ void planted_raceOfBlocks(const CKPlanted a) {
  if (blockIdx.x == 0) a.values[threadIdx.x] = 0;
  if (blockIdx.x == 1) a.values[threadIdx.x] = 1;
}

/// The last block adds what all have left.
extern "C" __global__ void planted_joinedBlocks(const CKPlanted a) {
  if (threadIdx.x == 0) a.values[32 + blockIdx.x] = 1;
  if (!arrivesLast((uint32_t *)a.values, gridDim.x)) return;
  if (threadIdx.x == 0) a.values[1] = a.values[32] + a.values[33];
}

/// Every block does.
extern "C" __global__ void planted_raceOfBlocksThatArrive(const CKPlanted a) {
  if (threadIdx.x == 0) a.values[32 + blockIdx.x] = 1;
  __syncthreads();
  const float sum = a.values[32] + a.values[33];
  if (arrivesLast((uint32_t *)a.values, gridDim.x) && threadIdx.x == 0) a.values[1] = sum;
}

extern "C" __global__ void planted_misalignedLoad(const CKPlanted a) {
  const float4 four = *(const float4 *)(a.values + 1);
  if (threadIdx.x == 0) a.values[0] = four.x;
}

extern "C" __global__ void planted_shuffleWithoutItsLanes(const CKPlanted a) {
  float value = a.values[threadIdx.x];
  if (threadIdx.x % 2 == 0) value = __shfl_xor_sync(CK_WHOLE_WARP, value, 2);
  a.values[threadIdx.x] = value;
}
