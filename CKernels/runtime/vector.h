/// Sixteen floats at a time, and loops compiled once for each instruction set.
///
/// The helpers are inlined into a function made by CK_MULTIVERSION and so take on its instruction
/// set. They pass vectors by address, because a by-value argument would change the calling
/// convention with the instruction set. CKLanes is 16 floats everywhere (in one, two or four
/// registers), so sums are added in the same order on every machine; products may be fused with
/// sums where the machine can.
#ifndef CK_VECTOR_H
#define CK_VECTOR_H

#include <string.h>

#include "types.h"

/// Instruction sets in the order of preference; PURE_INSTRUCTION_SET=avx2 or baseline in the
/// environment lowers it.
typedef enum CKLevel { CKLevelBaseline = 1, CKLevelAVX2, CKLevelAVX512 } CKLevel;
CKLevel ck_level(void);

#define CK_INLINE static inline __attribute__((always_inline, unused))

/// Defines a static function that runs the version of the body that follows for this processor:
///   CK_MULTIVERSION(addOne, (float *x, int64_t count), (x, count)) { for ... }
#if defined(__x86_64__)
// The minimum width is what makes the compiler use whole 512-bit registers.
#define CK_AVX512 __attribute__((target("arch=x86-64-v4"), min_vector_width(512), noinline))
#define CK_AVX2 __attribute__((target("arch=x86-64-v3"), noinline))
#define CK_MULTIVERSION(name, parameters, arguments)                                        \
  CK_INLINE void name##Body parameters;                                                     \
  CK_AVX512 static void name##AVX512 parameters { name##Body arguments; }                   \
  CK_AVX2 static void name##AVX2 parameters { name##Body arguments; }                       \
  __attribute__((noinline)) static void name##Baseline parameters { name##Body arguments; } \
  static void name parameters {                                                             \
    switch (ck_level()) {                                                                   \
      case CKLevelAVX512:                                                                   \
        name##AVX512 arguments;                                                             \
        return;                                                                             \
      case CKLevelAVX2:                                                                     \
        name##AVX2 arguments;                                                               \
        return;                                                                             \
      case CKLevelBaseline:                                                                 \
        name##Baseline arguments;                                                           \
        return;                                                                             \
    }                                                                                       \
  }                                                                                         \
  CK_INLINE void name##Body parameters
#else
#define CK_MULTIVERSION(name, parameters, arguments) static void name parameters
#endif

/// The same for the body of ck_parallel: `context` and `piece` are its parameters.
#define CK_MULTIVERSION_PIECE(name) \
  CK_MULTIVERSION(name, (void *context, int64_t piece), (context, piece))

enum { ckLaneCount = 16 };

typedef float CKLanes __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t CKIntegerLanes __attribute__((vector_size(64), aligned(4), may_alias));
typedef double CKDoubleLanes __attribute__((vector_size(128), aligned(8), may_alias));

// MARK: Memory

CK_INLINE void ck_load(CKLanes *lanes, const float *source) { *lanes = *(const CKLanes *)source; }

CK_INLINE void ck_store(float *destination, const CKLanes *lanes) {
  *(CKLanes *)destination = *lanes;
}

/// The first `count` lanes, 0 ... 16, from memory; the others become `rest`.
CK_INLINE void ck_loadFirst(CKLanes *lanes, const float *source, int64_t count, float rest) {
  *lanes = (CKLanes){} + rest;
  memcpy(lanes, source, (size_t)count * sizeof(float));
}

CK_INLINE void ck_storeFirst(float *destination, const CKLanes *lanes, int64_t count) {
  memcpy(destination, lanes, (size_t)count * sizeof(float));
}

/// Sixteen vectors as the columns of what they were the rows of. An element's row and column are
/// eight bits together; interleaving vector i with vector i + 8 rotates them by one, and four
/// rotations exchange row and column.
CK_INLINE void ck_transpose(CKLanes block[ckLaneCount]) {
#pragma clang loop unroll(full)
  for (int round = 0; round < 4; round++) {
    CKLanes from[ckLaneCount];
    memcpy(from, block, sizeof from);
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i++) {
      block[2 * i] = __builtin_shufflevector(from[i], from[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4,
                                             20, 5, 21, 6, 22, 7, 23);
      block[2 * i + 1] = __builtin_shufflevector(from[i], from[i + 8], 8, 24, 9, 25, 10, 26, 11, 27,
                                                 12, 28, 13, 29, 14, 30, 15, 31);
    }
  }
}

