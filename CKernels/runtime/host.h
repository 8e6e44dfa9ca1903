/// Host memory and what the processor can do.
#ifndef CK_HOST_H
#define CK_HOST_H

#include "types.h"
CK_BEGIN

/// 64-byte aligned memory, contents undefined; null when there is none.
void *CK_NULLABLE ck_allocate(int64_t byteCount);
void ck_free(void *CK_NULLABLE address);

/// Name of the instruction set that the loops were dispatched to: "AVX-512", "AVX2" or "baseline".
const char *CK_NONNULL ck_instructionSet(void);
/// The largest resident set of this process so far, in bytes.
int64_t ck_peakMemory(void);
/// Processors this process may run on.
int32_t ck_processorCount(void);

CK_END
#endif
