// Where it is defined, longjmp checks that it leads up the stack it is called on, and aborts on the
// jumps from one fiber's stack to another's.
#undef _FORTIFY_SOURCE
#include "fibers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "device_indices.h"
#include "shadow.h"

enum { stackBytes = 1 << 16, largestShared = 1 << 18 };

CKEmulation ck_emulation;
CKEmulatedIndex ck_emulatedIndices[4];
uintptr_t ck_fiberStack[2];

// Jumps leave the signal mask alone, for which swapcontext makes a system call.
static jmp_buf scheduler, contexts[ckLargestBlock];
// A fiber runs one block after another, until a fault leaves it in the middle of one.
static bool isStarted[ckLargestBlock];
static char *stacks;
static float *dynamicShared;
static CKRange staticRange, dynamicRange;
static uint64_t randomState = 1;
static char message[512];

// The linker makes these for the section that shared variables lie in.
extern char __start_ck_shared[] __attribute__((weak)), __stop_ck_shared[] __attribute__((weak));

void ck_emulatorSeed(uint64_t seed) { randomState = seed * 2 + 1; }

static uint32_t randomBelow(uint32_t count) {
  randomState = randomState * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((randomState >> 33) * count >> 31);
}

static void shuffle(uint32_t *order, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) order[i] = i;
  for (uint32_t i = count; i > 1; i--) {
    uint32_t other = randomBelow(i), kept = order[i - 1];
    order[i - 1] = order[other];
    order[other] = kept;
  }
}

