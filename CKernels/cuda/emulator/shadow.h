/// What is remembered of each word of device and shared memory.
#ifndef CK_SHADOW_H
#define CK_SHADOW_H

#include <pthread.h>

#include "../../runtime/types.h"

/// Times are readings of a clock that ticks at every barrier. Readers: the last one, or one of the
/// values below.
typedef struct CKShadow {
  uint32_t writeTime, readTime;
  int16_t writer, reader, readerWarp;
} CKShadow;

enum { ckSeveralReaders = -1 };

/// A range of memory that kernels may use, with a shadow for each of its words.
typedef struct CKRange {
  uintptr_t first, end;
  CKShadow *shadow;
} CKRange;

/// Held while memory is taken or given back, and for the whole of a launch.
extern pthread_mutex_t ck_emulatorLock;

/// The range that holds the whole of an access; null when there is none.
const CKRange *ck_emulatedRange(uintptr_t address, size_t byteCount);

#endif
