#include "cuda_context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cuda/geometry.h"
#include "cuda_internal.h"

// MARK: Failures

static _Thread_local CKCUDAFailure failure = {.call = "", .text = "", .tried = ""};
static _Thread_local char failedCall[128], failureText[4096], failureTried[16384];

CKCUDAFailure ck_cudaFailure(void) { return failure; }

bool ck_cudaFail(CKCUDAFailureKind kind, int code, const char *call, const char *tried,
                 const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failureText, sizeof failureText, format, arguments);
  va_end(arguments);
  snprintf(failedCall, sizeof failedCall, "%s", call);
  snprintf(failureTried, sizeof failureTried, "%s", tried);
  failure = (CKCUDAFailure){kind, code, failedCall, failureText, failureTried};
  return false;
}

/// The driver's words for a code.
static const char *driverText(const CKCUDAPlatform *platform, int code) {
  const char *text = NULL;
  return platform->driver.errorText(code, &text) != 0 || text == NULL ? "an unknown error" : text;
}

/// Codes of cuda.h after which every call of the process fails: illegal addresses and instructions,
/// failed launches, uncorrectable memory errors, an unknown failure.
static bool isFault(int code) {
  static const int faults[] = {214, 220, 226, 700, 702, 709, 710, 714,
                               715, 716, 717, 718, 719, 721, 999};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    if (faults[i] == code) return true;
  return false;
}

bool ck_cudaCheck(const CKCUDAPlatform *platform, int code, const char *call) {
  if (code == 0) return true;
  CKCUDAFailureKind kind = code == ckDriverOutOfMemory ? CKCUDAFailureOutOfMemory
                           : isFault(code)             ? CKCUDAFailureFault
                                                       : CKCUDAFailureCall;
  return ck_cudaFail(kind, code, call, "", "%s", driverText(platform, code));
}

bool ck_cudaEnter(CKCUDAContext *context) {
  pthread_mutex_lock(&context->lock);
  return CK_CHECK(context, setCurrent, context->context);
}

bool ck_cudaLeave(CKCUDAContext *context, bool result) {
  pthread_mutex_unlock(&context->lock);
  return result;
}

// MARK: Opening

static bool failWithoutDevices(int code) {
  const char *visible = getenv("CUDA_VISIBLE_DEVICES");
  if (visible != NULL)
    return ck_cudaFail(CKCUDAFailureUnavailable, code, "cuInit", "",
                       "the driver sees no GPU while CUDA_VISIBLE_DEVICES is \"%s\": unset it, or "
                       "name a GPU that nvidia-smi -L lists",
                       visible);
  return ck_cudaFail(CKCUDAFailureUnavailable, code, "cuInit", "",
                     "the driver sees no GPU: see whether nvidia-smi -L lists one; a container has "
                     "to be given its GPUs");
}

static bool findDevice(CKCUDAContext *context, int32_t ordinal) {
  const CKDriver *driver = &context->platform->driver;
  int count = 0, code = driver->init(0);
  if (code == 0) code = driver->deviceCount(&count);
  if (code == ckDriverNoDevice || (code == 0 && count == 0)) return failWithoutDevices(code);
  if (code != 0)
    return ck_cudaFail(CKCUDAFailureUnavailable, code, "cuInit", "",
                       "the driver does not start (code %d, %s): see whether nvidia-smi works; "
                       "after an update of the driver the machine has to be started again",
                       code, driverText(context->platform, code));
  if (ordinal < 0 || ordinal >= count)
    return ck_cudaFail(CKCUDAFailureUnavailable, ckDriverInvalidDevice, "cuDeviceGet", "",
                       "the driver sees %d GPU%s: count from cuda:0", count, count == 1 ? "" : "s");
  return CK_CHECK(context, device, &context->device, ordinal) &&
         CK_CHECK(context, version, &context->driverVersion) &&
         CK_CHECK(context, deviceName, context->name, sizeof context->name, context->device) &&
         CK_CHECK(context, deviceAttribute, &context->major, ckDeviceMajor, context->device) &&
         CK_CHECK(context, deviceAttribute, &context->minor, ckDeviceMinor, context->device) &&
         CK_CHECK(context, deviceAttribute, &context->multiprocessorCount,
                  ckDeviceMultiprocessorCount, context->device) &&
         CK_CHECK(context, deviceAttribute, &context->sharedLimit, ckDeviceSharedMemoryLimit,
                  context->device);
}

