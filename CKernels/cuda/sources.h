/// The text of the kernels, which travels in the program.
#ifndef CK_SOURCES_H
#define CK_SOURCES_H

#include "../runtime/cuda_internal.h"

enum { ckMostSources = 96 };

/// A file of the kernels by the spelling of the #include lines that name it.
typedef struct CKKernelSource {
  const char *CK_NONNULL name;
  const char *CK_NONNULL text;
} CKKernelSource;

/// Kernels that NVRTC compiles together, by a text that includes the files.
typedef struct CKKernelModule {
  bool isForAll;                  // or for attention:
  const char *CK_NULLABLE kernel;  // the one that it has, for tensor cores; null: those for fp32
  const char *CK_NONNULL root;
} CKKernelModule;

extern const CKKernelModule ck_kernelModules[];
extern const int ck_kernelModuleCount;
extern const CKKernelSource ck_kernelSources[];
extern const int ck_kernelSourceCount;

#endif
