#include <dlfcn.h>
#include <glob.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda_platform.h"

static CKCUDAPlatform platform;
static char tried[16384], missing[256], cacheFolder[1024];

/// A field of a table and the symbol that fills it.
typedef struct Symbol {
  size_t offset;
  const char *name;
} Symbol;

#define CK_SYMBOL(table, field, name) {offsetof(table, field), name}

static const Symbol driverSymbols[] = {
    CK_SYMBOL(CKDriver, init, "cuInit"),
    CK_SYMBOL(CKDriver, version, "cuDriverGetVersion"),
    CK_SYMBOL(CKDriver, deviceCount, "cuDeviceGetCount"),
    CK_SYMBOL(CKDriver, device, "cuDeviceGet"),
    CK_SYMBOL(CKDriver, deviceName, "cuDeviceGetName"),
    CK_SYMBOL(CKDriver, deviceAttribute, "cuDeviceGetAttribute"),
    CK_SYMBOL(CKDriver, retainContext, "cuDevicePrimaryCtxRetain"),
    CK_SYMBOL(CKDriver, releaseContext, "cuDevicePrimaryCtxRelease_v2"),
    CK_SYMBOL(CKDriver, setCurrent, "cuCtxSetCurrent"),
    CK_SYMBOL(CKDriver, memoryInfo, "cuMemGetInfo_v2"),
    CK_SYMBOL(CKDriver, allocate, "cuMemAlloc_v2"),
    CK_SYMBOL(CKDriver, free, "cuMemFree_v2"),
    CK_SYMBOL(CKDriver, allocateHost, "cuMemAllocHost_v2"),
    CK_SYMBOL(CKDriver, freeHost, "cuMemFreeHost"),
    CK_SYMBOL(CKDriver, copyToDevice, "cuMemcpyHtoDAsync_v2"),
    CK_SYMBOL(CKDriver, copyToHost, "cuMemcpyDtoHAsync_v2"),
    CK_SYMBOL(CKDriver, createStream, "cuStreamCreate"),
    CK_SYMBOL(CKDriver, destroyStream, "cuStreamDestroy_v2"),
    CK_SYMBOL(CKDriver, synchronizeStream, "cuStreamSynchronize"),
    CK_SYMBOL(CKDriver, createEvent, "cuEventCreate"),
    CK_SYMBOL(CKDriver, destroyEvent, "cuEventDestroy_v2"),
    CK_SYMBOL(CKDriver, recordEvent, "cuEventRecord"),
    CK_SYMBOL(CKDriver, synchronizeEvent, "cuEventSynchronize"),
    CK_SYMBOL(CKDriver, elapsedTime, "cuEventElapsedTime"),
    CK_SYMBOL(CKDriver, loadModule, "cuModuleLoadData"),
    CK_SYMBOL(CKDriver, unloadModule, "cuModuleUnload"),
    CK_SYMBOL(CKDriver, function, "cuModuleGetFunction"),
    CK_SYMBOL(CKDriver, setFunctionAttribute, "cuFuncSetAttribute"),
    CK_SYMBOL(CKDriver, launch, "cuLaunchKernel"),
    CK_SYMBOL(CKDriver, errorText, "cuGetErrorString"),
};

static const Symbol compilerSymbols[] = {
    CK_SYMBOL(CKCompiler, version, "nvrtcVersion"),
    CK_SYMBOL(CKCompiler, architectureCount, "nvrtcGetNumSupportedArchs"),
    CK_SYMBOL(CKCompiler, architectures, "nvrtcGetSupportedArchs"),
    CK_SYMBOL(CKCompiler, create, "nvrtcCreateProgram"),
    CK_SYMBOL(CKCompiler, compile, "nvrtcCompileProgram"),
    CK_SYMBOL(CKCompiler, logSize, "nvrtcGetProgramLogSize"),
    CK_SYMBOL(CKCompiler, log, "nvrtcGetProgramLog"),
    CK_SYMBOL(CKCompiler, binarySize, "nvrtcGetCUBINSize"),
    CK_SYMBOL(CKCompiler, binary, "nvrtcGetCUBIN"),
    CK_SYMBOL(CKCompiler, assemblySize, "nvrtcGetPTXSize"),
    CK_SYMBOL(CKCompiler, assembly, "nvrtcGetPTX"),
    CK_SYMBOL(CKCompiler, destroy, "nvrtcDestroyProgram"),
};

