// Device time by kind of work: an event wherever the kind changes, and none between operations of
// one kind, so that a step carries few of them.
#include <string.h>

#include "cuda_internal.h"

/// Adds up the time of the oldest `count` stretches; each ends where the next begins. Waits for the
/// last of them.
static bool readOldest(CKCUDAContext *context, int count) {
  const CKCUDAPlatform *platform = context->platform;
  CKCUDAMarks *marks = &context->marks;
  void *last = marks->ring[(marks->first + count) % ckMostMarks].event;
  if (!ck_cudaCheck(platform, platform->driver.synchronizeEvent(last), "cuEventSynchronize"))
    return false;
  for (int i = 0; i < count; i++) {
    int index = (marks->first + i) % ckMostMarks;
    float milliseconds = 0;
    int code = platform->driver.elapsedTime(&milliseconds, marks->ring[index].event,
                                            marks->ring[(index + 1) % ckMostMarks].event);
    if (!ck_cudaCheck(platform, code, "cuEventElapsedTime")) return false;
    marks->seconds[marks->ring[index].kind] += milliseconds / 1e3;
  }
  marks->first = (marks->first + count) % ckMostMarks;
  marks->count -= count;
  return true;
}

static bool mark(CKCUDAContext *context, int32_t kind) {
  const CKCUDAPlatform *platform = context->platform;
  CKCUDAMarks *marks = &context->marks;
  if (marks->count == ckMostMarks && !readOldest(context, ckMostMarks / 2)) return false;
  int index = (marks->first + marks->count) % ckMostMarks;
  if (marks->ring[index].event == NULL &&
      !ck_cudaCheck(platform, platform->driver.createEvent(&marks->ring[index].event, 0),
                    "cuEventCreate"))
    return false;
  marks->ring[index].kind = kind;
  marks->count++;
  return ck_cudaCheck(platform,
                      platform->driver.recordEvent(marks->ring[index].event, context->stream),
                      "cuEventRecord");
}

bool ck_cudaMark(CKCUDAContext *context, int32_t kind) {
  bool isDone = ck_cudaEnter(context);
  const CKCUDAMarks *marks = &context->marks;
  int newest = (marks->first + marks->count + ckMostMarks - 1) % ckMostMarks;
  if (isDone && (marks->count == 0 || marks->ring[newest].kind != kind))
    isDone = mark(context, kind);
  return ck_cudaLeave(context, isDone);
}

bool ck_cudaTakeTimes(CKCUDAContext *context, double *seconds) {
  CKCUDAMarks *marks = &context->marks;
  bool isDone = ck_cudaEnter(context);
  // The end of the newest stretch is now.
  if (isDone && marks->count > 0) {
    int newest = (marks->first + marks->count - 1) % ckMostMarks;
    isDone = mark(context, marks->ring[newest].kind) && readOldest(context, marks->count - 1);
  }
  memcpy(seconds, marks->seconds, sizeof marks->seconds);
  memset(marks->seconds, 0, sizeof marks->seconds);
  marks->count = 0;
  return ck_cudaLeave(context, isDone);
}

void ck_cudaDropMarks(CKCUDAContext *context) {
  for (int i = 0; i < ckMostMarks; i++)
    if (context->marks.ring[i].event != NULL)
      context->platform->driver.destroyEvent(context->marks.ring[i].event);
}
