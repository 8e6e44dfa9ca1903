/// The instructions of tensor cores as functions of a warp's fibers, with the fragments of the PTX
/// manual.
#ifndef CK_EMULATOR_TENSOR_CORES_H
#define CK_EMULATOR_TENSOR_CORES_H

#include "device.h"

/// What every lane of a warp offers, word by word.
struct CKEmulatedWarp {
  uint32_t words[32][6];
};

extern "C" {
/// Waits for the whole warp and gives each lane what all of them offer.
void ck_emulatedGather(int line, const uint32_t *offered, struct CKEmulatedWarp *all);
}

#define CK_ROUND_PAIR(word, low, high) \
  (word = ck_roundedBFloat16(low) | ck_roundedBFloat16(high) << 16)
#define CK_ROUND(word, value) (word = ck_roundedTF32(value))
#define CK_MULTIPLY_ADD_PAIRS(sums, left, right) ck_multiplyAdd<2>(__LINE__, sums, left, right)
#define CK_MULTIPLY_ADD_WORDS(sums, left, right) ck_multiplyAdd<1>(__LINE__, sums, left, right)
#define CK_LOAD_MATRICES(words, row) ck_loadMatrices<false>(__LINE__, words, row)
#define CK_LOAD_TRANSPOSED(words, row) ck_loadMatrices<true>(__LINE__, words, row)

static inline uint32_t ck_floatBits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// To nearest even; a NaN stays one.
static inline uint32_t ck_roundedBFloat16(float value) {
  const uint32_t bits = ck_floatBits(value);
  if (value != value) return bits >> 16 | 0x40;
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

/// To nearest, halves away from zero.
static inline uint32_t ck_roundedTF32(float value) {
  const uint32_t bits = ck_floatBits(value);
  return value != value ? bits : (bits + 0x1000) & ~0x1FFFu;
}

/// Factor `index` along the sum, of a word that holds `perWord` of them. A tensor core does not
/// look at the bits that tf32 has not.
template <int perWord>
static inline float ck_factor(uint32_t word, int index) {
  return __int_as_float(
      (int)(perWord == 2 ? (index % 2 == 0 ? word << 16 : word & 0xFFFF0000u) : word & ~0x1FFFu));
}

template <int perWord>
static inline void ck_multiplyAdd(int line, float (&sums)[4], const uint32_t (&left)[4],
                                  const uint32_t *right) {
  const uint32_t offered[6] = {left[0], left[1], left[2], left[3], right[0], right[1]};
  CKEmulatedWarp warp;
  ck_emulatedGather(line, offered, &warp);
  const int g = (int)threadIdx.x % 32 / 4, t = (int)threadIdx.x % 4;
  for (int i = 0; i < 4; i++) {
    const int row = g + i / 2 * 8, column = 2 * t + i % 2;
    for (int term = 0; term < 8 * perWord; term++) {
      const int word = term / perWord;
      const uint32_t a = warp.words[row % 8 * 4 + word % 4][row / 8 + word / 4 * 2];
      const uint32_t b = warp.words[column * 4 + word % 4][4 + word / 4];
      sums[i] += ck_factor<perWord>(a, term) * ck_factor<perWord>(b, term);
    }
  }
}

/// Eight lanes each name the rows, 16 bytes each, of one of four matrices of 8 × 8 factors of 16
/// bits. A lane gets of each the word t of row g; transposed, the column g of the rows 2t and 2t +
/// 1.
template <bool isTransposed>
static inline void ck_loadMatrices(int line, uint32_t (&words)[4], const uint32_t *row) {
  const float4 four = *(const float4 *)row;
  uint32_t offered[6] = {};
  memcpy(offered, &four, sizeof four);
  CKEmulatedWarp warp;
  ck_emulatedGather(line, offered, &warp);
  const int g = (int)threadIdx.x % 32 / 4, t = (int)threadIdx.x % 4;
  for (int matrix = 0; matrix < 4; matrix++) {
    words[matrix] = isTransposed ? 0 : warp.words[matrix * 8 + g][t];
    for (int i = 0; isTransposed && i < 2; i++) {
      const uint32_t word = warp.words[matrix * 8 + 2 * t + i][g / 2];
      words[matrix] |= (g % 2 == 0 ? word & 0xFFFF : word >> 16) << 16 * i;
    }
  }
}

#endif
