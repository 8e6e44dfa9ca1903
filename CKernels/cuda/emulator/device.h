/// What the CUDA language gives a kernel, for the C++ compiler: the same text runs on the emulator.
///
/// Threads of a block are fibers of one thread of the host; see emulator.h for what is checked
/// while they run.
#ifndef CK_EMULATOR_DEVICE_H
#define CK_EMULATOR_DEVICE_H

#include <math.h>
#include <string.h>

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
/// One block runs at a time, so a block's shared memory can be static. It lies in a section of its
/// own, where the emulator finds it.
#define __shared__ static __attribute__((section("ck_shared"), aligned(64)))
#define CK_DYNAMIC_SHARED(name) float *name = ck_emulatedSharedMemory()

extern "C" {
typedef struct CKEmulatedIndex {
  unsigned int x, y, z;
} CKEmulatedIndex;

/// threadIdx, blockIdx, blockDim and gridDim of the fiber that runs.
extern CKEmulatedIndex ck_emulatedIndices[4];

float *ck_emulatedSharedMemory(void);
void ck_emulatedBlockBarrier(int line);
void ck_emulatedWarpBarrier(int line, unsigned int mask);
unsigned long long ck_emulatedShuffle(int line, unsigned int mask, unsigned long long bits,
                                      int lane);
bool ck_emulatedArrival(int line, unsigned int *counter, unsigned int count);
}

#define threadIdx ck_emulatedIndices[0]
#define blockIdx ck_emulatedIndices[1]
#define blockDim ck_emulatedIndices[2]
#define gridDim ck_emulatedIndices[3]

/// Threads that meet at a barrier have to meet at the same one: its line says which.
#define __syncthreads() ck_emulatedBlockBarrier(__LINE__)
#define __syncwarp() ck_emulatedWarpBarrier(__LINE__, 0xFFFFFFFFu)
#define __shfl_sync(mask, value, lane) ck_shuffled(__LINE__, mask, value, lane)
#define __shfl_xor_sync(mask, value, distance) \
  ck_shuffled(__LINE__, mask, value, (int)(threadIdx.x % 32) ^ (distance))

template <typename Value>
static inline Value ck_shuffled(int line, unsigned int mask, Value value, int lane) {
  unsigned long long bits = 0;
  memcpy(&bits, &value, sizeof value);
  bits = ck_emulatedShuffle(line, mask, bits, lane);
  memcpy(&value, &bits, sizeof value);
  return value;
}

typedef float float4 __attribute__((ext_vector_type(4)));

static inline float4 make_float4(float x, float y, float z, float w) {
  return (float4){x, y, z, w};
}

/// A load of what no thread of the launch writes.
template <typename Value>
static inline Value __ldg(const Value *address) {
  return *address;
}

static inline float __int_as_float(int bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Rounded once each: the file is compiled without contraction of products and sums.
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }

#endif
