/// Single-precision matrix products: OpenBLAS opened at run time, or the built-in blocked product.
#ifndef CK_BLAS_H
#define CK_BLAS_H

#include "types.h"
CK_BEGIN

/// output[m, n] = alpha · op(left) · op(right) + beta · output, row-major; on all threads of the pool.
typedef struct CKProduct {
  int32_t rows, columns, depth;
  bool transposesLeft, transposesRight;
  const float *CK_NONNULL left;
  int32_t leftStride;
  const float *CK_NONNULL right;
  int32_t rightStride;
  float beta;
  float *CK_NONNULL output;
  int32_t outputStride;
} CKProduct;

void ck_product(const CKProduct *CK_NONNULL product);

/// What multiplies matrices: opens the library on first use. All strings live as long as the process.
typedef struct CKBlasDescription {
  bool isBuiltIn;
  const char *CK_NONNULL path;     // where it was found; "" for the built-in product
  const char *CK_NONNULL version;  // as the library describes itself
  const char *CK_NONNULL tried;    // every name that was tried, separated by ", "
} CKBlasDescription;

CKBlasDescription ck_blasDescription(void);

/// Chooses the built-in product even where a library is found (tests compare the two).
void ck_useBuiltInProduct(bool builtIn);

CK_END
#endif