static bool retainContext(CKCUDAContext *context) {
  if (context->major < 7)
    return ck_cudaFail(CKCUDAFailureUnavailable, 0, "cuDeviceGetAttribute", "",
                       "%s has compute capability %d.%d, and the kernels need 7.0 (Volta) or "
                       "later: take a newer GPU",
                       context->name, context->major, context->minor);
  int code = context->platform->driver.retainContext(&context->context, context->device);
  if (code == 0) return true;
  context->context = NULL;
  if (code == ckDriverOutOfMemory)
    return ck_cudaCheck(context->platform, code, "cuDevicePrimaryCtxRetain");
  return ck_cudaFail(CKCUDAFailureUnavailable, code, "cuDevicePrimaryCtxRetain", "",
                     "%s does not open (code %d, %s): see with nvidia-smi whether another process "
                     "has it for itself",
                     context->name, code, driverText(context->platform, code));
}

static bool startProducts(CKCUDAContext *context) {
  int code = context->platform->blas.create(&context->blas);
  if (code == 0) return true;
  context->blas = NULL;
  if (code == ckBlasAllocationFailed)
    return ck_cudaCheck(context->platform, ckDriverOutOfMemory, "cublasLtCreate");
  const char *path = context->platform->libraries[ckBlasLibrary].path;
  return ck_cudaFail(CKCUDAFailureUnavailable, code, "cublasLtCreate", "",
                     "cuBLASLt does not start (code %d, %s): install the version that belongs to "
                     "the driver",
                     code, path == NULL ? "no file" : path);
}

static bool makeStream(CKCUDAContext *context) {
  if (!CK_CHECK(context, setCurrent, context->context) ||
      !CK_CHECK(context, createStream, &context->stream, ckStreamNonBlocking))
    return false;
  for (int i = 0; i < ckStagingBuffers; i++)
    if (!CK_CHECK(context, allocateHost, &context->staging[i].memory, ckStagingBytes) ||
        !CK_CHECK(context, createEvent, &context->staging[i].event, ckEventWithoutTime))
      return false;
  uint64_t workspace = 0, counters = 0;
  if (!CK_CHECK(context, allocate, &workspace, ckWorkspaceBytes)) return false;
  context->workspace = (void *)(uintptr_t)workspace;
  static const uint32_t zeros[ckArrivalCounters];
  if (!CK_CHECK(context, allocate, &counters, sizeof zeros)) return false;
  context->arrivalCounters = (uint32_t *)(uintptr_t)counters;
  return CK_CHECK(context, copyToDevice, counters, zeros, sizeof zeros, context->stream) &&
         CK_CHECK(context, synchronizeStream, context->stream) && startProducts(context);
}

/// What ran out of memory while a GPU was opened has no size that its user chose: others use it.
static void explainOccupation(const CKCUDAContext *context) {
  if (failure.kind != CKCUDAFailureOutOfMemory || failure.code != ckDriverOutOfMemory) return;
  char room[96] = "";
  size_t available = 0, total = 0;
  if (context->context != NULL && context->platform->driver.memoryInfo(&available, &total) == 0)
    snprintf(room, sizeof room, " (%zu of %zu MiB are free)", available >> 20, total >> 20);
  char call[sizeof failedCall];
  snprintf(call, sizeof call, "%s", failedCall);
  ck_cudaFail(CKCUDAFailureOccupied, ckDriverOutOfMemory, call, "",
              "%s has no memory left to begin with%s: see with nvidia-smi which processes hold it",
              context->name, room);
}

CKCUDAContext *ck_cudaOpen(const CKCUDAPlatform *platform, int32_t ordinal, CKFactorType factors) {
  if (platform->missing != NULL) {
    ck_cudaFail(platform->isAbsent ? CKCUDAFailureAbsent : CKCUDAFailureUnavailable, 0, "dlopen",
                platform->tried, "%s", platform->missing);
    return NULL;
  }
  CKCUDAContext *context = calloc(1, sizeof *context);
  if (context == NULL) {
    ck_cudaFail(CKCUDAFailureOutOfMemory, 0, "calloc", "", "the host has no memory left");
    return NULL;
  }
  context->platform = platform;
  context->wasCached = true;
  pthread_mutex_init(&context->lock, NULL);
  if (findDevice(context, ordinal) && retainContext(context) && makeStream(context) &&
      ck_cudaLoadModules(context, factors))
    return context;
  explainOccupation(context);
  CKCUDAFailure first = failure;
  ck_cudaClose(context);
  failure = first;
  return NULL;
}

