/// The kernels that the emulator has, by name.
#ifndef CK_KERNEL_TABLE_H
#define CK_KERNEL_TABLE_H

#include "../../../../runtime/types.h"
CK_BEGIN

typedef struct CKEmulatedKernel {
  const char *CK_NONNULL name;
  void (*CK_NONNULL run)(void *CK_NULLABLE *CK_NONNULL parameters);
  const size_t *CK_NONNULL sizes;  // of its parameters, three, those that it has not being 0
} CKEmulatedKernel;

const CKEmulatedKernel *CK_NULLABLE ck_emulatedKernel(const char *CK_NONNULL name);

CK_END
#endif
