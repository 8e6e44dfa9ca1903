#include "parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host.h"

// A job is published as one word: its number in the upper bits, then the first and the last piece
// not yet begun. A thread claims a piece from either end with compare-and-swap, which fails when
// the word has moved on to another job; so a thread that comes late never touches a job that is not
// its own, and nobody waits for threads that never came. A claimed piece keeps its job alive until
// it is counted as finished, hence the job's fields may be read then.
//
// The caller and every second worker begin at the first piece, the others at the last: of two
// threads each works on the same half of every operation's rows, which then are in its core's
// cache.
enum { pieceBits = 24 };
static const uint64_t pieceMask = (UINT64_C(1) << pieceBits) - 1;

/// How long a thread looks for work before it sleeps: longer than the gap between two operations of
/// a training step.
static const int64_t spinNanoseconds = 100000;

static struct {
  pthread_mutex_t turn;  // held by the one caller whose job runs

  _Alignas(64) _Atomic uint64_t job;
  CKBody body;
  void *context;
  _Alignas(64) _Atomic int64_t unfinished;

  // Sleep. Counts are raised before a thread looks at `job` or `unfinished` for the last time.
  _Alignas(64) pthread_mutex_t lock;
  pthread_cond_t published, completed;
  _Atomic int32_t sleepingWorkers;
  _Atomic bool callerSleeps, stops;

  _Atomic int32_t threadCount;  // 0: not chosen yet
  bool isStarted, spins;
  int32_t workerCount;
  pthread_t *workers;
  uint64_t jobBeforeStart;  // the number that workers have seen when they begin
} pool = {
    .turn = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .published = PTHREAD_COND_INITIALIZER,
    .completed = PTHREAD_COND_INITIALIZER,
};

static _Thread_local bool isInsidePiece;

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static uint64_t jobNumber(uint64_t job) { return job >> 2 * pieceBits; }
/// The first piece not yet begun.
static uint64_t jobStart(uint64_t job) { return job >> pieceBits & pieceMask; }
/// One past the last piece not yet begun.
static uint64_t jobEnd(uint64_t job) { return job & pieceMask; }

/// Works on the job `number` until none of its pieces is left to begin.
static void work(uint64_t number, bool takesLast) {
  int64_t finished = 0;
  uint64_t job = atomic_load(&pool.job);
  while (jobNumber(job) == number && jobStart(job) < jobEnd(job)) {
    uint64_t next = takesLast ? job - 1 : job + (UINT64_C(1) << pieceBits);
    if (!atomic_compare_exchange_weak(&pool.job, &job, next)) continue;
    pool.body(pool.context, (int64_t)(takesLast ? jobEnd(next) : jobStart(job)));
    finished++;
    job = atomic_load(&pool.job);
  }
  if (finished == 0) return;
  if (atomic_fetch_sub(&pool.unfinished, finished) == finished && atomic_load(&pool.callerSleeps)) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_signal(&pool.completed);
    pthread_mutex_unlock(&pool.lock);
  }
}

static bool isWorkerIdle(uint64_t seen) {
  return jobNumber(atomic_load(&pool.job)) == seen && !atomic_load(&pool.stops);
}

static bool isJobUnfinished(uint64_t unused) {
  (void)unused;
  return atomic_load(&pool.unfinished) != 0;
}

/// Waits in a loop while the condition holds, but not for long; true when it no longer holds.
static bool spinWhile(bool (*condition)(uint64_t), uint64_t argument) {
  if (!pool.spins) return !condition(argument);
  int64_t start = nanoseconds();
  do {
    for (int i = 0; i < 64; i++) {
      if (!condition(argument)) return true;
      relax();
    }
  } while (nanoseconds() - start < spinNanoseconds);
  return false;
}

