/// Compiled kernels on the disk: code that will run in this user's name, so only from a folder and
/// a file that are this user's, that nobody else can write, and that hold what was put there.
#ifndef CK_CUDA_CACHE_H
#define CK_CUDA_CACHE_H

#include "cuda_internal.h"

/// A compiled module: machine code for one architecture, or assembly that the driver compiles.
typedef struct CKImage {
  char *bytes;
  size_t byteCount;
} CKImage;

/// What an entry is known by: the architecture, for people, and the SHA-256 of all that decides
/// what the code is.
typedef struct CKImageKey {
  const char *architecture;
  uint8_t digest[32];
} CKImageKey;

/// False where there is no entry; where there is one that is not to be trusted, with a note.
bool ck_readImage(CKCUDAContext *context, const CKImageKey *key, CKImage *image);

/// A cache that cannot be written costs the next start a compilation and a note, nothing else.
void ck_writeImage(CKCUDAContext *context, const CKImageKey *key, const CKImage *image);

#endif
