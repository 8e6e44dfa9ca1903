/// Results as products in bf16 take them, beside the floats of whoever computes them: that saves the
/// products a pass over each factor.
#ifndef CK_ROUNDING_CUH
#define CK_ROUNDING_CUH

#include "tensor_cores.cuh"

/// Without tensor cores for bf16 nobody asks.
#if defined(CK_EMULATOR) || __CUDA_ARCH__ >= 800
#define CK_HAS_BFLOAT16 1
#else
#define CK_HAS_BFLOAT16 0
#endif

/// Four factors at a multiple of 8 bytes.
CK_DEVICE void storeRounded(uint16_t *destination, const Four &four) {
#if CK_HAS_BFLOAT16
  uint32_t words[2];
  BFloat16::round(words, four);
  *(uint64_t *)destination = (uint64_t)words[1] << 32 | words[0];
#endif
}

/// The first `count` of four factors.
CK_DEVICE void storeRounded(uint16_t *destination, const Four &four, int32_t count) {
  if (count == 4 && ((uint64_t)destination & 7) == 0) return storeRounded(destination, four);
#if CK_HAS_BFLOAT16
  uint32_t words[2];
  BFloat16::round(words, four);
  for (int i = 0; i < count; i++) destination[i] = (uint16_t)(words[i / 2] >> i % 2 * 16);
#endif
}

/// Two factors at a multiple of 4 bytes.
CK_DEVICE void storeRounded(uint16_t *destination, float low, float high) {
#if CK_HAS_BFLOAT16
  uint32_t word;
  CK_ROUND_PAIR(word, low, high);
  *(uint32_t *)destination = word;
#endif
}

#endif
