/// What the planted kernels read: 64 values, for blocks of 64 threads.
#ifndef CK_PLANTED_H
#define CK_PLANTED_H

#include "../../../../runtime/types.h"

typedef struct CKPlanted {
  float *CK_NONNULL values;
} CKPlanted;

#endif
