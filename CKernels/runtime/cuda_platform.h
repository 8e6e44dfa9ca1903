/// The CUDA libraries as tables of functions: opened at run time, or stood in for by the emulator.
///
/// Entry points are declared here by hand, so that nothing of a toolkit is needed to build. Handles
/// are opaque; results are the library's own codes, 0 for success. The libraries are the driver's,
/// NVRTC's (the compiler) and cuBLASLt's (matrix products), of the toolkits 11.8 to 13.
#ifndef CK_CUDA_PLATFORM_H
#define CK_CUDA_PLATFORM_H

#include "types.h"
CK_BEGIN

/// Codes and attributes that are used, with the values of cuda.h.
enum {
  ckDriverOutOfMemory = 2,
  ckDriverNoDevice = 100,
  ckDriverInvalidDevice = 101,
  ckDriverInvalidImage = 200,
  ckDriverNoBinaryForDevice = 209,
  ckDriverInvalidAssembly = 218,
  ckDriverNewerAssembly = 222,
  ckDriverNotFound = 500,
  ckDriverLaunchFailed = 719,
  ckDeviceMultiprocessorCount = 16,
  ckDeviceMajor = 75,
  ckDeviceMinor = 76,
  ckDeviceSharedMemoryLimit = 97,
  ckFunctionSharedMemory = 8,
  ckStreamNonBlocking = 1,
  ckEventWithoutTime = 2,
  ckCaptureRelaxed = 2,  // memory may be taken meanwhile
};

typedef struct CKDriver {
  int (*init)(unsigned int flags);
  int (*version)(int *version);
  int (*deviceCount)(int *count);
  int (*device)(int *device, int ordinal);
  int (*deviceName)(char *name, int length, int device);
  int (*deviceAttribute)(int *value, int attribute, int device);
  int (*retainContext)(void **context, int device);
  int (*releaseContext)(int device);
  int (*setCurrent)(void *context);
  int (*memoryInfo)(size_t *free, size_t *total);
  int (*allocate)(uint64_t *address, size_t byteCount);
  int (*free)(uint64_t address);
  int (*allocateHost)(void **address, size_t byteCount);
  int (*freeHost)(void *address);
  int (*copyToDevice)(uint64_t destination, const void *source, size_t byteCount, void *stream);
  int (*copyToHost)(void *destination, uint64_t source, size_t byteCount, void *stream);
  int (*createStream)(void **stream, unsigned int flags);
  int (*destroyStream)(void *stream);
  int (*synchronizeStream)(void *stream);
  int (*createEvent)(void **event, unsigned int flags);
  int (*destroyEvent)(void *event);
  int (*recordEvent)(void *event, void *stream);
  int (*synchronizeEvent)(void *event);
  int (*elapsedTime)(float *milliseconds, void *start, void *end);
  int (*loadModule)(void **module, const void *image);
  int (*unloadModule)(void *module);
  int (*function)(void **function, void *module, const char *name);
  int (*setFunctionAttribute)(void *function, int attribute, int value);
  int (*launch)(void *function, unsigned int gridX, unsigned int gridY, unsigned int gridZ,
                unsigned int blockX, unsigned int blockY, unsigned int blockZ,
                unsigned int sharedBytes, void *stream, void **parameters, void **extra);
  int (*errorText)(int code, const char **text);
  int (*beginCapture)(void *stream, int mode);
  int (*endCapture)(void *stream, void **graph);
  int (*instantiate)(void **executable, void *graph, unsigned long long flags);
  int (*launchGraph)(void *executable, void *stream);
  int (*destroyGraph)(void *graph);
  int (*destroyExecutable)(void *executable);
} CKDriver;

/// A result of NVRTC: its second library, which it opens itself, is missing or of another version.
enum { ckCompilerBuiltinsFailed = 7 };

typedef struct CKCompiler {
  int (*version)(int *major, int *minor);
  int (*architectureCount)(int *count);
  int (*architectures)(int *architectures);
  int (*create)(void **program, const char *source, const char *name, int headerCount,
                const char *const *headers, const char *const *includeNames);
  int (*compile)(void *program, int optionCount, const char *const *options);
  int (*logSize)(void *program, size_t *byteCount);
  int (*log)(void *program, char *log);
  int (*binarySize)(void *program, size_t *byteCount);
  int (*binary)(void *program, char *binary);
  int (*assemblySize)(void *program, size_t *byteCount);
  int (*assembly)(void *program, char *assembly);
  int (*destroy)(void **program);
} CKCompiler;

