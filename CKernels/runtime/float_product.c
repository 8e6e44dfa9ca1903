// The blocked product of floats as they are.
#include "vector.h"

enum {
  depthPerWord = 1,
  // A block fits into a second-level cache of 1 MB.
  mostColumns = 192,
  // A transposed left factor is packed anew for each block of columns, which costs more than a
  // block that leaves the cache.
  mostColumnsTransposed = 384,
  readsRowsInPlace = 1,
};

CK_INLINE void wordsAlong(CKLanes *words, const float *first, const float *second) {
  (void)second;
  ck_load(words, first);
}

CK_INLINE void wordsAcross(CKLanes *words, const float *source) { ck_load(words, source); }

CK_INLINE void multiplyAdd(CKLanes *sum, const float *left, const CKLanes *right) {
  *sum += *left * *right;
}

#include "blocked_product.h"

// 32 registers of 512 bits, 16 of 256, 16 of 128 (32 on ARM).
#if defined(__x86_64__)
CK_KERNEL(AVX512, CK_AVX512, 12, 2)
CK_KERNEL(AVX2, CK_AVX2, 6, 1)
CK_KERNEL(Baseline, , 2, 1)
#else
CK_KERNEL(Baseline, , 6, 1)
#endif

static const Kernel *chooseKernel(void) {
#if defined(__x86_64__)
  switch (ck_level()) {
    case CKLevelAVX512:
      return &kernelAVX512;
    case CKLevelAVX2:
      return &kernelAVX2;
    case CKLevelBaseline:
      break;
  }
#endif
  return &kernelBaseline;
}

void ck_floatProduct(const CKProduct *product, CKTileBody body, void *context) {
  multiplyBlocks(chooseKernel(), product, body, context);
}
