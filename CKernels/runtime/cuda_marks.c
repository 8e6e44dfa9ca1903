// Device time by kind of work: an event wherever the kind changes, and none between operations of
// one kind. Of a long run a sample is timed: a step changes kind about as often as it launches
// kernels, and an event costs about as much as a launch.
#include <string.h>

#include "cuda_internal.h"

/// Adds up the time of all stretches; each ends where the next begins. Waits for the last of them,
/// which is long past when a new sample begins.
static bool readAll(CKCUDAContext *context) {
  const CKCUDAPlatform *platform = context->platform;
  CKCUDAMarks *marks = &context->marks;
  if (!ck_cudaCheck(platform, platform->driver.synchronizeEvent(marks->all[marks->count - 1].event),
                    "cuEventSynchronize"))
    return false;
  for (int i = 0; i + 1 < marks->count; i++) {
    float milliseconds = 0;
    int code = platform->driver.elapsedTime(&milliseconds, marks->all[i].event,
                                            marks->all[i + 1].event);
    if (!ck_cudaCheck(platform, code, "cuEventElapsedTime")) return false;
    marks->seconds[marks->all[i].kind] += milliseconds / 1e3;
  }
  marks->timedChanges += marks->count - 1;
  marks->count = 0;
  return true;
}

static bool mark(CKCUDAContext *context, int32_t kind) {
  const CKCUDAPlatform *platform = context->platform;
  CKCUDAMarks *marks = &context->marks;
  int index = marks->count;
  if (marks->all[index].event == NULL &&
      !ck_cudaCheck(platform, platform->driver.createEvent(&marks->all[index].event, 0),
                    "cuEventCreate"))
    return false;
  marks->all[index].kind = kind;
  marks->count++;
  return ck_cudaCheck(platform,
                      platform->driver.recordEvent(marks->all[index].event, context->stream),
                      "cuEventRecord");
}

bool ck_cudaMark(CKCUDAContext *context, int32_t kind) {
  bool isDone = ck_cudaEnter(context);
  CKCUDAMarks *marks = &context->marks;
  if (isDone && (marks->changes == 0 || marks->kind != kind)) {
    marks->kind = kind;
    marks->changes++;
    if (marks->count == ckMostMarks && ++marks->skipped == ckSkippedSamples * ckMostMarks) {
      marks->skipped = 0;
      isDone = readAll(context);
    }
    if (isDone && marks->count < ckMostMarks) isDone = mark(context, kind);
  }
  return ck_cudaLeave(context, isDone);
}

bool ck_cudaTakeTimes(CKCUDAContext *context, double *seconds) {
  CKCUDAMarks *marks = &context->marks;
  bool isDone = ck_cudaEnter(context);
  // The end of the newest stretch is now, unless it is one of those that nobody times.
  if (isDone && marks->count > 0)
    isDone = (marks->count == ckMostMarks || mark(context, marks->kind)) && readAll(context);
  // What was timed stands for the rest.
  double scale = marks->timedChanges == 0 ? 0 : (double)marks->changes / marks->timedChanges;
  for (int kind = 0; kind < ckCUDAKinds; kind++) seconds[kind] = marks->seconds[kind] * scale;
  memset(marks->seconds, 0, sizeof marks->seconds);
  marks->count = 0;
  marks->changes = marks->timedChanges = marks->skipped = 0;
  return ck_cudaLeave(context, isDone);
}

void ck_cudaDropMarks(CKCUDAContext *context) {
  for (int i = 0; i < ckMostMarks; i++)
    if (context->marks.all[i].event != NULL)
      context->platform->driver.destroyEvent(context->marks.all[i].event);
}