/// Values of cublasLt.h and library_types.h. Matrices are column-major there.
enum {
  ckBlasFloat = 0,             // CUDA_R_32F
  ckBlasBFloat16 = 14,         // CUDA_R_16BF
  ckBlasComputeFloat = 68,     // CUBLAS_COMPUTE_32F
  ckBlasComputeTF32 = 77,      // CUBLAS_COMPUTE_32F_FAST_TF32
  ckBlasTransposed = 1,        // CUBLAS_OP_T
  ckBlasTransposeLeft = 3,     // CUBLASLT_MATMUL_DESC_TRANSA
  ckBlasTransposeRight = 4,    // CUBLASLT_MATMUL_DESC_TRANSB
  ckBlasEpilogue = 7,          // CUBLASLT_MATMUL_DESC_EPILOGUE
  ckBlasBiasAddress = 8,       // CUBLASLT_MATMUL_DESC_BIAS_POINTER
  ckBlasEpilogueBias = 4,      // CUBLASLT_EPILOGUE_BIAS
  ckBlasAllocationFailed = 3,  // CUBLAS_STATUS_ALLOC_FAILED
  ckBlasExecutionFailed = 13,  // CUBLAS_STATUS_EXECUTION_FAILED
  ckBlasNotSupported = 15,     // CUBLAS_STATUS_NOT_SUPPORTED
  ckBlasMajorVersion = 0,      // MAJOR_VERSION
  ckBlasMinorVersion = 1,      // MINOR_VERSION
  ckBlasWorkspaceLimit = 1,    // CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES
  ckBlasAlignmentA = 5,        // CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES; B, C and D follow
};

/// cublasLtMatmulHeuristicResult_t: an algorithm and what is known of it.
typedef struct CKBlasChoice {
  uint64_t algorithm[8];
  size_t workspaceBytes;
  int state;
  float waves;
  int reserved[4];
} CKBlasChoice;

typedef struct CKDeviceBlas {
  int (*property)(int property, int *value);
  int (*create)(void **handle);
  int (*destroy)(void *handle);
  int (*createOperation)(void **operation, int computeType, int scaleType);
  int (*destroyOperation)(void *operation);
  int (*setOperation)(void *operation, int attribute, const void *value, size_t byteCount);
  int (*createLayout)(void **layout, int type, uint64_t rows, uint64_t columns, int64_t stride);
  int (*destroyLayout)(void *layout);
  int (*createPreference)(void **preference);
  int (*destroyPreference)(void *preference);
  int (*setPreference)(void *preference, int attribute, const void *value, size_t byteCount);
  int (*choose)(void *handle, void *operation, void *layoutA, void *layoutB, void *layoutC,
                void *layoutD, void *preference, int requested, CKBlasChoice *choices, int *found);
  int (*multiply)(void *handle, void *operation, const void *alpha, const void *a, void *layoutA,
                  const void *b, void *layoutB, const void *beta, const void *c, void *layoutC,
                  void *d, void *layoutD, const void *algorithm, void *workspace,
                  size_t workspaceBytes, void *stream);
} CKDeviceBlas;

enum { ckDriverLibrary, ckCompilerLibrary, ckBlasLibrary, ckCUDALibraryCount };

/// A library that was opened; the path is null when it was not.
typedef struct CKCUDALibrary {
  const char *path;
  int32_t version;  // 1000 · major + 10 · minor: the driver's of CUDA, the others' own
} CKCUDALibrary;

typedef struct CKCUDAPlatform {
  CKDriver driver;
  CKCompiler compiler;
  CKDeviceBlas blas;
  CKCUDALibrary libraries[ckCUDALibraryCount];
  /// Where compiled modules are kept; null: nowhere.
  const char *cacheFolder;
  /// What is missing and how to get it, as a clause; null when everything was found.
  const char *missing;
  /// Every place that was tried for what is missing, each on a line, with what was wrong with it.
  const char *tried;
  /// There is no driver, and no NVIDIA GPU either that one could be missed for.
  bool isAbsent;
} CKCUDAPlatform;

/// Opens the libraries on the first call.
///
/// The driver is looked for by name; NVRTC and cuBLASLt by name, in CUDA_HOME and CUDA_PATH, in
/// /usr/local/cuda, and in the `nvidia` folders of Python packages: of VIRTUAL_ENV and
/// CONDA_PREFIX, of the user and of the system. A library that is a whole version newer than the
/// driver is passed over. Compiled modules are kept in PURE_CACHE, else in `pure` under
/// XDG_CACHE_HOME, else in
/// ~/.cache/pure.
const CKCUDAPlatform *ck_cudaPlatform(void);

/// Opens NVRTC alone, on a machine that may have no GPU.
bool ck_openCompiler(CKCompiler *compiler);

/// Whether a folder in the shape of /sys/bus/pci/devices lists an NVIDIA GPU.
bool ck_listsNVIDIAGPU(const char *folder);

CK_END
#endif
