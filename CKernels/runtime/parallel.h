/// One small pool of threads for the C halves. Work is cut by its size alone, never by the thread count, so that a
/// result does not depend on which thread computed which piece.
#ifndef CK_PARALLEL_H
#define CK_PARALLEL_H

#include "types.h"
CK_BEGIN

/// Threads that work, the caller included, at least 1; set before the first operation or between operations.
void ck_setThreadCount(int32_t count);
int32_t ck_threadCount(void);

/// Calls body(context, piece) for every piece in 0 ..< pieceCount, on all threads, and returns when all are done.
typedef void (*CKBody)(void *CK_NULLABLE context, int64_t piece);
void ck_parallel(int64_t pieceCount, CKBody CK_NONNULL body, void *CK_NULLABLE context);

CK_END
#endif
