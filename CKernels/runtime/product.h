/// What blas.c chooses from: OpenBLAS, which computes a tile on the calling thread alone, and the
/// built-in product, which cuts its work over the pool itself.
#ifndef CK_PRODUCT_H
#define CK_PRODUCT_H

#include "blas.h"
CK_BEGIN

/// Below 20 microseconds of work, waking a thread costs more than it saves.
static inline bool ck_isSmallProduct(const CKProduct *CK_NONNULL product) {
  return (double)product->rows * product->columns * product->depth < 1e6;
}

/// ck_productThen by packed panels and a register-blocked kernel. Sizes and depth are positive. Its
/// bits depend on the sizes and the instruction set alone, not on the thread count. It packs into
/// CKScratchOperation, which neither the caller nor the body may hold.
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
