// The driver's and the compiler's functions, on the host. Work is done when a call returns.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CUDAEmulator.h"
#include "emulated_blas.h"
#include "graphs.h"
#include "kernels/include/kernel_table.h"

enum { invalidValue = 1, unsupportedInCapture = 900, notFound = ckDriverNotFound, failed = ckDriverLaunchFailed };

static char fault[1024];
/// Like a real one, the device is of no use after a fault.
static bool isBroken;

const char *ck_emulatedFault(void) { return fault; }

// MARK: Driver

static int initialize(unsigned int flags) {
  isBroken = false;
  fault[0] = 0;
  return flags == 0 ? 0 : invalidValue;
}

static int getOne(int *value) {
  *value = 1;
  return 0;
}

static int getVersion(int *version) {
  *version = 12040;
  return 0;
}

static int getDevice(int *device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? 0 : ckDriverInvalidDevice;
}

static int getName(char *name, int length, int device) {
  (void)device;
  snprintf(name, (size_t)length, "emulator");
  return 0;
}

static int getAttribute(int *value, int attribute, int device) {
  (void)device;
  switch (attribute) {
    case ckDeviceMajor:
      *value = 8;
      return 0;
    case ckDeviceMinor:
      *value = 6;
      return 0;
    case ckDeviceMultiprocessorCount:
      *value = 2;
      return 0;
    case ckDeviceSharedMemoryLimit:
      *value = 99 << 10;
      return 0;
    default:
      return invalidValue;
  }
}

static int makeHandle(void **handle) {
  *handle = malloc(1);
  return *handle == NULL ? ckDriverOutOfMemory : 0;
}

static int dropHandle(void *handle) {
  free(handle);
  return 0;
}

static int retainContext(void **context, int device) {
  return device == 0 ? makeHandle(context) : invalidValue;
}
static int releaseContext(int device) { return device == 0 ? 0 : invalidValue; }
static int setCurrent(void *context) { return context == NULL ? invalidValue : 0; }
static int memoryInfo(size_t *free, size_t *total) {
  *free = *total = (size_t)1 << 32;
  return 0;
}

static int allocate(uint64_t *address, size_t byteCount) {
  void *memory = byteCount > (size_t)1 << 32 ? NULL : ck_emulatedAllocate(byteCount);
  *address = (uint64_t)(uintptr_t)memory;
  return memory == NULL ? ckDriverOutOfMemory : 0;
}

static int release(uint64_t address) {
  ck_emulatedFree((void *)(uintptr_t)address);
  return 0;
}

static int allocateHost(void **address, size_t byteCount) {
  *address = malloc(byteCount);
  return *address == NULL ? ckDriverOutOfMemory : 0;
}

static int copyToDevice(uint64_t destination, const void *source, size_t byteCount, void *stream) {
  (void)stream;
  if (ck_isCapturing()) return unsupportedInCapture;
  if (isBroken || !ck_isEmulatedMemory((void *)(uintptr_t)destination, byteCount))
    return invalidValue;
  memcpy((void *)(uintptr_t)destination, source, byteCount);
  return 0;
}

static int copyToHost(void *destination, uint64_t source, size_t byteCount, void *stream) {
  (void)stream;
  if (ck_isCapturing()) return unsupportedInCapture;
  if (isBroken) return failed;
  if (!ck_isEmulatedMemory((void *)(uintptr_t)source, byteCount)) return invalidValue;
  memcpy(destination, (void *)(uintptr_t)source, byteCount);
  return 0;
}

static int makeFlagged(void **handle, unsigned int flags) {
  (void)flags;
  return makeHandle(handle);
}

static int synchronize(void *handle) {
  if (ck_isCapturing()) return unsupportedInCapture;
  return isBroken || handle == NULL ? failed : 0;
}
static int recordEvent(void *event, void *stream) {
  if (event == NULL || stream == NULL || ck_isCapturing()) return invalidValue;
  return clock_gettime(CLOCK_MONOTONIC, event) == 0 ? 0 : failed;
}

