/// Runs kernels on the CPU, and looks at every access to memory while they run.
///
/// A thread of a block is a fiber; fibers and blocks run in an order that is shuffled from a seed.
/// The kernels are compiled with the hooks of the address sanitizer, which are answered here, so
/// that each load and store is known with its thread. What is found ends the launch, as
/// compute-sanitizer's four tools would have it:
///   memory:          an access outside of device memory, shared memory and the thread's own stack,
///   or not aligned; race:            two threads touch a word, one of them writes, and no barrier
///   lies between (blocks of a launch
///                    have none);
///   initialization:  shared memory is read before the block has written it;
///   synchronization: threads wait at different barriers, or for one that has returned or is
///   waiting elsewhere.
#ifndef CK_EMULATOR_H
#define CK_EMULATOR_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKEmulatedLaunch {
  const char *CK_NONNULL name;
  void (*CK_NONNULL run)(void *CK_NULLABLE *CK_NONNULL parameters);
  void *CK_NULLABLE *CK_NONNULL parameters;
  uint32_t grid[3], threads, sharedBytes;
} CKEmulatedLaunch;

/// Runs one launch to its end, or to the first fault. Returns null, or what was wrong in one
/// sentence, which stays valid until the next launch. Launches from several threads take turns.
const char *CK_NULLABLE ck_emulate(const CKEmulatedLaunch *CK_NONNULL launch);

/// The order in which threads run from now on.
void ck_emulatorSeed(uint64_t seed);

/// Device memory: host memory of exactly this size, whose neighbourhood belongs to nobody. Null
/// when there is none.
void *CK_NULLABLE ck_emulatedAllocate(size_t byteCount);
void ck_emulatedFree(void *CK_NULLABLE address);
/// Bytes of device memory in use, and those that there are in all from now on.
int64_t ck_emulatorMemory(void);
void ck_emulatorMemoryLimit(int64_t byteCount);
/// Whether `byteCount` bytes from `address` on lie in one allocation.
bool ck_isEmulatedMemory(const void *CK_NULLABLE address, size_t byteCount);

CK_END
#endif
