/// Matrix products whose sums are floats: the built-in blocked product, or, of factors that are
/// floats, OpenBLAS opened at run time.
#ifndef CK_BLAS_H
#define CK_BLAS_H

#include "types.h"
CK_BEGIN

/// output[m, n] = op(left) · op(right) + beta · output, row-major; on all threads of the pool. With
/// beta 0 the output is not read. The sums of one element are added in an order that depends on the
/// sizes, with OpenBLAS on the thread count too.
typedef struct CKProduct {
  CKFactorType factors;  // floats; or bf16 where `ck_hasBFloat16Product`
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

/// Whether this processor has instructions for factors that are rounded to bf16 (AVX512_BF16).
bool ck_hasBFloat16Product(void);

/// Calls body for every tile of the output as soon as it is complete, on the thread that computed
/// it and while it is still in that processor's cache. The tiles cover the output once.
typedef void (*CKTileBody)(void *CK_NULLABLE context, int32_t row, int32_t rowCount, int32_t column,
                           int32_t columnCount);
void ck_productThen(const CKProduct *CK_NONNULL product, CKTileBody CK_NONNULL body,
                    void *CK_NULLABLE context);

/// What multiplies matrices: opens OpenBLAS if that would multiply. All strings live as long as the
/// process.
///
/// The library is looked for under its usual names and folders, or, when PURE_OPENBLAS is set in
/// the environment, at that absolute path alone. OPENBLAS_CORETYPE, OpenBLAS's own variable,
/// chooses its kernels.
typedef struct CKBlasDescription {
  bool isBuiltIn;
  const char *CK_NONNULL path;     // where it was found; "" for the built-in product
  const char *CK_NONNULL version;  // as the library describes itself
  const char *CK_NONNULL tried;    // every name that was tried, with what was wrong with it,
                                   // separated by ", "; "" for none
} CKBlasDescription;

CKBlasDescription ck_blasDescription(void);

/// Who multiplies.
typedef CK_ENUM(CKProductChoice){
    /// The faster of the two: the built-in product with AVX-512, otherwise OpenBLAS where it is
    /// found. A library that PURE_OPENBLAS names is taken with AVX-512 too.
    CKProductFastest = 0,
    CKProductBuiltIn = 1,
    CKProductOpenBLAS = 2,  // where it is found
} CKProductChoice;

/// Chooses for all products from now on; fastest until then.
void ck_chooseProduct(CKProductChoice choice);

CK_END
#endif
