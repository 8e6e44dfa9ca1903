/// The text of the kernels, which travels in the program.
#ifndef CK_SOURCES_H
#define CK_SOURCES_H

#include "../runtime/types.h"

/// A file of the kernels by the spelling of the #include lines that name it.
typedef struct CKKernelSource {
  const char *CK_NONNULL name;
  const char *CK_NONNULL text;
} CKKernelSource;

/// What NVRTC compiles; it includes the others.
extern const char ck_kernelRoot[];
extern const CKKernelSource ck_kernelSources[];
extern const int ck_kernelSourceCount;

#endif
