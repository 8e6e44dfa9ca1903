/// What every kernel starts from: the scalar types, four floats at a time, and reductions in a
/// fixed order.
///
/// The same text is compiled by NVRTC for a GPU and by the C++ compiler for the emulator.
#ifndef CK_COMMON_CUH
#define CK_COMMON_CUH

#include "../runtime/types.h"
#include "geometry.h"
#ifdef CK_EMULATOR
#include "emulator/device.h"
#else
/// Shared memory whose size the launch gives.
#define CK_DYNAMIC_SHARED(name)               \
  extern __shared__ float4 name##_sixteens[]; \
  float *name = (float *)name##_sixteens
#endif

#define CK_DEVICE static __device__ __forceinline__
#define CK_WHOLE_WARP 0xFFFFFFFFu
#define CK_INFINITY __int_as_float(0x7F800000)
#define CK_NAN __int_as_float(0x7FC00000)

CK_DEVICE int32_t laneIndex() { return (int32_t)(threadIdx.x % ckWarpSize); }
CK_DEVICE int32_t warpIndex() { return (int32_t)(threadIdx.x / ckWarpSize); }

// MARK: Reductions, by halves: every lane gets the same bits

CK_DEVICE float warpSum(float x) {
  for (int distance = ckWarpSize / 2; distance > 0; distance /= 2)
    x += __shfl_xor_sync(CK_WHOLE_WARP, x, distance);
  return x;
}

CK_DEVICE double warpSum(double x) {
  for (int distance = ckWarpSize / 2; distance > 0; distance /= 2)
    x += __shfl_xor_sync(CK_WHOLE_WARP, x, distance);
  return x;
}

/// A NaN is not seen here; the sums that follow carry it.
CK_DEVICE float warpMaximum(float x) {
  for (int distance = ckWarpSize / 2; distance > 0; distance /= 2)
    x = fmaxf(x, __shfl_xor_sync(CK_WHOLE_WARP, x, distance));
  return x;
}

/// The sum over the block, valid in its first thread. `partials` has room for one value a warp.
CK_DEVICE double blockSum(double x, double *partials) {
  x = warpSum(x);
  if (laneIndex() == 0) partials[warpIndex()] = x;
  __syncthreads();
  double sum = 0;
  if (threadIdx.x == 0)
    for (int warp = 0; warp < (int)(blockDim.x / ckWarpSize); warp++) sum += partials[warp];
  return sum;
}

// MARK: Four neighbouring floats

struct Four {
  float at[4];
};

/// How many of the four columns from `column` on are real.
CK_DEVICE int32_t fourCount(int32_t column, int32_t size) {
  return size - column < 4 ? size - column : 4;
}

CK_DEVICE bool isSixteenByteAligned(const float *address) { return ((uint64_t)address & 15) == 0; }

/// The first `count` of four floats; the others are zero. One wide access where the address allows
/// it.
CK_DEVICE Four loadFour(const float *source, int32_t count) {
  Four four;
  if (count == 4 && isSixteenByteAligned(source)) {
    float4 wide = *(const float4 *)source;
    four.at[0] = wide.x, four.at[1] = wide.y, four.at[2] = wide.z, four.at[3] = wide.w;
  } else {
#pragma unroll
    for (int i = 0; i < 4; i++) four.at[i] = i < count ? source[i] : 0;
  }
  return four;
}

CK_DEVICE void storeFour(float *destination, const Four &four, int32_t count) {
  if (count == 4 && isSixteenByteAligned(destination)) {
    *(float4 *)destination = make_float4(four.at[0], four.at[1], four.at[2], four.at[3]);
  } else {
#pragma unroll
    for (int i = 0; i < 4; i++)
      if (i < count) destination[i] = four.at[i];
  }
}

#endif
