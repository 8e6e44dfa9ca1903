// The runtime of the sanitizer whose hooks the kernels are compiled with: every load and store
// comes here first.
#include <string.h>

#include "device_indices.h"
#include "fibers.h"
#include "shadow.h"

/// Words of a block's own memory that it has not written, and races.
static void checkWord(CKShadow *shadow, bool writes, bool isShared, size_t word) {
  const CKEmulation *e = &ck_emulation;
  const int16_t thread = (int16_t)e->current, warp = (int16_t)(thread / ckEmulatedWarp);
  const char *memory = isShared ? "shared" : "device";
  // Times of this launch that lie before the block belong to another block, unless the memory is
  // the block's own.
  const uint32_t begin = isShared ? e->blockTime : e->launchTime;
  if (!writes && isShared && shadow->writeTime < begin)
    ck_emulatorFault("initialization: word %zu of shared memory is read before it is written",
                     word);
  if (shadow->writeTime >= begin && shadow->writer != thread) {
    bool isOrdered =
        shadow->writeTime >= e->blockTime &&
        (shadow->writeTime < e->barrierTime ||
         (shadow->writer / ckEmulatedWarp == warp && shadow->writeTime < e->warpTimes[warp]));
    if (!isOrdered)
      ck_emulatorFault("race: word %zu of %s memory was written by thread %d with no barrier since",
                       word, memory, shadow->writer);
  } else if (shadow->writeTime >= begin && shadow->writeTime < e->blockTime) {
    ck_emulatorFault("race: word %zu of device memory was written by another block", word);
  }
  if (writes && shadow->readTime >= begin && shadow->reader != thread) {
    bool isOrdered = shadow->readTime >= e->blockTime &&
                     (shadow->readTime < e->barrierTime ||
                      (shadow->readerWarp == warp && shadow->readTime < e->warpTimes[warp]));
    if (!isOrdered)
      ck_emulatorFault(
          "race: word %zu of %s memory was read by other threads with no barrier since", word,
          memory);
  } else if (writes && shadow->readTime >= begin && shadow->readTime < e->blockTime) {
    ck_emulatorFault("race: word %zu of device memory was read by another block", word);
  }
  if (writes) {
    shadow->writeTime = e->clock;
    shadow->writer = thread;
    return;
  }
  // Readers since the last barrier are remembered as one, as several of a warp, or as several
  // warps.
  bool isFresh = shadow->readTime < e->barrierTime ||
                 (shadow->readerWarp == warp && shadow->readTime < e->warpTimes[warp]);
  if (isFresh) {
    shadow->reader = thread;
    shadow->readerWarp = warp;
  } else {
    if (shadow->reader != thread) shadow->reader = ckSeveralReaders;
    if (shadow->readerWarp != warp) shadow->readerWarp = ckSeveralReaders;
  }
  shadow->readTime = e->clock;
}

static void checkAccess(uintptr_t address, size_t byteCount, bool writes, size_t alignment) {
  if (address >= ck_fiberStack[0] && address + byteCount <= ck_fiberStack[1]) return;
  const uintptr_t indices = (uintptr_t)ck_emulatedIndices;
  if (address >= indices && address < indices + sizeof ck_emulatedIndices && !writes) return;
  const CKRange *range = ck_emulatedShared(address, byteCount);
  const bool isShared = range != NULL;
  if (!isShared) range = ck_emulatedRange(address, byteCount);
  if (range == NULL)
    ck_emulatorFault("memory: %s of %zu bytes lies outside of what the launch may use",
                     writes ? "a store" : "a load", byteCount);
  if (address % alignment != 0)
    ck_emulatorFault("memory: %s of %zu bytes is not aligned", writes ? "a store" : "a load",
                     byteCount);
  const size_t first = (address - range->first) / 4,
               last = (address + byteCount - 1 - range->first) / 4;
  for (size_t word = first; word <= last; word++)
    checkWord(&range->shadow[word], writes, isShared, word);
}

#define CK_HOOKS(size)                                                                             \
  void __asan_load##size##_noabort(uintptr_t address) { checkAccess(address, size, false, size); } \
  void __asan_store##size##_noabort(uintptr_t address) { checkAccess(address, size, true, size); }
CK_HOOKS(1)
CK_HOOKS(2)
CK_HOOKS(4)
CK_HOOKS(8)
CK_HOOKS(16)

void __asan_loadN_noabort(uintptr_t address, size_t byteCount) {
  checkAccess(address, byteCount, false, 1);
}
void __asan_storeN_noabort(uintptr_t address, size_t byteCount) {
  checkAccess(address, byteCount, true, 1);
}

void *__asan_memcpy(void *destination, const void *source, size_t byteCount) {
  checkAccess((uintptr_t)source, byteCount, false, 1);
  checkAccess((uintptr_t)destination, byteCount, true, 1);
  return memcpy(destination, source, byteCount);
}

void *__asan_memset(void *destination, int value, size_t byteCount) {
  checkAccess((uintptr_t)destination, byteCount, true, 1);
  return memset(destination, value, byteCount);
}

void __asan_handle_no_return(void) {}