void ck_cudaClose(CKCUDAContext *context) {
  const CKDriver *driver = &context->platform->driver;
  if (context->context != NULL) driver->setCurrent(context->context);
  if (context->stream != NULL) driver->synchronizeStream(context->stream);
  ck_cudaDropPlans(context);
  if (context->blas != NULL) context->platform->blas.destroy(context->blas);
  ck_cudaDropMarks(context);
  if (context->workspace != NULL) driver->free((uint64_t)(uintptr_t)context->workspace);
  if (context->arrivalCounters != NULL) driver->free((uint64_t)(uintptr_t)context->arrivalCounters);
  for (int i = 0; i < ckStagingBuffers; i++) {
    if (context->staging[i].event != NULL) driver->destroyEvent(context->staging[i].event);
    if (context->staging[i].memory != NULL) driver->freeHost(context->staging[i].memory);
  }
  for (int i = 0; i < ckMostModules; i++)
    if (context->modules[i] != NULL) driver->unloadModule(context->modules[i]);
  if (context->stream != NULL) driver->destroyStream(context->stream);
  if (context->context != NULL) driver->releaseContext(context->device);
  pthread_mutex_destroy(&context->lock);
  free(context);
}

uint32_t *ck_cudaArrivalCounters(const CKCUDAContext *context) { return context->arrivalCounters; }

CKCUDADescription ck_cudaDescription(const CKCUDAContext *context) {
  return (CKCUDADescription){context->name,          context->major,
                             context->minor,         context->multiprocessorCount,
                             context->sharedLimit,
                             context->driverVersion, context->compilerVersion,
                             context->wasCached,     context->note};
}

// MARK: Memory

bool ck_cudaAllocate(CKCUDAContext *context, int64_t byteCount, void **address) {
  uint64_t value = 0;
  bool isDone = ck_cudaEnter(context) && CK_CHECK(context, allocate, &value, (size_t)byteCount);
  *address = (void *)(uintptr_t)value;
  return ck_cudaLeave(context, isDone);
}

bool ck_cudaFree(CKCUDAContext *context, void *address) {
  return ck_cudaLeave(
      context, ck_cudaEnter(context) && CK_CHECK(context, free, (uint64_t)(uintptr_t)address));
}

/// Leaves a full staging buffer for the next, whose last copy may have to end first. Small copies
/// share a buffer, so that a training step waits for none of the steps just before it.
static bool takeNextStaging(CKCUDAContext *context) {
  int full = context->currentStaging, next = (full + 1) % ckStagingBuffers;
  if (!CK_CHECK(context, recordEvent, context->staging[full].event, context->stream)) return false;
  context->staging[full].hasEvent = true;
  context->currentStaging = next;
  context->stagedBytes = 0;
  return !context->staging[next].hasEvent ||
         CK_CHECK(context, synchronizeEvent, context->staging[next].event);
}

/// Copies one piece into pinned memory, and from there.
static bool stage(CKCUDAContext *context, uint64_t destination, const void *source,
                  size_t byteCount) {
  if (byteCount > ckStagingBytes - context->stagedBytes && !takeNextStaging(context)) return false;
  char *place = (char *)context->staging[context->currentStaging].memory + context->stagedBytes;
  memcpy(place, source, byteCount);
  context->stagedBytes += (byteCount + 63) / 64 * 64;
  return CK_CHECK(context, copyToDevice, destination, place, byteCount, context->stream);
}

bool ck_cudaUpload(CKCUDAContext *context, void *destination, const void *source,
                   int64_t byteCount) {
  bool isDone = ck_cudaEnter(context) && ck_cudaMayWait(context);
  for (int64_t start = 0; isDone && start < byteCount; start += ckStagingBytes) {
    int64_t count = byteCount - start < ckStagingBytes ? byteCount - start : ckStagingBytes;
    isDone = stage(context, (uint64_t)(uintptr_t)destination + (uint64_t)start,
                   (const char *)source + start, (size_t)count);
  }
  return ck_cudaLeave(context, isDone);
}

bool ck_cudaDownload(CKCUDAContext *context, void *destination, const void *source,
                     int64_t byteCount) {
  bool isDone = ck_cudaEnter(context) && ck_cudaMayWait(context);
  if (isDone && byteCount > 0)
    isDone = CK_CHECK(context, copyToHost, destination, (uint64_t)(uintptr_t)source,
                      (size_t)byteCount, context->stream);
  return ck_cudaLeave(context, isDone && CK_CHECK(context, synchronizeStream, context->stream));
}

bool ck_cudaSynchronize(CKCUDAContext *context) {
  return ck_cudaLeave(
      context, ck_cudaEnter(context) && ck_cudaMayWait(context) &&
                   CK_CHECK(context, synchronizeStream, context->stream));
}
