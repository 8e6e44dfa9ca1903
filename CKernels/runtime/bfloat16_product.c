// The blocked product of factors that are rounded to bf16 as they are packed. One instruction of
// AVX512_BF16 adds the products of two pairs to each of sixteen sums: twice as many as floats.
#include "vector.h"

#if defined(__x86_64__)
#include <immintrin.h>

// What the loops use and has functions of its own, which are to be compiled as everywhere.
#include "parallel.h"
#include "product.h"
#include "scratch.h"

enum {
  depthPerWord = 2,
  // Rows of the left factor are packed anew for each block of columns, which costs more than a
  // block that leaves a second-level cache of 1 MB.
  mostColumns = 384,
  mostColumnsTransposed = 384,
  readsRowsInPlace = 0,
};

#pragma clang attribute push(__attribute__((target("arch=x86-64-v4,avx512bf16"))), \
                             apply_to = function)

CK_INLINE void wordsAcross(CKLanes *words, const float *source) {
  __m512bh pairs =
      _mm512_cvtne2ps_pbh(_mm512_loadu_ps(source + ckLaneCount), _mm512_loadu_ps(source));
  *words = (CKLanes)pairs;
}

CK_INLINE void wordsAlong(CKLanes *words, const float *first, const float *second) {
  // Sixteen first values and sixteen second ones, which the permutation puts in turn.
  __m512i values = (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(second), _mm512_loadu_ps(first));
  const __m512i inTurn = _mm512_set_epi16(
      31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19,
      3, 18, 2, 17, 1, 16, 0);
  *words = (CKLanes)_mm512_permutexvar_epi16(inTurn, values);
}

CK_INLINE void multiplyAdd(CKLanes *sum, const float *left, const CKLanes *right) {
  *sum = (CKLanes)_mm512_dpbf16_ps((__m512)*sum, (__m512bh)_mm512_set1_ps(*left),
                                   (__m512bh)*right);
}

#include "blocked_product.h"

CK_KERNEL(BFloat16, __attribute__((min_vector_width(512), noinline)), 12, 2)

void ck_bFloat16Product(const CKProduct *product, CKTileBody body, void *context) {
  multiplyBlocks(&kernelBFloat16, product, body, context);
}

#pragma clang attribute pop

bool ck_hasBFloat16Product(void) {
  return ck_level() == CKLevelAVX512 && __builtin_cpu_supports("avx512bf16");
}
#else
#include "product.h"

bool ck_hasBFloat16Product(void) { return false; }

void ck_bFloat16Product(const CKProduct *product, CKTileBody body, void *context) {
  (void)product, (void)body, (void)context;
  __builtin_trap();
}
#endif