static void *runWorker(void *index) {
  isInsidePiece = true;
  bool takesLast = (uintptr_t)index % 2 == 0;
  uint64_t seen = pool.jobBeforeStart;
  while (true) {
    if (!spinWhile(isWorkerIdle, seen)) {
      pthread_mutex_lock(&pool.lock);
      atomic_fetch_add(&pool.sleepingWorkers, 1);
      while (isWorkerIdle(seen)) pthread_cond_wait(&pool.published, &pool.lock);
      atomic_fetch_sub(&pool.sleepingWorkers, 1);
      pthread_mutex_unlock(&pool.lock);
    }
    if (atomic_load(&pool.stops)) return NULL;
    seen = jobNumber(atomic_load(&pool.job));
    work(seen, takesLast);
  }
}

/// Starts the workers; fewer, if the system refuses some. The caller holds `turn`.
static void start(void) {
  int32_t count = ck_threadCount();
  pool.isStarted = true;
  pool.spins = count <= ck_processorCount();
  pool.workerCount = 0;
  pool.workers = calloc((size_t)count, sizeof(pthread_t));
  if (pool.workers == NULL) return;
  // Signals are for the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pool.jobBeforeStart = jobNumber(atomic_load(&pool.job));
  while (pool.workerCount < count - 1 &&
         pthread_create(&pool.workers[pool.workerCount], NULL, runWorker,
                        (void *)(uintptr_t)pool.workerCount) == 0)
    pool.workerCount++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/// Ends the workers. The caller holds `turn`.
static void stop(void) {
  pthread_mutex_lock(&pool.lock);
  atomic_store(&pool.stops, true);
  pthread_cond_broadcast(&pool.published);
  pthread_mutex_unlock(&pool.lock);
  for (int32_t i = 0; i < pool.workerCount; i++) pthread_join(pool.workers[i], NULL);
  free(pool.workers);
  pool.workers = NULL;
  pool.workerCount = 0;
  pool.isStarted = false;
  atomic_store(&pool.stops, false);
}

void ck_setThreadCount(int32_t count) {
  pthread_mutex_lock(&pool.turn);
  if (pool.isStarted) stop();
  atomic_store(&pool.threadCount, count < 1 ? 1 : count);
  pthread_mutex_unlock(&pool.turn);
}

int32_t ck_threadCount(void) {
  int32_t count = atomic_load(&pool.threadCount);
  return count == 0 ? ck_processorCount() : count;
}

/// Publishes a job, works on it and waits for the others. The caller holds `turn`.
static void runJob(int64_t pieceCount, CKBody body, void *context) {
  if (!pool.isStarted) start();
  uint64_t number = (jobNumber(atomic_load(&pool.job)) + 1) & (UINT64_MAX >> 2 * pieceBits);
  pool.body = body;
  pool.context = context;
  atomic_store(&pool.unfinished, pieceCount);
  atomic_store(&pool.job, number << 2 * pieceBits | (uint64_t)pieceCount);
  if (atomic_load(&pool.sleepingWorkers) != 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.published);
    pthread_mutex_unlock(&pool.lock);
  }
  work(number, false);
  if (spinWhile(isJobUnfinished, 0)) return;
  pthread_mutex_lock(&pool.lock);
  atomic_store(&pool.callerSleeps, true);
  while (isJobUnfinished(0)) pthread_cond_wait(&pool.completed, &pool.lock);
  atomic_store(&pool.callerSleeps, false);
  pthread_mutex_unlock(&pool.lock);
}

int32_t ck_jobThreadCount(void) { return isInsidePiece ? 1 : ck_threadCount(); }

void ck_parallel(int64_t pieceCount, CKBody body, void *context) {
  if (pieceCount <= 1 || ck_jobThreadCount() == 1) {
    for (int64_t piece = 0; piece < pieceCount; piece++) body(context, piece);
    return;
  }
  if (pieceCount > (int64_t)pieceMask) {
    fprintf(stderr, "pure: %lld pieces are more than a job holds\n", (long long)pieceCount);
    abort();
  }
  pthread_mutex_lock(&pool.turn);
  isInsidePiece = true;
  runJob(pieceCount, body, context);
  isInsidePiece = false;
  pthread_mutex_unlock(&pool.turn);
}
