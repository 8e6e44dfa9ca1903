/// What blas.c chooses from; all compute a tile on the calling thread alone.
#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include "blas.h"
CK_BEGIN

/// ck_productThen by packed panels and a register-blocked kernel. Sizes and depth are positive. The
/// bits of an element depend on its factors, the depth, beta, what it was and the instruction set
/// alone, not on where in which tile it lies. It packs into CKScratchPiece, which neither the
/// caller nor the body may hold.
void ck_floatProduct(const CKProduct *CK_NONNULL product, CKTileBody CK_NULLABLE body,
                     void *CK_NULLABLE context);
/// The same of factors that are rounded to bf16, to nearest and halves to even; below the smallest
/// normal number factors, sums and products are zero. Each sum takes two products at a time, one
/// after the other. Traps where `ck_hasBFloat16Product` is false.
void ck_bFloat16Product(const CKProduct *CK_NONNULL product, CKTileBody CK_NULLABLE body,
                        void *CK_NULLABLE context);

typedef struct CKOpenBLAS {
  void (*CK_NULLABLE product)(const CKProduct *CK_NONNULL product);  // null: no usable library
  const char *CK_NONNULL path;
  const char *CK_NONNULL version;
  const char *CK_NONNULL tried;
} CKOpenBLAS;

/// Opens the library on the first call.
const CKOpenBLAS *CK_NONNULL ck_openBLAS(void);

CK_END
#endif
