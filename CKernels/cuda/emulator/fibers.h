/// The threads of the block that runs.
#ifndef CK_FIBERS_H
#define CK_FIBERS_H

#include "emulator.h"

enum { ckLargestBlock = 1024, ckEmulatedWarp = 32, ckOfferedWords = 6 };

/// What a fiber is doing.
typedef CK_ENUM(CKFiberState){
    CKFiberRunnable = 0,
    CKFiberAtBlockBarrier = 1,
    CKFiberAtWarpBarrier = 2,
    CKFiberReturned = 3,
} CKFiberState;

typedef struct CKFiber {
  CKFiberState state;
  int line;       // of the barrier where it waits
  uint32_t mask;  // lanes that meet there
  // What it offers in a shuffle; two, because a fast lane may be one shuffle ahead.
  uint32_t slots[2][ckOfferedWords];
  uint32_t shuffleCount;
} CKFiber;

/// What the checks need to know of the launch.
typedef struct CKEmulation {
  const CKEmulatedLaunch *launch;
  CKFiber fibers[ckLargestBlock];
  int current;
  uint32_t clock, launchTime, blockTime, barrierTime;
  uint32_t warpTimes[ckLargestBlock / ckEmulatedWarp];
  bool isLast;        // of the blocks that arrive at a counter
  const char *fault;  // null while nothing is wrong
} CKEmulation;

extern CKEmulation ck_emulation;

/// Stops the launch for good: never returns to the fiber that calls it.
[[noreturn]] void ck_emulatorFault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// The stack of the fiber that runs: first byte and one past the last.
extern uintptr_t ck_fiberStack[2];

/// Shared memory: static variables and what a launch asks for, each with its shadow.
const struct CKRange *ck_emulatedShared(uintptr_t address, size_t byteCount);

#endif
