// The emulator as a shared library with the names of NVIDIA's: put where libcuda.so.1,
// libnvrtc.so.12 and libcublasLt.so.12 are looked for, it is the GPU of an unchanged `pure`.
//
// PURE_EMULATED names a situation of situations.c to be staged. CUDA_VISIBLE_DEVICES is heeded.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CUDAEmulator.h"

static CKCUDAPlatform machine;

static void start(void) {
  machine = ck_emulatedPlatform(NULL);
  const char *situation = getenv("PURE_EMULATED"), *visible = getenv("CUDA_VISIBLE_DEVICES");
  if (visible != NULL && strcmp(visible, "0") != 0) ck_stage(&machine, "no device");
  if (situation == NULL || ck_stage(&machine, situation)) return;
  fprintf(stderr, "emulator: there is no situation \"%s\"\n", situation);
  abort();
}

static const CKCUDAPlatform *emulated(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
  return &machine;
}

#define CK_ENTRY(symbol, function, parameters, arguments) \
  int symbol parameters;                                  \
  int symbol parameters { return emulated()->function arguments; }

CK_ENTRY(cuInit, driver.init, (unsigned int flags), (flags))
CK_ENTRY(cuDriverGetVersion, driver.version, (int *version), (version))
CK_ENTRY(cuDeviceGetCount, driver.deviceCount, (int *count), (count))
CK_ENTRY(cuDeviceGet, driver.device, (int *device, int ordinal), (device, ordinal))
CK_ENTRY(cuDeviceGetName, driver.deviceName, (char *name, int length, int device),
         (name, length, device))
CK_ENTRY(cuDeviceGetAttribute, driver.deviceAttribute, (int *value, int attribute, int device),
         (value, attribute, device))
CK_ENTRY(cuDevicePrimaryCtxRetain, driver.retainContext, (void **context, int device),
         (context, device))
CK_ENTRY(cuDevicePrimaryCtxRelease_v2, driver.releaseContext, (int device), (device))
CK_ENTRY(cuCtxSetCurrent, driver.setCurrent, (void *context), (context))
CK_ENTRY(cuMemGetInfo_v2, driver.memoryInfo, (size_t *free, size_t *total), (free, total))
CK_ENTRY(cuMemAlloc_v2, driver.allocate, (uint64_t *address, size_t byteCount),
         (address, byteCount))
CK_ENTRY(cuMemFree_v2, driver.free, (uint64_t address), (address))
CK_ENTRY(cuMemAllocHost_v2, driver.allocateHost, (void **address, size_t byteCount),
         (address, byteCount))
CK_ENTRY(cuMemFreeHost, driver.freeHost, (void *address), (address))
CK_ENTRY(cuMemcpyHtoDAsync_v2, driver.copyToDevice,
         (uint64_t destination, const void *source, size_t byteCount, void *stream),
         (destination, source, byteCount, stream))
CK_ENTRY(cuMemcpyDtoHAsync_v2, driver.copyToHost,
         (void *destination, uint64_t source, size_t byteCount, void *stream),
         (destination, source, byteCount, stream))
CK_ENTRY(cuStreamCreate, driver.createStream, (void **stream, unsigned int flags), (stream, flags))
CK_ENTRY(cuStreamDestroy_v2, driver.destroyStream, (void *stream), (stream))
CK_ENTRY(cuStreamSynchronize, driver.synchronizeStream, (void *stream), (stream))
CK_ENTRY(cuEventCreate, driver.createEvent, (void **event, unsigned int flags), (event, flags))
CK_ENTRY(cuEventDestroy_v2, driver.destroyEvent, (void *event), (event))
CK_ENTRY(cuEventRecord, driver.recordEvent, (void *event, void *stream), (event, stream))
CK_ENTRY(cuEventSynchronize, driver.synchronizeEvent, (void *event), (event))
CK_ENTRY(cuEventElapsedTime, driver.elapsedTime, (float *milliseconds, void *start, void *end),
         (milliseconds, start, end))
CK_ENTRY(cuStreamBeginCapture_v2, driver.beginCapture, (void *stream, int mode), (stream, mode))
CK_ENTRY(cuStreamEndCapture, driver.endCapture, (void *stream, void **graph), (stream, graph))
CK_ENTRY(cuGraphInstantiateWithFlags, driver.instantiate,
         (void **executable, void *graph, unsigned long long flags), (executable, graph, flags))
CK_ENTRY(cuGraphLaunch, driver.launchGraph, (void *executable, void *stream), (executable, stream))
CK_ENTRY(cuGraphDestroy, driver.destroyGraph, (void *graph), (graph))
CK_ENTRY(cuGraphExecDestroy, driver.destroyExecutable, (void *executable), (executable))
CK_ENTRY(cuModuleLoadData, driver.loadModule, (void **module, const void *image), (module, image))
CK_ENTRY(cuModuleUnload, driver.unloadModule, (void *module), (module))
CK_ENTRY(cuModuleGetFunction, driver.function, (void **function, void *module, const char *name),
         (function, module, name))
