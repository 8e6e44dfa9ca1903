// A GPU that only counts what is asked of it: kernels and products do not run.
#include <stdlib.h>
#include <string.h>

#include "CUDAEmulator.h"

static CKCallCounts counts;
// A clock of milliseconds: every kernel and every product takes one.
static int64_t now;

CKCallCounts ck_takeCallCounts(void) {
  CKCallCounts taken = counts;
  counts = (CKCallCounts){};
  return taken;
}

static int launch(void *function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                  unsigned int blockX, unsigned int blockY, unsigned int blockZ,
                  unsigned int sharedBytes, void *stream, void **parameters, void **extra) {
  (void)function, (void)gridX, (void)gridY, (void)gridZ, (void)blockX, (void)blockY, (void)blockZ;
  (void)sharedBytes, (void)stream, (void)parameters, (void)extra;
  counts.launches++;
  now++;
  return 0;
}

static int multiply(void *handle, void *operation, const void *alpha, const void *a, void *layoutA,
                    const void *b, void *layoutB, const void *beta, const void *c, void *layoutC,
                    void *d, void *layoutD, const void *algorithm, void *workspace,
                    size_t workspaceBytes, void *stream) {
  (void)handle, (void)operation, (void)alpha, (void)a, (void)layoutA, (void)b, (void)layoutB;
  (void)beta, (void)c, (void)layoutC, (void)d, (void)layoutD, (void)algorithm, (void)workspace;
  (void)workspaceBytes, (void)stream;
  counts.products++;
  now++;
  return 0;
}

static int allocate(uint64_t *address, size_t byteCount) {
  counts.allocations++;
  *address = (uint64_t)(uintptr_t)aligned_alloc(256, (byteCount + 255) / 256 * 256);
  return *address == 0 ? ckDriverOutOfMemory : 0;
}

static int release(uint64_t address) {
  counts.allocations++;
  free((void *)(uintptr_t)address);
  return 0;
}

static int copyToDevice(uint64_t destination, const void *source, size_t byteCount, void *stream) {
  (void)destination, (void)source, (void)byteCount, (void)stream;
  counts.uploads++;
  return 0;
}

static int copyToHost(void *destination, uint64_t source, size_t byteCount, void *stream) {
  (void)source, (void)stream;
  memset(destination, 0, byteCount);
  counts.downloads++;
  return 0;
}

static int recordEvent(void *event, void *stream) {
  (void)stream;
  // The emulator's events have room for the time of a clock.
  *(int64_t *)event = now;
  counts.events++;
  return 0;
}

static int elapsedTime(float *milliseconds, void *start, void *end) {
  *milliseconds = (float)(*(int64_t *)end - *(int64_t *)start);
  return 0;
}

static int choose(void *handle, void *operation, void *layoutA, void *layoutB, void *layoutC,
                  void *layoutD, void *preference, int requested, CKBlasChoice *choices,
                  int *found) {
  (void)handle, (void)operation, (void)layoutA, (void)layoutB, (void)layoutC, (void)layoutD;
  (void)preference, (void)requested, (void)choices;
  counts.choices++;
  *found = 1;
  return 0;
}

static int launchGraph(void *executable, void *stream) {
  (void)executable, (void)stream;
  counts.replays++;
  now++;
  return 0;
}

static int wait(void *handle) {
  (void)handle;
  counts.waits++;
  return 0;
}

void ck_countCalls(CKCUDAPlatform *platform) {
  CKDriver *driver = &platform->driver;
  driver->launch = launch;
  driver->launchGraph = launchGraph;
  driver->allocate = allocate;
  driver->free = release;
  driver->copyToDevice = copyToDevice;
  driver->copyToHost = copyToHost;
  driver->recordEvent = recordEvent;
  driver->synchronizeStream = wait;
  driver->synchronizeEvent = wait;
  driver->elapsedTime = elapsedTime;
  platform->blas.choose = choose;
  platform->blas.multiply = multiply;
}
