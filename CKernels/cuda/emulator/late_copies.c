// A GPU that copies as late as it may: when the host waits for it, or reads what it has.
#include <stdlib.h>
#include <string.h>

#include "CUDAEmulator.h"

typedef struct Copy {
  uint64_t destination;
  const void *source;
  size_t byteCount;
} Copy;

static Copy *copies;
static size_t queued, done;
static CKDriver prompt;

static int copyUntil(size_t end) {
  int code = 0;
  for (; done < end && code == 0; done++)
    code = prompt.copyToDevice(copies[done].destination, copies[done].source,
                               copies[done].byteCount, NULL);
  return code;
}

static int copyToDevice(uint64_t destination, const void *source, size_t byteCount, void *stream) {
  (void)stream;
  Copy *more = realloc(copies, (queued + 1) * sizeof *copies);
  if (more == NULL) return ckDriverOutOfMemory;
  copies = more;
  copies[queued++] = (Copy){destination, source, byteCount};
  return 0;
}

static int copyToHost(void *destination, uint64_t source, size_t byteCount, void *stream) {
  int code = copyUntil(queued);
  return code == 0 ? prompt.copyToHost(destination, source, byteCount, stream) : code;
}

/// An event knows how many copies were queued before it.
static int recordEvent(void *event, void *stream) {
  (void)stream;
  memcpy(event, &queued, sizeof queued);
  return 0;
}

static int synchronizeEvent(void *event) {
  size_t end;
  memcpy(&end, event, sizeof end);
  return copyUntil(end);
}

static int synchronizeStream(void *stream) {
  (void)stream;
  return copyUntil(queued);
}

void ck_delayCopies(CKCUDAPlatform *platform) {
  CKDriver *driver = &platform->driver;
  prompt = *driver;
  driver->copyToDevice = copyToDevice;
  driver->copyToHost = copyToHost;
  driver->recordEvent = recordEvent;
  driver->synchronizeEvent = synchronizeEvent;
  driver->synchronizeStream = synchronizeStream;
}
