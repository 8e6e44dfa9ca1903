// Device time by kind of work. The whole is timed by two events; the kinds' shares of it by an
// event wherever the kind changes, and none between operations of one kind. Of a long run a sample
// is marked so: a step changes kind about as often as it launches kernels, and an event costs about
// as much as a launch. Times of samples are never multiplied to give the whole, since what comes
// once, such as cuBLASLt's start, would count many times.
#include <string.h>

#include "cuda_internal.h"

/// Of whole steps that are replayed: the last, so that no operation has it.
enum { recordedKind = ckCUDAKinds - 1 };

/// Records an event, which is made when it is first wanted.
static bool record(CKCUDAContext *context, void **event) {
  const CKCUDAPlatform *platform = context->platform;
  if (*event == NULL &&
      !ck_cudaCheck(platform, platform->driver.createEvent(event, 0), "cuEventCreate"))
    return false;
  return ck_cudaCheck(platform, platform->driver.recordEvent(*event, context->stream),
                      "cuEventRecord");
}

/// Adds the seconds between two events to a sum, once the later one has come.
static bool addTime(const CKCUDAPlatform *platform, void *start, void *end, double *seconds) {
  float milliseconds = 0;
  int code = platform->driver.elapsedTime(&milliseconds, start, end);
  *seconds += milliseconds / 1e3;
  return ck_cudaCheck(platform, code, "cuEventElapsedTime");
}

/// Adds up the time of all stretches; each ends where the next begins. Waits for the last of them,
/// which is long past when a new sample begins.
static bool readAll(CKCUDAContext *context) {
  const CKCUDAPlatform *platform = context->platform;
  CKCUDAMarks *marks = &context->marks;
  if (!ck_cudaCheck(platform, platform->driver.synchronizeEvent(marks->all[marks->count - 1].event),
                    "cuEventSynchronize"))
    return false;
  for (int i = 0; i + 1 < marks->count; i++)
    if (!addTime(platform, marks->all[i].event, marks->all[i + 1].event,
                 &marks->seconds[marks->all[i].kind]))
      return false;
  marks->count = 0;
  return true;
}

static bool mark(CKCUDAContext *context, int32_t kind) {
  CKCUDAMarks *marks = &context->marks;
  if (!record(context, &marks->all[marks->count].event)) return false;
  marks->all[marks->count++].kind = kind;
  return true;
}

static bool change(CKCUDAContext *context, int32_t kind) {
  bool isDone = true;
  CKCUDAMarks *marks = &context->marks;
  if ((!marks->isRunning || marks->kind != kind)) {
    if (!marks->isRunning) isDone = record(context, &marks->start);
    marks->isRunning = isDone;
    marks->kind = kind;
    if (isDone && marks->count == ckMostMarks &&
        ++marks->skipped == ckSkippedSamples * ckMostMarks) {
      marks->skipped = 0;
      isDone = readAll(context);
    }
    if (isDone && marks->count < ckMostMarks) isDone = mark(context, kind);
  }
  return isDone;
}

bool ck_cudaMark(CKCUDAContext *context, int32_t kind) {
  bool isDone = ck_cudaEnter(context);
  // An event of a recording has no time.
  if (isDone && !context->isRecording) isDone = change(context, kind);
  return ck_cudaLeave(context, isDone);
}

bool ck_cudaMarkRecorded(CKCUDAContext *context) { return change(context, recordedKind); }

/// Ends the newest stretch, unless it is one of those that nobody marks, and the whole.
static bool end(CKCUDAContext *context, double *whole) {
  const CKCUDAPlatform *platform = context->platform;
  CKCUDAMarks *marks = &context->marks;
  if (marks->count < ckMostMarks && !mark(context, marks->kind)) return false;
  return record(context, &marks->end) && readAll(context) &&
         ck_cudaCheck(platform, platform->driver.synchronizeEvent(marks->end),
                      "cuEventSynchronize") &&
         addTime(platform, marks->start, marks->end, whole);
}

bool ck_cudaTakeTimes(CKCUDAContext *context, double *seconds) {
  CKCUDAMarks *marks = &context->marks;
  bool isDone = ck_cudaEnter(context);
  double whole = 0, sampled = 0;
  if (isDone && marks->isRunning) isDone = end(context, &whole);
  // What was recorded is part of the whole, and its shares are those of the same work unrecorded.
  for (int kind = 0; kind < recordedKind; kind++) sampled += marks->seconds[kind];
  for (int kind = 0; kind < ckCUDAKinds; kind++) {
    if (sampled > 0) marks->shares[kind] = kind < recordedKind ? marks->seconds[kind] / sampled : 0;
    seconds[kind] = whole * marks->shares[kind];
  }
  memset(marks->seconds, 0, sizeof marks->seconds);
  marks->count = marks->skipped = 0;
  marks->isRunning = false;
  return ck_cudaLeave(context, isDone);
}

void ck_cudaDropMarks(CKCUDAContext *context) {
  const CKDriver *driver = &context->platform->driver;
  CKCUDAMarks *marks = &context->marks;
  for (int i = 0; i < ckMostMarks; i++)
    if (marks->all[i].event != NULL) driver->destroyEvent(marks->all[i].event);
  if (marks->start != NULL) driver->destroyEvent(marks->start);
  if (marks->end != NULL) driver->destroyEvent(marks->end);
}