static const Symbol blasSymbols[] = {
    CK_SYMBOL(CKDeviceBlas, create, "cublasLtCreate"),
    CK_SYMBOL(CKDeviceBlas, destroy, "cublasLtDestroy"),
    CK_SYMBOL(CKDeviceBlas, createOperation, "cublasLtMatmulDescCreate"),
    CK_SYMBOL(CKDeviceBlas, destroyOperation, "cublasLtMatmulDescDestroy"),
    CK_SYMBOL(CKDeviceBlas, setOperation, "cublasLtMatmulDescSetAttribute"),
    CK_SYMBOL(CKDeviceBlas, createLayout, "cublasLtMatrixLayoutCreate"),
    CK_SYMBOL(CKDeviceBlas, destroyLayout, "cublasLtMatrixLayoutDestroy"),
    CK_SYMBOL(CKDeviceBlas, createPreference, "cublasLtMatmulPreferenceCreate"),
    CK_SYMBOL(CKDeviceBlas, destroyPreference, "cublasLtMatmulPreferenceDestroy"),
    CK_SYMBOL(CKDeviceBlas, setPreference, "cublasLtMatmulPreferenceSetAttribute"),
    CK_SYMBOL(CKDeviceBlas, choose, "cublasLtMatmulAlgoGetHeuristic"),
    CK_SYMBOL(CKDeviceBlas, multiply, "cublasLtMatmul"),
};

/// A library: its file names, newest first, and the folders that Python packages put it in.
typedef struct Library {
  const char *name;
  const Symbol *symbols;
  size_t symbolCount;
  void *table;
  const char *files[5], *packages[3];
} Library;

#define CK_COUNT(array) (sizeof(array) / sizeof *(array))

static Library libraries[] = {
    {"the NVIDIA driver (libcuda.so.1)",
     driverSymbols,
     CK_COUNT(driverSymbols),
     &platform.driver,
     {"libcuda.so.1", "libcuda.so"},
     {}},
    {"NVRTC, the CUDA compiler (libnvrtc.so)",
     compilerSymbols,
     CK_COUNT(compilerSymbols),
     &platform.compiler,
     {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"},
     {"cu13", "cuda_nvrtc"}},
    {"cuBLASLt, the CUDA matrix library (libcublasLt.so)",
     blasSymbols,
     CK_COUNT(blasSymbols),
     &platform.blas,
     {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11", "libcublasLt.so"},
     {"cu13", "cublas"}},
};

static void recordTried(const char *path, const char *reason) {
  size_t used = strlen(tried);
  snprintf(tried + used, sizeof tried - used, reason == NULL ? "%s%s" : "%s%s (%s)",
           used == 0 ? "" : "\n", path, reason);
}

/// A compiler that is newer than the driver by a whole version makes code that the driver does not
/// load.
static bool isNewerThanDriver(const Library *library, char *reason, size_t size) {
  int major = 0, minor = 0, driver = 0;
  if (library->table != &platform.compiler || platform.driver.version == NULL) return false;
  if (platform.compiler.version(&major, &minor) != 0 || platform.driver.version(&driver) != 0)
    return false;
  snprintf(reason, size, "CUDA %d.%d is newer than the driver's %d.%d", major, minor, driver / 1000,
           driver % 1000 / 10);
  return major > driver / 1000;
}

static bool openAt(const Library *library, const char *path) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    const char *error = dlerror();
    bool isMissing = error == NULL || strstr(error, "No such file") != NULL;
    recordTried(path, isMissing ? NULL : error);
    return false;
  }
  char reason[256];
  for (size_t i = 0; i < library->symbolCount; i++) {
    void *symbol = dlsym(handle, library->symbols[i].name);
    if (symbol == NULL) {
      snprintf(reason, sizeof reason, "has no %s", library->symbols[i].name);
      recordTried(path, reason);
      dlclose(handle);
      return false;
    }
    memcpy((char *)library->table + library->symbols[i].offset, &symbol, sizeof symbol);
  }
  if (!isNewerThanDriver(library, reason, sizeof reason)) return true;
  recordTried(path, reason);
  dlclose(handle);
  return false;
}

