/// One GPU: its stream, its kernels and its memory, behind calls that say what failed.
///
/// Every call returns true, or false with the reason in `ck_cudaFailure` of the calling thread.
/// Work is queued on one stream; only `ck_cudaDownload` and `ck_cudaSynchronize` wait for it. Calls
/// from several threads take turns.
#ifndef CK_CUDA_CONTEXT_H
#define CK_CUDA_CONTEXT_H

#include "cuda_platform.h"
CK_BEGIN

typedef CK_ENUM(CKCUDAFailureKind){
    CKCUDAFailureUnavailable = 0, CKCUDAFailureOutOfMemory = 1,
    CKCUDAFailureCompilation = 2, CKCUDAFailureCall = 3,
    CKCUDAFailureAbsent = 4,    // no driver, and no GPU that it could be for
    CKCUDAFailureOccupied = 5,  // no memory left to begin with
    CKCUDAFailureFault = 6,     // the process cannot use the GPU any more
} CKCUDAFailureKind;

/// Why the last call of this thread returned false. The strings are valid until its next failure.
typedef struct CKCUDAFailure {
  CKCUDAFailureKind kind;
  int32_t code;
  const char *CK_NONNULL call;  // the library's function, or the kernel
  const char *CK_NONNULL text;
  const char *CK_NONNULL tried;  // one place a line
} CKCUDAFailure;

CKCUDAFailure ck_cudaFailure(void);

typedef struct CKCUDAContext CKCUDAContext;

/// What a GPU is.
typedef struct CKCUDADescription {
  const char *CK_NONNULL name;
  int32_t major, minor, multiprocessorCount;
  int32_t sharedLimit;                     // bytes of shared memory that a block may have
  int32_t driverVersion, compilerVersion;  // 1000 · major + 10 · minor
  bool wasCached;                          // all kernels so far were found compiled
  const char *CK_NONNULL note;             // what is wrong with their cache, as a sentence; or ""
} CKCUDADescription;

/// Opens a GPU and compiles the kernels for products of such factors, or finds them compiled; those
/// for floats are added when they are first asked for. Null: see `ck_cudaFailure`.
CKCUDAContext *CK_NULLABLE ck_cudaOpen(const CKCUDAPlatform *CK_NONNULL platform, int32_t ordinal,
                                       CKFactorType factors);
/// Waits for queued work and gives everything back.
void ck_cudaClose(CKCUDAContext *CK_NONNULL context);
/// `ckArrivalCounters` zeros in device memory, which kernels leave as they found them.
uint32_t *CK_NONNULL ck_cudaArrivalCounters(const CKCUDAContext *CK_NONNULL context);
CKCUDADescription ck_cudaDescription(const CKCUDAContext *CK_NONNULL context);

bool ck_cudaAllocate(CKCUDAContext *CK_NONNULL context, int64_t byteCount,
                     void *CK_NULLABLE *CK_NONNULL address);
/// Waits until nothing uses the memory.
bool ck_cudaFree(CKCUDAContext *CK_NONNULL context, void *CK_NONNULL address);
/// `source` may be reused at once: the bytes go by way of pinned memory.
bool ck_cudaUpload(CKCUDAContext *CK_NONNULL context, void *CK_NONNULL destination,
                   const void *CK_NONNULL source, int64_t byteCount);
bool ck_cudaDownload(CKCUDAContext *CK_NONNULL context, void *CK_NONNULL destination,
                     const void *CK_NONNULL source, int64_t byteCount);
bool ck_cudaSynchronize(CKCUDAContext *CK_NONNULL context);

/// Compiles the modules of these kernels at once, where they are not loaded yet, instead of one by
/// one as they are launched.
bool ck_cudaPrepare(CKCUDAContext *CK_NONNULL context,
                    const char *CK_NONNULL const *CK_NONNULL kernels, int32_t count);

/// One launch of a kernel.
typedef struct CKCUDALaunch {
  const char *CK_NONNULL kernel;
  int64_t blocks[3];
  int32_t threads, sharedBytes;
  const void *CK_NULLABLE parameters[3];  // addresses of the kernel's parameters
} CKCUDALaunch;

bool ck_cudaLaunch(CKCUDAContext *CK_NONNULL context, const CKCUDALaunch *CK_NONNULL launch);

/// Whatever is launched and multiplied from now on is recorded and does not run, until
/// `ck_cudaEndRecording`. What copies or waits fails meanwhile. False, with a failure: the driver
/// does not record.
bool ck_cudaBeginRecording(CKCUDAContext *CK_NONNULL context);
/// The recording, for `ck_cudaReplay` and `ck_cudaDropRecording`; null, with a failure, where it is
/// not to be kept or cannot be.
void *CK_NULLABLE ck_cudaEndRecording(CKCUDAContext *CK_NONNULL context, bool keeps);
/// Queues all that was recorded.
bool ck_cudaReplay(CKCUDAContext *CK_NONNULL context, void *CK_NONNULL recording);
void ck_cudaDropRecording(CKCUDAContext *CK_NONNULL context, void *CK_NONNULL recording);

/// What comes after is of this kind, 0 ..< ckCUDAKinds, for `ck_cudaTakeTimes`.
bool ck_cudaMark(CKCUDAContext *CK_NONNULL context, int32_t kind);

/// Device time by kind, in seconds, from the first work after the last call until now. Of a long
/// run the sum is measured, and the kinds' shares of it are those of samples. Waits for what is
/// queued.
enum { ckCUDAKinds = 8 };
bool ck_cudaTakeTimes(CKCUDAContext *CK_NONNULL context, double *CK_NONNULL seconds);

/// output[rows, columns] = op(left) · op(right) + beta · output (+ bias), row-major device memory.
/// Sums, bias and output are fp32; strides count factors. With beta 0 the output is not read.
typedef struct CKCUDAProduct {
  CKFactorType factors;
  int32_t rows, columns, depth;
  bool transposesLeft, transposesRight;
  const void *CK_NONNULL left;
  int32_t leftStride;
  const void *CK_NONNULL right;
  int32_t rightStride;
  float beta;
  float *CK_NONNULL output;
  int32_t outputStride;
  const float *CK_NULLABLE bias;  // [columns]
} CKCUDAProduct;

/// `hasBias` tells whether the bias was added: not where cuBLASLt has no algorithm that does.
bool ck_cudaProduct(CKCUDAContext *CK_NONNULL context, const CKCUDAProduct *CK_NONNULL product,
                    bool *CK_NONNULL hasBias);

CK_END
#endif
