/// Philox4x32-10, the counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3"
/// (SC 2011): four words from a counter of four words and a key of two. C and CUDA share the plain form.
#ifndef CK_PHILOX_H
#define CK_PHILOX_H

#include "types.h"

#ifdef __CUDACC__
#define CK_PHILOX_FUNCTION static __device__ inline
#else
#define CK_PHILOX_FUNCTION static inline
#endif

#define CK_PHILOX_ROUNDS 10
#define CK_PHILOX_MULTIPLIER_0 0xD2511F53u
#define CK_PHILOX_MULTIPLIER_1 0xCD9E8D57u
#define CK_PHILOX_WEYL_0 0x9E3779B9u
#define CK_PHILOX_WEYL_1 0xBB67AE85u

typedef struct CKPhiloxWords {
  uint32_t word[4];
} CKPhiloxWords;

CK_PHILOX_FUNCTION CKPhiloxWords ck_philox(CKPhiloxWords counter, uint32_t key0, uint32_t key1) {
  for (int round = 0; round < CK_PHILOX_ROUNDS; round++) {
    uint64_t product0 = (uint64_t)CK_PHILOX_MULTIPLIER_0 * counter.word[0];
    uint64_t product1 = (uint64_t)CK_PHILOX_MULTIPLIER_1 * counter.word[2];
    CKPhiloxWords next = {{(uint32_t)(product1 >> 32) ^ counter.word[1] ^ key0, (uint32_t)product1,
                           (uint32_t)(product0 >> 32) ^ counter.word[3] ^ key1,
                           (uint32_t)product0}};
    counter = next;
    key0 += CK_PHILOX_WEYL_0;
    key1 += CK_PHILOX_WEYL_1;
  }
  return counter;
}

#ifndef __CUDACC__
#include "vector.h"

/// Eight values of 64 bits. A generator's word lies in the lower half of a lane and the upper half holds leftovers:
/// a 32 × 32 → 64 bit product ignores it, so no round has to clear it.
typedef uint64_t CKWideWords __attribute__((vector_size(64)));
typedef uint32_t CKWords __attribute__((vector_size(64)));

/// The keys of the rounds, computed once for many counters.
typedef struct CKPhiloxKeys {
  uint64_t key0[CK_PHILOX_ROUNDS], key1[CK_PHILOX_ROUNDS];
} CKPhiloxKeys;

CK_INLINE void ck_philoxKeys(CKPhiloxKeys *keys, uint32_t key0, uint32_t key1) {
  for (uint32_t round = 0; round < CK_PHILOX_ROUNDS; round++) {
    keys->key0[round] = key0 + round * CK_PHILOX_WEYL_0;
    keys->key1[round] = key1 + round * CK_PHILOX_WEYL_1;
  }
}

/// The generator at eight counters {first[lane], word1, word2, word3}, in 32 words: counter by counter, word by word.
CK_INLINE void ck_philoxEight(CKWords *low, CKWords *high, const CKWideWords *first, uint32_t word1,
                              uint32_t word2, uint32_t word3, const CKPhiloxKeys *keys) {
  const CKWideWords lowerHalf = (CKWideWords){} + 0xFFFFFFFFu;
  CKWideWords a = *first, b = (CKWideWords){} + word1, c = (CKWideWords){} + word2,
              d = (CKWideWords){} + word3;
#pragma clang loop unroll(full)
  for (int round = 0; round < CK_PHILOX_ROUNDS; round++) {
    CKWideWords product0 = (a & lowerHalf) * CK_PHILOX_MULTIPLIER_0;
    CKWideWords product1 = (c & lowerHalf) * CK_PHILOX_MULTIPLIER_1;
    a = product1 >> 32 ^ b ^ keys->key0[round];
    b = product1;
    c = product0 >> 32 ^ d ^ keys->key1[round];
    d = product0;
  }
  CKWideWords ab = (CKWideWords)__builtin_shufflevector(
      (CKWords)a, (CKWords)b, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
  CKWideWords cd = (CKWideWords)__builtin_shufflevector(
      (CKWords)c, (CKWords)d, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
  *low = (CKWords)__builtin_shufflevector(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11);
  *high = (CKWords)__builtin_shufflevector(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15);
}
#endif

#endif
