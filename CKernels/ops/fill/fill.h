/// Fills, copies and additions of plain floats.
#ifndef CK_FILL_H
#define CK_FILL_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKFill {
  int64_t count;
  float value;
  float *CK_NONNULL destination;
} CKFill;

typedef struct CKCopy {
  int64_t count;
  const float *CK_NONNULL source;
  float *CK_NONNULL destination;
} CKCopy;

/// destination += factor · source.
typedef struct CKAdd {
  int64_t count;
  float factor;
  const float *CK_NONNULL source;
  float *CK_NONNULL destination;
} CKAdd;

void ck_fill(const CKFill *CK_NONNULL arguments);
void ck_copy(const CKCopy *CK_NONNULL arguments);
void ck_add(const CKAdd *CK_NONNULL arguments);

CK_END
#endif