// MARK: Selection and sums

/// All bits set in the first `count` lanes, 0 ... 16.
CK_INLINE void ck_firstLanes(CKIntegerLanes *mask, int64_t count) {
  const CKIntegerLanes lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  *mask = lane < (int32_t)count;
}

/// mask ? chosen : other, lane by lane; a mask is what a comparison of two CKLanes gives.
CK_INLINE void ck_select(CKLanes *result, const CKIntegerLanes *mask, const CKLanes *chosen,
                         const CKLanes *other) {
  *result = (CKLanes)((*mask & (CKIntegerLanes)*chosen) | (~*mask & (CKIntegerLanes)*other));
}

/// Limits to low ... high; NaN stays NaN.
CK_INLINE void ck_clamp(CKLanes *x, float low, float high) {
  CKLanes lows = (CKLanes){} + low, highs = (CKLanes){} + high;
  CKIntegerLanes isOutside = *x < lows;
  ck_select(x, &isOutside, &lows, x);
  isOutside = *x > highs;
  ck_select(x, &isOutside, &highs, x);
}

/// accumulated = the larger of the two, lane by lane; a NaN in x is not seen (sums that follow
/// carry it).
CK_INLINE void ck_raise(CKLanes *accumulated, const CKLanes *x) {
  CKIntegerLanes larger = *x > *accumulated;
  ck_select(accumulated, &larger, x, accumulated);
}

