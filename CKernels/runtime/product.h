/// What blas.c chooses from; both compute a tile on the calling thread alone.
#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include "blas.h"
CK_BEGIN

/// ck_productThen by packed panels and a register-blocked kernel. Sizes and depth are positive. The
/// bits of an element depend on its factors, the depth, beta, what it was and the instruction set
/// alone, not on where in which tile it lies. It packs into CKScratchPiece, which neither the
/// caller nor the body may hold.
void ck_builtInProduct(const CKProduct *CK_NONNULL product, CKTileBody CK_NULLABLE body,
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