CK_ENTRY(cuFuncSetAttribute, driver.setFunctionAttribute,
         (void *function, int attribute, int value), (function, attribute, value))
CK_ENTRY(cuLaunchKernel, driver.launch,
         (void *function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
          unsigned int blockX, unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes,
          void *stream, void **parameters, void **extra),
         (function, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, stream, parameters,
          extra))
CK_ENTRY(cuGetErrorString, driver.errorText, (int code, const char **text), (code, text))
CK_ENTRY(nvrtcVersion, compiler.version, (int *major, int *minor), (major, minor))
CK_ENTRY(nvrtcGetNumSupportedArchs, compiler.architectureCount, (int *count), (count))
CK_ENTRY(nvrtcGetSupportedArchs, compiler.architectures, (int *architectures), (architectures))
CK_ENTRY(nvrtcCreateProgram, compiler.create,
         (void **program, const char *source, const char *name, int headerCount,
          const char *const *headers, const char *const *includeNames),
         (program, source, name, headerCount, headers, includeNames))
CK_ENTRY(nvrtcCompileProgram, compiler.compile,
         (void *program, int optionCount, const char *const *options),
         (program, optionCount, options))
CK_ENTRY(nvrtcGetProgramLogSize, compiler.logSize, (void *program, size_t *byteCount),
         (program, byteCount))
CK_ENTRY(nvrtcGetProgramLog, compiler.log, (void *program, char *log), (program, log))
CK_ENTRY(nvrtcGetCUBINSize, compiler.binarySize, (void *program, size_t *byteCount),
         (program, byteCount))
CK_ENTRY(nvrtcGetCUBIN, compiler.binary, (void *program, char *binary), (program, binary))
CK_ENTRY(nvrtcGetPTXSize, compiler.assemblySize, (void *program, size_t *byteCount),
         (program, byteCount))
CK_ENTRY(nvrtcGetPTX, compiler.assembly, (void *program, char *assembly), (program, assembly))
CK_ENTRY(nvrtcDestroyProgram, compiler.destroy, (void **program), (program))
CK_ENTRY(cublasLtGetProperty, blas.property, (int property, int *value), (property, value))
CK_ENTRY(cublasLtCreate, blas.create, (void **handle), (handle))
CK_ENTRY(cublasLtDestroy, blas.destroy, (void *handle), (handle))
CK_ENTRY(cublasLtMatmulDescCreate, blas.createOperation,
         (void **operation, int computeType, int scaleType), (operation, computeType, scaleType))
CK_ENTRY(cublasLtMatmulDescDestroy, blas.destroyOperation, (void *operation), (operation))
CK_ENTRY(cublasLtMatmulDescSetAttribute, blas.setOperation,
         (void *operation, int attribute, const void *value, size_t byteCount),
         (operation, attribute, value, byteCount))
CK_ENTRY(cublasLtMatrixLayoutCreate, blas.createLayout,
         (void **layout, int type, uint64_t rows, uint64_t columns, int64_t stride),
         (layout, type, rows, columns, stride))
CK_ENTRY(cublasLtMatrixLayoutDestroy, blas.destroyLayout, (void *layout), (layout))
CK_ENTRY(cublasLtMatmulPreferenceCreate, blas.createPreference, (void **preference), (preference))
CK_ENTRY(cublasLtMatmulPreferenceDestroy, blas.destroyPreference, (void *preference), (preference))
CK_ENTRY(cublasLtMatmulPreferenceSetAttribute, blas.setPreference,
         (void *preference, int attribute, const void *value, size_t byteCount),
         (preference, attribute, value, byteCount))
CK_ENTRY(cublasLtMatmulAlgoGetHeuristic, blas.choose,
         (void *handle, void *operation, void *layoutA, void *layoutB, void *layoutC, void *layoutD,
          void *preference, int requested, CKBlasChoice *choices, int *found),
         (handle, operation, layoutA, layoutB, layoutC, layoutD, preference, requested, choices,
          found))
CK_ENTRY(cublasLtMatmul, blas.multiply,
         (void *handle, void *operation, const void *alpha, const void *a, void *layoutA,
          const void *b, void *layoutB, const void *beta, const void *c, void *layoutC, void *d,
          void *layoutD, const void *algorithm, void *workspace, size_t workspaceBytes,
          void *stream),
         (handle, operation, alpha, a, layoutA, b, layoutB, beta, c, layoutC, d, layoutD, algorithm,
          workspace, workspaceBytes, stream))

/// NVRTC from 12.9 on asks the driver for a table of its own cache and relies on an answer.
int cuGetExportTable(const void **table, const void *identifier);
int cuGetExportTable(const void **table, const void *identifier) {
  (void)identifier;
  *table = NULL;
  return ckDriverNotFound;
}
