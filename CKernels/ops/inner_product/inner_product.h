/// result = Σ left · right, in double precision and in a fixed order: products of gradients leave
/// the range of floats, and where most of them cancel the sign of what is left decides.
#ifndef CK_INNER_PRODUCT_H
#define CK_INNER_PRODUCT_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKInnerProduct {
  int64_t count;
  const float *CK_NONNULL left, *CK_NONNULL right;
  float *CK_NONNULL result; // one value
} CKInnerProduct;

void ck_innerProduct(const CKInnerProduct *CK_NONNULL arguments);

CK_END
#endif
