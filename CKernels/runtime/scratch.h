/// Memory that a thread keeps from one operation to the next, so that the hot path never allocates.
#ifndef CK_SCRATCH_H
#define CK_SCRATCH_H

#include "types.h"
CK_BEGIN

/// What lives at the same time on one thread: the memory of a whole operation, which its caller holds while it works
/// on pieces itself, and the memory of one piece.
typedef CK_ENUM(CKScratch) {
  CKScratchOperation = 0,
  CKScratchPiece = 1,
} CKScratch;

/// At least `byteCount` bytes, 64-byte aligned, contents undefined, valid until this thread asks for the same kind
/// again. Stops the process when there is no memory left.
void *CK_NONNULL ck_scratch(CKScratch kind, int64_t byteCount);

CK_END
#endif
