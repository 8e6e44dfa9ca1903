#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "shadow.h"

pthread_mutex_t ck_emulatorLock = PTHREAD_MUTEX_INITIALIZER;
// The driver aligns to 256 bytes; as much again before and behind keeps allocations apart.
enum { alignment = 256 };

// Sorted by address.
static CKRange *ranges;
static size_t rangeCount, rangeCapacity;
static size_t heldBytes, memoryLimit = SIZE_MAX;

int64_t ck_emulatorMemory(void) {
  pthread_mutex_lock(&ck_emulatorLock);
  int64_t byteCount = (int64_t)heldBytes;
  pthread_mutex_unlock(&ck_emulatorLock);
  return byteCount;
}

void ck_emulatorMemoryLimit(int64_t byteCount) {
  pthread_mutex_lock(&ck_emulatorLock);
  memoryLimit = (size_t)byteCount;
  pthread_mutex_unlock(&ck_emulatorLock);
}

/// Index of the first range that ends behind `address`.
static size_t position(uintptr_t address) {
  size_t low = 0, high = rangeCount;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (ranges[middle].end <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const CKRange *ck_emulatedRange(uintptr_t address, size_t byteCount) {
  size_t index = position(address);
  if (index == rangeCount || address < ranges[index].first) return NULL;
  return byteCount <= ranges[index].end - address ? &ranges[index] : NULL;
}

bool ck_isEmulatedMemory(const void *address, size_t byteCount) {
  pthread_mutex_lock(&ck_emulatorLock);
  bool isInside = ck_emulatedRange((uintptr_t)address, byteCount) != NULL;
  pthread_mutex_unlock(&ck_emulatorLock);
  return isInside;
}

void *ck_emulatedAllocate(size_t byteCount) {
  size_t words = (byteCount + 3) / 4;
  void *block = NULL;
  if (posix_memalign(&block, alignment, byteCount + 2 * alignment) != 0) return NULL;
  CKShadow *shadow = calloc(words + 1, sizeof *shadow);
  pthread_mutex_lock(&ck_emulatorLock);
  if (rangeCount == rangeCapacity) {
    size_t capacity = rangeCapacity * 2 + 64;
    CKRange *grown = realloc(ranges, capacity * sizeof *ranges);
    if (grown != NULL) ranges = grown, rangeCapacity = capacity;
  }
  bool isOver = heldBytes > memoryLimit || byteCount > memoryLimit - heldBytes;
  if (shadow == NULL || rangeCount == rangeCapacity || isOver) {
    pthread_mutex_unlock(&ck_emulatorLock);
    free(shadow);
    free(block);
    return NULL;
  }
  memset(block, 0xFF, byteCount + 2 * alignment);  // NaN
  uintptr_t first = (uintptr_t)block + alignment;
  size_t index = position(first);
  memmove(ranges + index + 1, ranges + index, (rangeCount - index) * sizeof *ranges);
  ranges[index] = (CKRange){first, first + byteCount, shadow};
  rangeCount++;
  heldBytes += byteCount;
  pthread_mutex_unlock(&ck_emulatorLock);
  return (void *)first;
}

void ck_emulatedFree(void *address) {
  if (address == NULL) return;
  pthread_mutex_lock(&ck_emulatorLock);
  size_t index = position((uintptr_t)address);
  if (index < rangeCount && ranges[index].first == (uintptr_t)address) {
    free(ranges[index].shadow);
    heldBytes -= ranges[index].end - ranges[index].first;
    memmove(ranges + index, ranges + index + 1, (rangeCount - index - 1) * sizeof *ranges);
    rangeCount--;
    free((char *)address - alignment);
  }
  pthread_mutex_unlock(&ck_emulatorLock);
}
