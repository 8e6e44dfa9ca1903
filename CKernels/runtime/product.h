/// What blas.c chooses from: two ways to compute a product on the calling thread alone.
#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include "blas.h"
CK_BEGIN

typedef void (*CKSingleThreadProduct)(const CKProduct *CK_NONNULL product);

/// Packed panels and a register-blocked kernel. Sizes and depth are positive.
void ck_builtInProduct(const CKProduct *CK_NONNULL product);

typedef struct CKOpenBLAS {
  CKSingleThreadProduct CK_NULLABLE product;  // null: no usable library
  const char *CK_NONNULL path;
  const char *CK_NONNULL version;
  const char *CK_NONNULL tried;
} CKOpenBLAS;

/// Opens the library on the first call.
const CKOpenBLAS *CK_NONNULL ck_openBLAS(void);

CK_END
#endif