/// Sum of the lanes, by halves: the order is the same on every machine.
CK_INLINE float ck_sum(const CKLanes *x) {
  CKLanes v = *x;
  v += __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, -1, -1, -1, -1, -1, -1, -1, -1);
  v += __builtin_shufflevector(v, v, 4, 5, 6, 7, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  v += __builtin_shufflevector(v, v, 2, 3, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  return v[0] + v[1];
}

CK_INLINE float ck_maximum(const CKLanes *x) {
  CKLanes v = *x, w;
  w = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  ck_raise(&v, &w);
  w = __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  ck_raise(&v, &w);
  w = __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  ck_raise(&v, &w);
  return v[0] > v[1] ? v[0] : v[1];
}

// MARK: Functions of sixteen values, in place. Each bound was measured at every hundredth float
// against double precision, in units of the last place of the true value, with fused products
// (AVX2, AVX-512) and without (baseline). NaN stays NaN.

/// A fitted polynomial in x, highest coefficient first.
#define CK_POLYNOMIAL(x, first, ...)                                              \
  ({                                                                              \
    static const float coefficients_[] = {__VA_ARGS__};                           \
    CKLanes sum_ = (CKLanes){} + (first);                                         \
    enum { count_ = sizeof coefficients_ / sizeof(float) };                       \
    _Pragma("clang loop unroll(full)") for (int i_ = 0; i_ < count_; i_++) sum_ = \
        sum_ * (x) + coefficients_[i_];                                           \
    sum_;                                                                         \
  })

/// e^x, within 1.2 units of the last place.
CK_INLINE void ck_exp(CKLanes *x) {
  // Below −104 the result is zero and above 89 it is infinite, in both cases by the two scalings at
  // the end.
  ck_clamp(x, -104, 89);
  // n = round(x / ln 2): adding 1.5 · 2^23 leaves the integer in the low bits of the sum.
  const float shift = 12582912;
  CKLanes shifted = *x * 1.44269504f + shift;
  CKLanes n = shifted - shift;
  CKIntegerLanes exponent = (CKIntegerLanes)shifted - 0x4B400000;
  CKLanes r = *x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  CKLanes p = CK_POLYNOMIAL(r, 1.381446724e-03f, 8.368780836e-03f, 4.166839272e-02f,
                            1.666651964e-01f, 4.999999404e-01f, 1, 1);
  // 2^n in two factors, so that subnormal results come out and 2^128 does not overflow early.
  CKIntegerLanes half = exponent >> 1;
  CKLanes first = (CKLanes)((half + 127) << 23);
  CKLanes second = (CKLanes)((exponent - half + 127) << 23);
  *x = p * first * second;
}

/// e^x for x ≤ 0, within 1.2 units of the last place, a quarter faster than ck_exp: below −87,
/// where results near the smallest normal number end, it is zero.
CK_INLINE void ck_expOfNegative(CKLanes *x) {
  const float shift = 12582912;
  CKIntegerLanes isZero = *x < -87;
  CKLanes shifted = *x * 1.44269504f + shift;
  CKLanes n = shifted - shift;
  CKLanes r = *x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  CKLanes p = CK_POLYNOMIAL(r, 1.381446724e-03f, 8.368780836e-03f, 4.166839272e-02f,
                            1.666651964e-01f, 4.999999404e-01f, 1, 1);
  CKLanes scale = (CKLanes)(((CKIntegerLanes)shifted << 23) + 0x3F800000);
  p *= scale;
  *x = (CKLanes)((CKIntegerLanes)p & ~isZero);
}

/// The natural logarithm, within 0.9 units of the last place; −infinity at 0, NaN below.
CK_INLINE void ck_log(CKLanes *x) {
  CKLanes original = *x, zero = {}, infinity = zero + __builtin_inff();
  CKIntegerLanes subnormal = original < 1.17549435e-38f;
  CKLanes scaled = original * 8388608;
  ck_select(&scaled, &subnormal, &scaled, &original);
  // scaled = 2^e · m with m in sqrt(1/2) ... sqrt(2).
  CKIntegerLanes bits = (CKIntegerLanes)scaled - 0x3F3504F3;
  CKIntegerLanes exponent = (bits >> 23) - (subnormal & 23);
  CKLanes f = (CKLanes)((bits & 0x007FFFFF) + 0x3F3504F3) - 1;
  CKLanes e = __builtin_convertvector(exponent, CKLanes);
  CKLanes p =
      CK_POLYNOMIAL(f, -7.634496689e-02f, 1.276157647e-01f, -1.316018254e-01f, 1.420175731e-01f,
                    -1.662335694e-01f, 2.000122666e-01f, -2.500081956e-01f, 3.333333135e-01f);
  CKLanes square = f * f;
  CKLanes low = square * f * p + e * -2.12194440e-4f;
  low = low - square * 0.5f;
  *x = e * 0.693359375f + (f + low);
  // Zero, infinity and what has no logarithm.
  CKIntegerLanes isZero = original == zero, isInfinite = original == infinity;
  CKIntegerLanes isValid = original >= zero;
  CKLanes negativeInfinity = -infinity, nan = zero + __builtin_nanf("");
  ck_select(x, &isZero, &negativeInfinity, x);
  ck_select(x, &isInfinite, &infinity, x);
  ck_select(x, &isValid, x, &nan);
}

/// The magnitude of x with its sign taken off, and the sign bit alone.
CK_INLINE void ck_splitSign(const CKLanes *x, CKLanes *magnitude, CKIntegerLanes *sign) {
  *sign = (CKIntegerLanes)*x & (int32_t)0x80000000;
  *magnitude = (CKLanes)((CKIntegerLanes)*x ^ *sign);
}

/// The hyperbolic tangent, within 1.4 units of the last place.
CK_INLINE void ck_tanh(CKLanes *x) {
  CKLanes t;
  CKIntegerLanes sign;
  ck_splitSign(x, &t, &sign);
  CKLanes square = *x * *x;
  CKLanes near = CK_POLYNOMIAL(square, -5.666977260e-03f, 2.060617693e-02f, -5.373000726e-02f,
                               1.333133131e-01f, -3.333327770e-01f);
  near = *x + *x * square * near;
  CKLanes far = t * 2;
  ck_exp(&far);
  far = 1 - 2 / (far + 1);
  far = (CKLanes)((CKIntegerLanes)far | sign);
  CKIntegerLanes isFar = t > 0.625f;
  ck_select(x, &isFar, &far, &near);
}

#endif