void ck_emulatorFault(const char *format, ...) {
  char what[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  snprintf(message, sizeof message, "%s, block (%u, %u, %u), thread %d: %s",
           ck_emulation.launch->name, ck_emulatedIndices[1].x, ck_emulatedIndices[1].y,
           ck_emulatedIndices[1].z, ck_emulation.current, what);
  ck_emulation.fault = message;
  _longjmp(scheduler, 1);
}

float *ck_emulatedSharedMemory(void) { return dynamicShared; }

const CKRange *ck_emulatedShared(uintptr_t address, size_t byteCount) {
  const CKRange *both[] = {&staticRange, &dynamicRange};
  for (int i = 0; i < 2; i++)
    if (address >= both[i]->first && address < both[i]->end && byteCount <= both[i]->end - address)
      return both[i];
  return NULL;
}

// MARK: Barriers

static void leaveFiber(void) {
  if (_setjmp(contexts[ck_emulation.current]) == 0) _longjmp(scheduler, 1);
}

static void waitAt(CKFiberState state, int line, uint32_t mask) {
  CKFiber *fiber = &ck_emulation.fibers[ck_emulation.current];
  fiber->state = state;
  fiber->line = line;
  fiber->mask = mask;
  leaveFiber();
}

void ck_emulatedBlockBarrier(int line) { waitAt(CKFiberAtBlockBarrier, line, 0); }

void ck_emulatedWarpBarrier(int line, unsigned int mask) {
  int lane = ck_emulation.current % ckEmulatedWarp;
  if ((mask >> lane & 1) == 0)
    ck_emulatorFault("synchronization: line %d names no lane %d", line, lane);
  waitAt(CKFiberAtWarpBarrier, line, mask);
}

/// Lays out what a fiber offers, waits for the others, and returns the slot where all of them lie.
static uint32_t offer(int line, uint32_t mask, const void *offered, size_t byteCount) {
  CKFiber *fiber = &ck_emulation.fibers[ck_emulation.current];
  uint32_t slot = fiber->shuffleCount++ % 2;
  memcpy(fiber->slots[slot], offered, byteCount);
  ck_emulatedWarpBarrier(line, mask);
  return slot;
}

unsigned long long ck_emulatedShuffle(int line, unsigned int mask, unsigned long long bits,
                                      int lane) {
  uint32_t slot = offer(line, mask, &bits, sizeof bits);
  int source = lane % ckEmulatedWarp;
  if ((mask >> source & 1) == 0)
    ck_emulatorFault("synchronization: line %d reads from lane %d", line, source);
  int first = ck_emulation.current / ckEmulatedWarp * ckEmulatedWarp;
  memcpy(&bits, ck_emulation.fibers[first + source].slots[slot], sizeof bits);
  return bits;
}

void ck_emulatedGather(int line, const uint32_t *offered,
                       uint32_t (*all)[ckEmulatedWarp][ckOfferedWords]) {
  uint32_t slot = offer(line, UINT32_MAX, offered, sizeof **all);
  int first = ck_emulation.current / ckEmulatedWarp * ckEmulatedWarp;
  for (int lane = 0; lane < ckEmulatedWarp; lane++)
    memcpy((*all)[lane], ck_emulation.fibers[first + lane].slots[slot], sizeof **all);
}

/// A counter of arrivals, which one thread of a block adds to between two barriers. Whoever comes last
/// may read what the launch has written so far: it is as if a launch ended here.
bool ck_emulatedArrival(int line, unsigned int *counter, unsigned int count) {
  CKEmulation *e = &ck_emulation;
  if (e->current == 0) {
    if (ck_emulatedRange((uintptr_t)counter, sizeof *counter) == NULL || *counter >= count)
      ck_emulatorFault("memory: no counter of %u arrivals", count);
    e->isLast = ++*counter == count;
    if (e->isLast) *counter = 0;
  }
  ck_emulatedBlockBarrier(line);
  if (e->current == 0 && e->isLast) e->launchTime = ++e->clock;
  bool isLast = e->isLast;
  ck_emulatedBlockBarrier(line);
  return isLast;
}

/// Whether every lane that a fiber waits for waits for the same.
static bool isComplete(const CKFiber *fiber, uint32_t warp, uint32_t threads) {
  for (uint32_t lane = 0; lane < ckEmulatedWarp; lane++) {
    if ((fiber->mask >> lane & 1) == 0) continue;
    uint32_t thread = warp * ckEmulatedWarp + lane;
    if (thread >= threads) return false;
    const CKFiber *other = &ck_emulation.fibers[thread];
    if (other->state != CKFiberAtWarpBarrier || other->line != fiber->line ||
        other->mask != fiber->mask)
      return false;
  }
  return true;
}

static bool releaseWarps(uint32_t threads) {
  bool released = false;
  for (uint32_t thread = 0; thread < threads; thread++) {
    CKFiber *fiber = &ck_emulation.fibers[thread];
    uint32_t warp = thread / ckEmulatedWarp;
    if (fiber->state != CKFiberAtWarpBarrier || !isComplete(fiber, warp, threads)) continue;
    uint32_t mask = fiber->mask;
    for (uint32_t lane = 0; lane < ckEmulatedWarp; lane++)
      if (mask >> lane & 1)
        ck_emulation.fibers[warp * ckEmulatedWarp + lane].state = CKFiberRunnable;
    ck_emulation.warpTimes[warp] = ++ck_emulation.clock;
    released = true;
  }
  return released;
}

/// Lets the block pass its barrier; false when it must not.
static bool releaseBlock(uint32_t threads) {
  const CKFiber *fibers = ck_emulation.fibers;
  for (uint32_t thread = 0; thread < threads; thread++)
    if (fibers[thread].state != CKFiberAtBlockBarrier || fibers[thread].line != fibers[0].line)
      return false;
  for (uint32_t thread = 0; thread < threads; thread++)
    ck_emulation.fibers[thread].state = CKFiberRunnable;
  ck_emulation.barrierTime = ++ck_emulation.clock;
  return true;
}

/// Names a pair of threads that will never meet.
static void reportDivergence(uint32_t threads) {
  static const char *const states[] = {"runs", "waits for the block", "waits for its warp",
                                       "has returned"};
  const CKFiber *fibers = ck_emulation.fibers;
  uint32_t waiting = 0;
  while (fibers[waiting].state == CKFiberReturned) waiting++;
  uint32_t other = 0;
  for (uint32_t thread = 0; thread < threads; thread++)
    if (fibers[thread].state != fibers[waiting].state ||
        fibers[thread].line != fibers[waiting].line)
      other = thread;
  snprintf(message, sizeof message,
           "%s, block (%u, %u, %u): synchronization: thread %u %s at line %d, and thread %u %s "
           "(line %d)",
           ck_emulation.launch->name, ck_emulatedIndices[1].x, ck_emulatedIndices[1].y,
           ck_emulatedIndices[1].z, waiting, states[fibers[waiting].state], fibers[waiting].line,
           other, states[fibers[other].state], fibers[other].line);
  ck_emulation.fault = message;
}

// MARK: Running

static void runFiber(void) {
  for (;;) {
    ck_emulation.launch->run(ck_emulation.launch->parameters);
    ck_emulation.fibers[ck_emulation.current].state = CKFiberReturned;
    leaveFiber();
  }
}

[[noreturn]] static void startFiber(uint32_t thread) {
  ucontext_t context;
  getcontext(&context);
  context.uc_stack.ss_sp = stacks + (size_t)thread * stackBytes;
  context.uc_stack.ss_size = stackBytes;
  context.uc_link = NULL;
  makecontext(&context, runFiber, 0);
  isStarted[thread] = true;
  setcontext(&context);
  abort();
}

static void resume(uint32_t thread) {
  ck_emulation.current = (int)thread;
  ck_emulatedIndices[0] = (CKEmulatedIndex){thread, 0, 0};
  ck_fiberStack[0] = (uintptr_t)stacks + (size_t)thread * stackBytes;
  ck_fiberStack[1] = ck_fiberStack[0] + stackBytes;
  if (_setjmp(scheduler) != 0) return;
  if (isStarted[thread]) _longjmp(contexts[thread], 1);
  startFiber(thread);
}

static void prepareBlock(uint32_t threads) {
  ck_emulation.blockTime = ck_emulation.barrierTime = ++ck_emulation.clock;
  memset(ck_emulation.warpTimes, 0, sizeof ck_emulation.warpTimes);
  const CKRange *both[] = {&staticRange, &dynamicRange};
  for (int i = 0; i < 2; i++) memset((void *)both[i]->first, 0xFF, both[i]->end - both[i]->first);
  for (uint32_t thread = 0; thread < threads; thread++)
    ck_emulation.fibers[thread] = (CKFiber){.state = CKFiberRunnable};
}

static void runBlock(uint32_t threads) {
  prepareBlock(threads);
  uint32_t order[ckLargestBlock];
  for (;;) {
    bool isDone = true;
    shuffle(order, threads);
    for (uint32_t i = 0; i < threads; i++) {
      if (ck_emulation.fibers[order[i]].state != CKFiberRunnable) continue;
      resume(order[i]);
      if (ck_emulation.fault != NULL) return;
    }
    for (uint32_t thread = 0; thread < threads; thread++)
      isDone = isDone && ck_emulation.fibers[thread].state == CKFiberReturned;
    if (isDone) return;
    if (!releaseWarps(threads) && !releaseBlock(threads)) return reportDivergence(threads);
  }
}

static void prepareMemory(uint32_t sharedBytes) {
  if (stacks == NULL) {
    stacks = mmap(NULL, (size_t)ckLargestBlock * stackBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    dynamicShared = aligned_alloc(256, largestShared);
    size_t bytes = (size_t)(__stop_ck_shared - __start_ck_shared);
    staticRange = (CKRange){(uintptr_t)__start_ck_shared, (uintptr_t)__stop_ck_shared,
                            calloc(bytes / 4 + 1, sizeof(CKShadow))};
    dynamicRange.shadow = calloc(largestShared / 4, sizeof(CKShadow));
    if (stacks == MAP_FAILED || dynamicShared == NULL || staticRange.shadow == NULL ||
        dynamicRange.shadow == NULL)
      abort();
  }
  dynamicRange.first = (uintptr_t)dynamicShared;
  dynamicRange.end = dynamicRange.first + sharedBytes;
}

const char *ck_emulate(const CKEmulatedLaunch *launch) {
  static char refusal[256];
  if (launch->threads == 0 || launch->threads > ckLargestBlock ||
      launch->threads % ckEmulatedWarp != 0 || launch->sharedBytes > largestShared ||
      launch->grid[0] == 0 || launch->grid[1] == 0 || launch->grid[2] == 0) {
    snprintf(refusal, sizeof refusal,
             "%s cannot be launched as %u × %u × %u blocks of %u threads with %u bytes",
             launch->name, launch->grid[0], launch->grid[1], launch->grid[2], launch->threads,
             launch->sharedBytes);
    return refusal;
  }
  pthread_mutex_lock(&ck_emulatorLock);
  prepareMemory(launch->sharedBytes);
  ck_emulation.launch = launch;
  ck_emulation.fault = NULL;
  ck_emulation.launchTime = ++ck_emulation.clock;
  ck_emulatedIndices[2] = (CKEmulatedIndex){launch->threads, 1, 1};
  ck_emulatedIndices[3] = (CKEmulatedIndex){launch->grid[0], launch->grid[1], launch->grid[2]};
  uint32_t count = launch->grid[0] * launch->grid[1] * launch->grid[2];
  // Blocks have no order either: begin anywhere and go either way.
  uint32_t first = randomBelow(count);
  bool isBackward = randomBelow(2) == 1;
  for (uint32_t i = 0; i < count && ck_emulation.fault == NULL; i++) {
    uint32_t block = (first + (isBackward ? count - i : i)) % count;
    ck_emulatedIndices[1] =
        (CKEmulatedIndex){block % launch->grid[0], block / launch->grid[0] % launch->grid[1],
                          block / launch->grid[0] / launch->grid[1]};
    runBlock(launch->threads);
  }
  const char *fault = ck_emulation.fault;
  if (fault != NULL) memset(isStarted, 0, sizeof isStarted);
  pthread_mutex_unlock(&ck_emulatorLock);
  return fault;
}
