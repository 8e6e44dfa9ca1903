/// One small pool of threads for the C halves. Work is cut by its size alone, not by the thread
/// count, so that a result does not depend on it; but for matrix products (blas.c), whose built-in
/// engine gives the same bits for any cut.
#ifndef CK_PARALLEL_H
#define CK_PARALLEL_H

#include "types.h"
CK_BEGIN

/// Threads that work, the caller included, at least 1; set before the first operation or between
/// operations, never from inside one. Before the first call it is the number of processors that the
/// process may run on.
void ck_setThreadCount(int32_t count);
int32_t ck_threadCount(void);
/// Threads that a job begun here would have: 1 inside a piece.
int32_t ck_jobThreadCount(void);

/// Calls body(context, piece) for every piece in 0 ..< pieceCount, on all threads, and returns when
/// all are done. Half of the threads begin with the first piece and half with the last, and they
/// meet where they may. Callers on several threads take turns; a call from inside a piece runs its
/// pieces in place, in ascending order. At most 2^24 − 1 pieces. The pool does not survive `fork`.
typedef void (*CKBody)(void *CK_NULLABLE context, int64_t piece);
void ck_parallel(int64_t pieceCount, CKBody CK_NONNULL body, void *CK_NULLABLE context);

/// Pieces of `size` elements that cover `count` elements; the last may be shorter.
static inline int64_t ck_pieceCount(int64_t count, int64_t size) {
  return (count + size - 1) / size;
}

/// One past the last element of a piece that begins at `start`.
static inline int64_t ck_pieceEnd(int64_t start, int64_t size, int64_t count) {
  return count - start < size ? count : start + size;
}

CK_END
#endif