/// An event knows when it was recorded.
static int makeEvent(void **event, unsigned int flags) {
  (void)flags;
  *event = calloc(1, sizeof(struct timespec));
  return *event == NULL ? ckDriverOutOfMemory : 0;
}

static int elapsedTime(float *milliseconds, void *start, void *end) {
  const struct timespec *first = start, *last = end;
  *milliseconds =
      (float)(last->tv_sec - first->tv_sec) * 1e3f + (float)(last->tv_nsec - first->tv_nsec) / 1e6f;
  return 0;
}

/// What the emulated compiler makes of a text: the text, behind a mark.
static const char mark[] = "emulated\n";

/// Code of the emulated compiler, or of a real one: an ELF file, whose place the emulator's own
/// kernels take.
static int loadModule(void **module, const void *image) {
  bool isEmulated = strncmp(image, mark, sizeof mark - 1) == 0;
  bool isKnown = isEmulated || memcmp(image, "\177ELF", 4) == 0;
  if (!isKnown) return invalidValue;
  *module = strdup(isEmulated ? (const char *)image : "");
  return *module == NULL ? ckDriverOutOfMemory : 0;
}

/// Whether the text of a module has a kernel: attention's are named by macros.
static bool hasKernel(const char *module, const char *name) {
  if (*module == 0) return true;
  const char *size = strstr(name, "Tile");
  if (strstr(name, "attention") != name || strstr(name, "attentionNorm") == name)
    return strstr(module, "\"operations.cu\"") != NULL;
  char call[96];
  if (size == NULL)  // for tensor cores
    snprintf(call, sizeof call, "_TENSOR(%s, ", name);
  else
    snprintf(call, sizeof call, "_%s(%d, ",
             strstr(name, "attentionForward_") == name ? "FORWARD" : "BACKWARD", atoi(size + 4));
  return strstr(module, call) != NULL;
}

static int getFunction(void **function, void *module, const char *name) {
  *function = hasKernel(module, name) ? (void *)ck_emulatedKernel(name) : NULL;
  return *function == NULL ? notFound : 0;
}

static int setAttribute(void *function, int attribute, int value) {
  (void)function;
  return attribute == ckFunctionSharedMemory && value <= 99 << 10 ? 0 : invalidValue;
}

/// A launch with its parameters behind it.
typedef struct Launch {
  const CKEmulatedKernel *kernel;
  uint32_t grid[3], threads, sharedBytes;
  _Alignas(16) char parameters[3][512];
} Launch;

static int runLaunch(const void *arguments) {
  Launch launch = *(const Launch *)arguments;
  void *parameters[] = {launch.parameters[0], launch.parameters[1], launch.parameters[2]};
  if (isBroken) return failed;
  CKEmulatedLaunch emulated = {.name = launch.kernel->name,
                               .run = launch.kernel->run,
                               .parameters = parameters,
                               .threads = launch.threads,
                               .sharedBytes = launch.sharedBytes};
  memcpy(emulated.grid, launch.grid, sizeof emulated.grid);
  const char *found = ck_emulate(&emulated);
  if (found == NULL) return 0;
  snprintf(fault, sizeof fault, "%s", found);
  isBroken = true;
  return failed;
}

static int launch(void *function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                  unsigned int blockX, unsigned int blockY, unsigned int blockZ,
                  unsigned int sharedBytes, void *stream, void **parameters, void **extra) {
  const CKEmulatedKernel *kernel = function;
  if (stream == NULL || extra != NULL || blockY != 1 || blockZ != 1 || gridY > 65535 ||
      gridZ > 65535)
    return invalidValue;
  Launch launch = {kernel, {gridX, gridY, gridZ}, blockX, sharedBytes, {}};
  for (int i = 0; i < 3; i++) {
    if (kernel->sizes[i] > sizeof *launch.parameters) return invalidValue;
    if (kernel->sizes[i] > 0) memcpy(launch.parameters[i], parameters[i], kernel->sizes[i]);
  }
  return ck_isCapturing() ? ck_capture(runLaunch, &launch, sizeof launch) : runLaunch(&launch);
}

