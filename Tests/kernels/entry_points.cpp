// Compiled, never run: the hand-declared entry points of CKernels/runtime/cuda_platform.h against NVIDIA's own headers.
#include <cuda.h>
#include <nvrtc.h>
#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#define HAS_BLAS
#endif

#include "../../CKernels/runtime/cuda_platform.h"

/// Whether a value of one type can be passed where the other is declared: pointers are alike, and so are numbers
/// (enumerations among them) of one size and kind.
template <typename Theirs, typename Ours>
constexpr bool isAlike = __is_pointer(Theirs) == __is_pointer(Ours) && sizeof(Theirs) == sizeof(Ours) &&
                         __is_floating_point(Theirs) == __is_floating_point(Ours);

template <typename Theirs, typename Ours>
constexpr bool callsAlike = false;

template <typename Result, typename... Theirs, typename... Ours>
  requires(sizeof...(Theirs) == sizeof...(Ours))
constexpr bool callsAlike<Result (*)(Theirs...), int (*)(Ours...)> =
    sizeof(Result) == sizeof(int) && (isAlike<Theirs, Ours> && ...);

#define CHECK(function, table, field) \
  static_assert(callsAlike<decltype(&function), decltype(table::field)>, #function " is declared otherwise")

CHECK(cuInit, CKDriver, init);
CHECK(cuDriverGetVersion, CKDriver, version);
CHECK(cuDeviceGetCount, CKDriver, deviceCount);
CHECK(cuDeviceGet, CKDriver, device);
CHECK(cuDeviceGetName, CKDriver, deviceName);
CHECK(cuDeviceGetAttribute, CKDriver, deviceAttribute);
CHECK(cuDevicePrimaryCtxRetain, CKDriver, retainContext);
CHECK(cuDevicePrimaryCtxRelease_v2, CKDriver, releaseContext);
CHECK(cuCtxSetCurrent, CKDriver, setCurrent);
CHECK(cuMemGetInfo_v2, CKDriver, memoryInfo);
CHECK(cuMemAlloc_v2, CKDriver, allocate);
CHECK(cuMemFree_v2, CKDriver, free);
CHECK(cuMemAllocHost_v2, CKDriver, allocateHost);
CHECK(cuMemFreeHost, CKDriver, freeHost);
CHECK(cuMemcpyHtoDAsync_v2, CKDriver, copyToDevice);
CHECK(cuMemcpyDtoHAsync_v2, CKDriver, copyToHost);
CHECK(cuStreamCreate, CKDriver, createStream);
CHECK(cuStreamDestroy_v2, CKDriver, destroyStream);
CHECK(cuStreamSynchronize, CKDriver, synchronizeStream);
CHECK(cuEventCreate, CKDriver, createEvent);
CHECK(cuEventDestroy_v2, CKDriver, destroyEvent);
CHECK(cuEventRecord, CKDriver, recordEvent);
CHECK(cuEventSynchronize, CKDriver, synchronizeEvent);
CHECK(cuEventElapsedTime, CKDriver, elapsedTime);
CHECK(cuModuleLoadData, CKDriver, loadModule);
CHECK(cuModuleUnload, CKDriver, unloadModule);
CHECK(cuModuleGetFunction, CKDriver, function);
CHECK(cuFuncSetAttribute, CKDriver, setFunctionAttribute);
CHECK(cuLaunchKernel, CKDriver, launch);
CHECK(cuGetErrorString, CKDriver, errorText);
CHECK(cuStreamBeginCapture_v2, CKDriver, beginCapture);
CHECK(cuStreamEndCapture, CKDriver, endCapture);
CHECK(cuGraphInstantiateWithFlags, CKDriver, instantiate);
CHECK(cuGraphLaunch, CKDriver, launchGraph);
CHECK(cuGraphDestroy, CKDriver, destroyGraph);
CHECK(cuGraphExecDestroy, CKDriver, destroyExecutable);

CHECK(nvrtcVersion, CKCompiler, version);
CHECK(nvrtcGetNumSupportedArchs, CKCompiler, architectureCount);
CHECK(nvrtcGetSupportedArchs, CKCompiler, architectures);
CHECK(nvrtcCreateProgram, CKCompiler, create);
CHECK(nvrtcCompileProgram, CKCompiler, compile);
CHECK(nvrtcGetProgramLogSize, CKCompiler, logSize);
CHECK(nvrtcGetProgramLog, CKCompiler, log);
CHECK(nvrtcGetCUBINSize, CKCompiler, binarySize);
CHECK(nvrtcGetCUBIN, CKCompiler, binary);
CHECK(nvrtcGetPTXSize, CKCompiler, assemblySize);
CHECK(nvrtcGetPTX, CKCompiler, assembly);
CHECK(nvrtcDestroyProgram, CKCompiler, destroy);

#define EQUAL(ours, theirs) static_assert((int)ours == (int)theirs, #ours " has another value")

EQUAL(ckDriverOutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
EQUAL(ckDriverNoDevice, CUDA_ERROR_NO_DEVICE);
EQUAL(ckDriverInvalidDevice, CUDA_ERROR_INVALID_DEVICE);
EQUAL(ckDriverInvalidImage, CUDA_ERROR_INVALID_IMAGE);
EQUAL(ckDriverNoBinaryForDevice, CUDA_ERROR_NO_BINARY_FOR_GPU);
EQUAL(ckDriverInvalidAssembly, CUDA_ERROR_INVALID_PTX);
EQUAL(ckDriverNewerAssembly, CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
EQUAL(ckCompilerBuiltinsFailed, NVRTC_ERROR_BUILTIN_OPERATION_FAILURE);
EQUAL(ckDriverNotFound, CUDA_ERROR_NOT_FOUND);
EQUAL(ckDriverLaunchFailed, CUDA_ERROR_LAUNCH_FAILED);
EQUAL(ckDeviceMultiprocessorCount, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
EQUAL(ckDeviceMajor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
EQUAL(ckDeviceMinor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
EQUAL(ckDeviceSharedMemoryLimit, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
EQUAL(ckFunctionSharedMemory, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
EQUAL(ckStreamNonBlocking, CU_STREAM_NON_BLOCKING);
EQUAL(ckEventWithoutTime, CU_EVENT_DISABLE_TIMING);
EQUAL(ckCaptureRelaxed, CU_STREAM_CAPTURE_MODE_RELAXED);

#ifdef HAS_BLAS
CHECK(cublasLtGetProperty, CKDeviceBlas, property);
EQUAL(ckBlasMajorVersion, MAJOR_VERSION);
EQUAL(ckBlasMinorVersion, MINOR_VERSION);
EQUAL(ckBlasAllocationFailed, CUBLAS_STATUS_ALLOC_FAILED);
CHECK(cublasLtCreate, CKDeviceBlas, create);
CHECK(cublasLtDestroy, CKDeviceBlas, destroy);
CHECK(cublasLtMatmulDescCreate, CKDeviceBlas, createOperation);
CHECK(cublasLtMatmulDescDestroy, CKDeviceBlas, destroyOperation);
CHECK(cublasLtMatmulDescSetAttribute, CKDeviceBlas, setOperation);
CHECK(cublasLtMatrixLayoutCreate, CKDeviceBlas, createLayout);
CHECK(cublasLtMatrixLayoutDestroy, CKDeviceBlas, destroyLayout);
CHECK(cublasLtMatmulPreferenceCreate, CKDeviceBlas, createPreference);
CHECK(cublasLtMatmulPreferenceDestroy, CKDeviceBlas, destroyPreference);
CHECK(cublasLtMatmulPreferenceSetAttribute, CKDeviceBlas, setPreference);
CHECK(cublasLtMatmulAlgoGetHeuristic, CKDeviceBlas, choose);
CHECK(cublasLtMatmul, CKDeviceBlas, multiply);
EQUAL(ckBlasFloat, CUDA_R_32F);
EQUAL(ckBlasBFloat16, CUDA_R_16BF);
EQUAL(ckBlasComputeFloat, CUBLAS_COMPUTE_32F);
EQUAL(ckBlasComputeTF32, CUBLAS_COMPUTE_32F_FAST_TF32);
EQUAL(ckBlasTransposed, CUBLAS_OP_T);
EQUAL(ckBlasTransposeLeft, CUBLASLT_MATMUL_DESC_TRANSA);
EQUAL(ckBlasTransposeRight, CUBLASLT_MATMUL_DESC_TRANSB);
EQUAL(ckBlasEpilogue, CUBLASLT_MATMUL_DESC_EPILOGUE);
EQUAL(ckBlasBiasAddress, CUBLASLT_MATMUL_DESC_BIAS_POINTER);
EQUAL(ckBlasEpilogueBias, CUBLASLT_EPILOGUE_BIAS);
EQUAL(ckBlasNotSupported, CUBLAS_STATUS_NOT_SUPPORTED);
EQUAL(ckBlasWorkspaceLimit, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
EQUAL(ckBlasAlignmentA, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES);
EQUAL(ckBlasAlignmentA + 3, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);
EQUAL(ckBlasExecutionFailed, CUBLAS_STATUS_EXECUTION_FAILED);
static_assert(sizeof(CKBlasChoice) == sizeof(cublasLtMatmulHeuristicResult_t));
static_assert(offsetof(CKBlasChoice, workspaceBytes) == offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize));
static_assert(offsetof(CKBlasChoice, state) == offsetof(cublasLtMatmulHeuristicResult_t, state));
#endif