static bool openIn(const Library *library, const char *folder) {
  for (size_t i = 0; i < CK_COUNT(library->files) && library->files[i] != NULL; i++) {
    char path[1200];
    snprintf(path, sizeof path, "%s%s%s", folder, *folder == 0 ? "" : "/", library->files[i]);
    if (openAt(library, path)) return true;
  }
  return false;
}

/// The folders that a Python environment's packages put the library in.
static bool openInPackages(const Library *library, const char *environment) {
  for (size_t i = 0; i < CK_COUNT(library->packages) && library->packages[i] != NULL; i++) {
    char pattern[1200];
    snprintf(pattern, sizeof pattern, "%s/lib/python3*/*-packages/nvidia/%s/lib", environment,
             library->packages[i]);
    glob_t found;
    bool isOpen = false;
    if (glob(pattern, 0, NULL, &found) == 0) {
      for (size_t match = found.gl_pathc; match > 0 && !isOpen; match--)
        isOpen = openIn(library, found.gl_pathv[match - 1]);
    } else {
      recordTried(pattern, NULL);
    }
    globfree(&found);
    if (isOpen) return true;
  }
  return false;
}

static bool openLibrary(const Library *library) {
  if (openIn(library, "")) return true;
  if (library->table == &platform.driver) return openIn(library, "/usr/lib/wsl/lib");
  static const char *const homes[] = {"CUDA_HOME", "CUDA_PATH"};
  char folder[1100];
  for (size_t i = 0; i < CK_COUNT(homes); i++) {
    const char *home = getenv(homes[i]);
    if (home == NULL || *home == 0) continue;
    snprintf(folder, sizeof folder, "%s/lib64", home);
    if (openIn(library, folder)) return true;
  }
  if (openIn(library, "/usr/local/cuda/lib64")) return true;
  const char *environment = getenv("VIRTUAL_ENV"), *home = getenv("HOME");
  if (environment != NULL && *environment != 0 && openInPackages(library, environment)) return true;
  snprintf(folder, sizeof folder, "%s/.local", home == NULL ? "" : home);
  return openInPackages(library, folder) || openInPackages(library, "/usr/local") ||
         openInPackages(library, "/usr");
}

static void findCacheFolder(void) {
  const char *named = getenv("PURE_CACHE"), *cache = getenv("XDG_CACHE_HOME"),
             *home = getenv("HOME");
  if (named != NULL && *named != 0)
    snprintf(cacheFolder, sizeof cacheFolder, "%s", named);
  else if (cache != NULL && *cache == '/')
    snprintf(cacheFolder, sizeof cacheFolder, "%s/pure", cache);
  else if (home != NULL && *home == '/')
    snprintf(cacheFolder, sizeof cacheFolder, "%s/.cache/pure", home);
  if (*cacheFolder != 0) platform.cacheFolder = cacheFolder;
}

static void load(void) {
  findCacheFolder();
  platform.tried = tried;
  for (size_t i = 0; i < CK_COUNT(libraries); i++) {
    tried[0] = 0;
    if (openLibrary(&libraries[i])) continue;
    snprintf(missing, sizeof missing, "%s was not found", libraries[i].name);
    platform.missing = missing;
    return;
  }
}

const CKCUDAPlatform *ck_cudaPlatform(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return &platform;
}

bool ck_openCompiler(CKCompiler *compiler) {
  Library library = libraries[1];
  library.table = compiler;
  return openLibrary(&library);
}
