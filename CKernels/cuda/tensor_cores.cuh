/// Products on tensor cores: fp32 sums of rounded factors, as operations of a whole warp.
///
/// A fragment is what each of the 32 lanes holds of a small matrix. Factors lie in words of 32
/// bits, two bf16 or one tf32, which are counted along the sum. With g = lane / 4 and t = lane % 4
/// a lane holds of
///   left, 16 rows of 8 words:      words (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4),
///   right, 8 columns of 8 words:   words (g, t), (g, t + 4), the column first,
///   sums, 16 rows of 8 columns:    (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1).
/// Sums become the left factor of another product without leaving their lane: bf16 has them in
/// that order, and for tf32 the terms of the second sum are taken in the order 0, 2, 4, 6, 1, 3,
/// 5, 7.
#ifndef CK_TENSOR_CORES_CUH
#define CK_TENSOR_CORES_CUH

#include "common.cuh"
#ifdef CK_EMULATOR
#include "emulator/tensor_cores.h"
#else
// One instruction each; the emulator has functions of these names.

#define CK_ROUND_PAIR(word, low, high) \
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low))
#define CK_ROUND(word, value) asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(value))
#define CK_MULTIPLY_ADD(shape, type, sums, left, right)                                 \
  asm volatile("mma.sync.aligned." shape ".row.col.f32." type "." type                  \
               ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"   \
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])             \
               : "r"(left[0]), "r"(left[1]), "r"(left[2]), "r"(left[3]), "r"(right[0]), \
                 "r"(right[1]))
#define CK_MULTIPLY_ADD_PAIRS(sums, left, right) \
  CK_MULTIPLY_ADD("m16n8k16", "bf16", sums, left, right)
#define CK_MULTIPLY_ADD_WORDS(sums, left, right) \
  CK_MULTIPLY_ADD("m16n8k8", "tf32", sums, left, right)
#define CK_LOAD(order, words, row)                                                   \
  asm volatile("ldmatrix.sync.aligned.m8n8.x4" order ".shared.b16 {%0, %1, %2, %3}," \
               " [%4];"                                                              \
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])      \
               : "r"((uint32_t)__cvta_generic_to_shared(row))                        \
               : "memory")
#define CK_LOAD_MATRICES(words, row) CK_LOAD("", words, row)
#define CK_LOAD_TRANSPOSED(words, row) CK_LOAD(".trans", words, row)
#endif

// MARK: Fragments of shared memory, whose rows begin at multiples of 16 bytes, `stride` words apart

/// The left factor whose rows are 16 rows from `rows` on, of 8 words each.
CK_DEVICE void leftOfRows(uint32_t (&left)[4], const uint32_t *rows, int32_t stride) {
  CK_LOAD_MATRICES(left, rows + laneIndex() % 16 * stride + laneIndex() / 16 * 4);
}

/// The right factors of two neighbours, one behind the other, whose columns are 16 rows of 8 words.
CK_DEVICE void rightOfColumns(uint32_t (&right)[4], const uint32_t *columns, int32_t stride) {
  CK_LOAD_MATRICES(right, columns + (laneIndex() / 16 * 8 + laneIndex() % 8) * stride +
                              laneIndex() / 8 % 2 * 4);
}

/// 7 bits of mantissa, rounded to nearest even.
struct BFloat16 {
  /// Factors in a word.
  static constexpr int perWord = 2;

  /// The words of four neighbouring factors.
  CK_DEVICE void round(uint32_t (&words)[2], const Four &four) {
    CK_ROUND_PAIR(words[0], four.at[0], four.at[1]);
    CK_ROUND_PAIR(words[1], four.at[2], four.at[3]);
  }

  /// sums += left · right.
  CK_DEVICE void multiplyAdd(float (&sums)[4], const uint32_t (&left)[4], const uint32_t *right) {
    CK_MULTIPLY_ADD_PAIRS(sums, left, right);
  }

  /// 16 rows by 16 columns of sums as a left factor.
  CK_DEVICE void leftOfSums(uint32_t (&left)[4], const float (*sums)[4]) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      CK_ROUND_PAIR(left[2 * half], sums[half][0], sums[half][1]);
      CK_ROUND_PAIR(left[2 * half + 1], sums[half][2], sums[half][3]);
    }
  }

  /// The sums of 16 rows by 8 columns, as words of 16 rows of shared memory.
  CK_DEVICE void store(uint32_t *rows, int32_t stride, const float (&sums)[4]) {
    uint32_t *word = rows + laneIndex() / 4 * stride + laneIndex() % 4;
    CK_ROUND_PAIR(word[0], sums[0], sums[1]);
    CK_ROUND_PAIR(word[8 * stride], sums[2], sums[3]);
  }

  /// The left factor whose terms are 16 rows of shared memory, and whose rows are their first 16
  /// factors.
  CK_DEVICE void leftOfColumns(uint32_t (&left)[4], const uint32_t *rows, int32_t stride) {
    CK_LOAD_TRANSPOSED(left, rows + (laneIndex() / 16 * 8 + laneIndex() % 8) * stride +
                                 laneIndex() / 8 % 2 * 4);
  }

  /// The right factors of two neighbours, one behind the other, whose terms are 16 rows of shared
  /// memory, and whose columns are their first 16 factors.
  CK_DEVICE void rightOfRows(uint32_t (&right)[4], const uint32_t *rows, int32_t stride) {
    CK_LOAD_TRANSPOSED(right, rows + laneIndex() % 16 * stride + laneIndex() / 16 * 4);
  }
};

/// 10 bits of mantissa, rounded to nearest, halves away from zero.
struct TF32 {
  static constexpr int perWord = 1;

  CK_DEVICE void round(uint32_t (&words)[4], const Four &four) {
#pragma unroll
    for (int i = 0; i < 4; i++) CK_ROUND(words[i], four.at[i]);
  }

  CK_DEVICE void multiplyAdd(float (&sums)[4], const uint32_t (&left)[4], const uint32_t *right) {
    CK_MULTIPLY_ADD_WORDS(sums, left, right);
  }

  /// 16 rows by 8 columns of sums as a left factor.
  CK_DEVICE void leftOfSums(uint32_t (&left)[4], const float (*sums)[4]) {
    CK_ROUND(left[0], sums[0][0]);
    CK_ROUND(left[1], sums[0][2]);
    CK_ROUND(left[2], sums[0][1]);
    CK_ROUND(left[3], sums[0][3]);
  }

  CK_DEVICE void store(uint32_t *rows, int32_t stride, const float (&sums)[4]) {
    uint32_t *word = rows + laneIndex() / 4 * stride + laneIndex() % 4 * 2;
    CK_ROUND(word[0], sums[0]);
    CK_ROUND(word[1], sums[1]);
    CK_ROUND(word[8 * stride], sums[2]);
    CK_ROUND(word[8 * stride + 1], sums[3]);
  }

  /// The same of 8 rows, in the order of terms that sums have.
  CK_DEVICE void leftOfColumns(uint32_t (&left)[4], const uint32_t *rows, int32_t stride) {
    const uint32_t *row = rows + laneIndex() % 4 * 2 * stride + laneIndex() / 4;
    left[0] = row[0];
    left[1] = row[8];
    left[2] = row[stride];
    left[3] = row[stride + 8];
  }

  CK_DEVICE void rightOfRows(uint32_t (&right)[4], const uint32_t *rows, int32_t stride) {
    const uint32_t *row = rows + laneIndex() % 4 * 2 * stride + laneIndex() / 4;
    right[0] = row[0];
    right[1] = row[stride];
    right[2] = row[8];
    right[3] = row[stride + 8];
  }
};

#endif
