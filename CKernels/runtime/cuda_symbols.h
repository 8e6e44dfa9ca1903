/// The CUDA libraries: their files, and the symbols that fill their tables.
#ifndef CK_CUDA_SYMBOLS_H
#define CK_CUDA_SYMBOLS_H

#include <stddef.h>

#include "cuda_platform.h"

/// A field of a library's table and the symbol that fills it.
typedef struct CKLibrarySymbol {
  size_t offset;
  const char *name;
} CKLibrarySymbol;

/// A library: its file names, newest first, and the folders that Python packages put it in.
typedef struct CKLibraryDescription {
  const char *name;
  const CKLibrarySymbol *symbols;
  size_t symbolCount;
  size_t table;  // its place in CKCUDAPlatform
  const char *files[5], *packages[3];
} CKLibraryDescription;

extern const CKLibraryDescription ck_libraryDescriptions[ckCUDALibraryCount];

#endif