static int errorText(int code, const char **text) {
  *text = code == failed ? fault : "the emulated driver refuses the call";
  return 0;
}

// MARK: Compiler

static int compilerVersion(int *major, int *minor) {
  *major = 12, *minor = 4;
  return 0;
}

static int architectureCount(int *count) {
  *count = 2;
  return 0;
}

static int architectures(int *list) {
  list[0] = 75, list[1] = 86;
  return 0;
}

static int createProgram(void **program, const char *source, const char *name, int headerCount,
                         const char *const *headers, const char *const *includeNames) {
  (void)name, (void)headers, (void)includeNames;
  if (strstr(source, "#include") == NULL || headerCount == 0) return invalidValue;
  *program = strdup(source);
  return *program == NULL ? ckDriverOutOfMemory : 0;
}

static int compileProgram(void *program, int optionCount, const char *const *options) {
  (void)program;
  const char *architecture = options[optionCount - 1];
  bool isKnown = strcmp(architecture, "--gpu-architecture=sm_75") == 0 ||
                 strcmp(architecture, "--gpu-architecture=sm_86") == 0;
  return isKnown ? 0 : invalidValue;
}

static int codeSize(void *program, size_t *byteCount) {
  *byteCount = sizeof mark + strlen(program);
  return 0;
}

static int code(void *program, char *bytes) {
  memcpy(bytes, mark, sizeof mark);
  strcat(bytes, program);
  return 0;
}

static int logSize(void *program, size_t *byteCount) {
  (void)program;
  *byteCount = sizeof "emulated";
  return 0;
}

static int writeLog(void *program, char *log) {
  (void)program;
  memcpy(log, "emulated", sizeof "emulated");
  return 0;
}

static int destroyProgram(void **program) { return dropHandle(*program); }

CKCUDAPlatform ck_emulatedPlatform(const char *cacheFolder) {
  CKCUDAPlatform platform = {
      .driver = {.init = initialize,
                 .version = getVersion,
                 .deviceCount = getOne,
                 .device = getDevice,
                 .deviceName = getName,
                 .deviceAttribute = getAttribute,
                 .retainContext = retainContext,
                 .releaseContext = releaseContext,
                 .setCurrent = setCurrent,
                 .memoryInfo = memoryInfo,
                 .allocate = allocate,
                 .free = release,
                 .allocateHost = allocateHost,
                 .freeHost = dropHandle,
                 .copyToDevice = copyToDevice,
                 .copyToHost = copyToHost,
                 .createStream = makeFlagged,
                 .destroyStream = dropHandle,
                 .synchronizeStream = synchronize,
                 .createEvent = makeEvent,
                 .destroyEvent = dropHandle,
                 .recordEvent = recordEvent,
                 .synchronizeEvent = synchronize,
                 .elapsedTime = elapsedTime,
                 .loadModule = loadModule,
                 .unloadModule = dropHandle,
                 .function = getFunction,
                 .setFunctionAttribute = setAttribute,
                 .launch = launch,
                 .errorText = errorText},
      .compiler = {.version = compilerVersion,
                   .architectureCount = architectureCount,
                   .architectures = architectures,
                   .create = createProgram,
                   .compile = compileProgram,
                   .logSize = logSize,
                   .log = writeLog,
                   .binarySize = codeSize,
                   .binary = code,
                   .assemblySize = codeSize,
                   .assembly = code,
                   .destroy = destroyProgram},
      .blas = ck_emulatedBlas,
      .cacheFolder = cacheFolder == NULL ? NULL : strdup(cacheFolder),
      .missing = NULL,
      .tried = "",
      .libraries = {{"emulator", 12040}, {"emulator", 12040}, {"emulator", 12040}},
  };
  ck_addGraphs(&platform.driver);
  return platform;
}
