// What can be wrong with a machine, staged by other answers of its libraries.
#include <string.h>

#include "CUDAEmulator.h"
#include "emulated_blas.h"

enum { systemDriverMismatch = 803, deviceUnavailable = 46, notInitialized = 1 };

static int noDevice(unsigned int flags) {
  (void)flags;
  return ckDriverNoDevice;
}
static int mismatch(unsigned int flags) {
  (void)flags;
  return systemDriverMismatch;
}
static int version10(int *version) {
  *version = 10020;
  return 0;
}
static int version11(int *version) {
  *version = 11080;
  return 0;
}

/// A GTX 1080's answers.
static int pascal(int *value, int attribute, int device) {
  (void)device;
  *value = attribute == ckDeviceMajor ? 6 : 1;
  return 0;
}

/// A GPU that is newer than the compiler: what is made for it is assembly.
static int blackwell(int *value, int attribute, int device) {
  (void)device;
  *value = attribute == ckDeviceMajor ? 12 : attribute == ckDeviceMinor ? 0 : 99 << 10;
  return 0;
}

/// An H100's answers.
static int hopper(int *value, int attribute, int device) {
  (void)device;
  *value = attribute == ckDeviceMajor                 ? 9
           : attribute == ckDeviceMinor               ? 0
           : attribute == ckDeviceMultiprocessorCount ? 132
                                                      : 227 << 10;
  return 0;
}
static int setLargeAttribute(void *function, int attribute, int value) {
  (void)function;
  return attribute == ckFunctionSharedMemory && value <= 227 << 10 ? 0 : 1;
}
static int upToHopper(int *list) {
  list[0] = 86, list[1] = 90;
  return 0;
}
static int compileForHopper(void *program, int optionCount, const char *const *options) {
  (void)program;
  return strcmp(options[optionCount - 1], "--gpu-architecture=sm_90") == 0 ? 0 : 1;
}

static int fullContext(void **context, int device) {
  (void)context, (void)device;
  return ckDriverOutOfMemory;
}
static int takenContext(void **context, int device) {
  (void)context, (void)device;
  return deviceUnavailable;
}
static int fullMemory(uint64_t *address, size_t byteCount) {
  (void)byteCount;
  *address = 0;
  return ckDriverOutOfMemory;
}
static int fewBytes(size_t *free, size_t *total) {
  *free = (size_t)5 << 20;
  *total = (size_t)4096 << 20;
  return 0;
}
static int compileWithoutBuiltins(void *program, int optionCount, const char *const *options) {
  (void)program, (void)optionCount, (void)options;
  return ckCompilerBuiltinsFailed;
}
static int compileAssembly(void *program, int optionCount, const char *const *options) {
  (void)program;
  return strcmp(options[optionCount - 1], "--gpu-architecture=compute_86") == 0 ? 0 : 1;
}
static int compileNothing(void *program, int optionCount, const char *const *options) {
  (void)program, (void)optionCount, (void)options;
  return 6;  // NVRTC_ERROR_COMPILATION
}
static int onlyHopper(int *list) {
  list[0] = list[1] = 90;
  return 0;
}
static int refuseAssembly(void **module, const void *image) {
  (void)module, (void)image;
  return ckDriverNewerAssembly;
}
static int startNothing(void **handle) {
  *handle = NULL;
  return notInitialized;
}
static int fullBlas(void **handle) {
  *handle = NULL;
  return ckBlasAllocationFailed;
}
static int refuseEpilogues(void *operation, int attribute, const void *value, size_t byteCount) {
  return attribute == ckBlasEpilogue ? ckBlasNotSupported
                                     : ck_emulatedBlas.setOperation(operation, attribute, value,
                                                                    byteCount);
}
static int instantiateNothing(void **executable, void *graph, unsigned long long flags) {
  (void)executable, (void)graph, (void)flags;
  return 801;  // CUDA_ERROR_NOT_SUPPORTED
}
static int multiplyNothing(void *handle, void *operation, const void *alpha, const void *a,
                           void *layoutA, const void *b, void *layoutB, const void *beta,
                           const void *c, void *layoutC, void *d, void *layoutD,
                           const void *algorithm, void *workspace, size_t workspaceBytes,
                           void *stream) {
  (void)handle, (void)operation, (void)alpha, (void)a, (void)layoutA, (void)b, (void)layoutB;
  (void)beta, (void)c, (void)layoutC, (void)d, (void)layoutD, (void)algorithm, (void)workspace;
  (void)workspaceBytes, (void)stream;
  return 0;
}

bool ck_stage(CKCUDAPlatform *platform, const char *situation) {
  CKDriver *driver = &platform->driver;
  CKCompiler *compiler = &platform->compiler;
  bool isKnown = true;
  if (strcmp(situation, "driver of CUDA 10") == 0) {
    driver->version = version10;
  } else if (strcmp(situation, "driver of CUDA 11") == 0) {
    driver->version = version11;
  } else if (strcmp(situation, "driver that does not start") == 0) {
    driver->init = mismatch;
  } else if (strcmp(situation, "no device") == 0) {
    driver->init = noDevice;
  } else if (strcmp(situation, "old device") == 0) {
    driver->deviceAttribute = pascal;
  } else if (strcmp(situation, "device with another process") == 0) {
    driver->retainContext = takenContext;
  } else if (strcmp(situation, "no memory for a context") == 0) {
    driver->retainContext = fullContext;
  } else if (strcmp(situation, "no memory") == 0) {
    driver->allocate = fullMemory;
    driver->memoryInfo = fewBytes;
  } else if (strcmp(situation, "no memory for products") == 0) {
    platform->blas.create = fullBlas;
    driver->memoryInfo = fewBytes;
  } else if (strcmp(situation, "products that do not start") == 0) {
    platform->blas.create = startNothing;
  } else if (strcmp(situation, "driver that records nothing") == 0) {
    driver->instantiate = instantiateNothing;
  } else if (strcmp(situation, "products without epilogues") == 0) {
    platform->blas.setOperation = refuseEpilogues;
  } else if (strcmp(situation, "products that are wrong") == 0) {
    platform->blas.multiply = multiplyNothing;
  } else if (strcmp(situation, "compiler without its builtins") == 0) {
    compiler->compile = compileWithoutBuiltins;
  } else if (strcmp(situation, "compiler that fails") == 0) {
    compiler->compile = compileNothing;
  } else if (strcmp(situation, "compiler for other devices") == 0) {
    compiler->architectures = onlyHopper;
  } else if (strcmp(situation, "H100") == 0) {
    driver->deviceAttribute = hopper;
    driver->setFunctionAttribute = setLargeAttribute;
    compiler->architectures = upToHopper;
    compiler->compile = compileForHopper;
  } else if (strcmp(situation, "device newer than the toolkit") == 0) {
    driver->deviceAttribute = blackwell;
    compiler->compile = compileAssembly;
  } else if (strcmp(situation, "toolkit newer than the driver") == 0) {
    driver->deviceAttribute = blackwell;
    compiler->compile = compileAssembly;
    driver->loadModule = refuseAssembly;
  } else {
    isKnown = false;
  }
  return isKnown;
}
