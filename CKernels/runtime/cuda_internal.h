/// What the parts of a CUDA context share.
#ifndef CK_CUDA_INTERNAL_H
#define CK_CUDA_INTERNAL_H

#include <pthread.h>

#include "cuda_context.h"

enum {
  ckMostMarks = 1024,
  ckSkippedSamples = 15,
  ckStagingBuffers = 4,
  ckStagingBytes = 1 << 20,
  ckMostKernels = 256,
  ckMostModules = 128,
  ckMostPlans = 1024,
  ckPlanPlaces = 8,
  ckWorkspaceBytes = 32 << 20  // as NVIDIA recommends for Hopper; others need less
};

/// Where the kind of work changes: a sample of so many changes, of which `count` have come. When it
/// is full, as many changes as `ckSkippedSamples` more would have are not marked. `start` and `end`
/// are those of all work since the times were last taken, if there was any: if `isRunning`.
typedef struct CKCUDAMarks {
  struct {
    void *event;
    int32_t kind;
  } all[ckMostMarks];
  void *start, *end;
  bool isRunning;
  int count, skipped;
  int32_t kind;                 // since the newest change
  double seconds[ckCUDAKinds];  // of the samples
  double shares[ckCUDAKinds];   // of the newest samples that there were
} CKCUDAMarks;

/// All that an algorithm for a product is chosen by.
typedef struct CKBlasShape {
  int32_t factors, rows, columns, depth, transposesLeft, transposesRight;
  int32_t strides[3], alignments[3];  // of left, right and output
  int32_t biasAlignment;              // 0: no bias
} CKBlasShape;

/// A shape as cuBLASLt describes it, and the algorithm that it has chosen.
typedef struct CKBlasPlan {
  CKBlasShape shape;
  void *operation, *right, *left, *output;
  CKBlasChoice choice;
  bool addsBias;
} CKBlasPlan;

struct CKCUDAContext {
  const CKCUDAPlatform *platform;
  pthread_mutex_t lock;
  int device, major, minor, multiprocessorCount, driverVersion, compilerVersion, sharedLimit;
  char name[256];
  bool wasCached;
  char note[1536];
  void *context, *stream, *blas, *workspace;
  uint32_t *arrivalCounters;
  void *modules[ckMostModules];  // of ck_kernelModules; null: not loaded
  struct {
    const char *name;
    void *function;
    int32_t sharedBytes;  // that it may have been given so far
  } kernels[ckMostKernels];
  int kernelCount;
  struct {
    void *memory, *event;
    bool hasEvent;  // behind its last copy
  } staging[ckStagingBuffers];
  int currentStaging;
  size_t stagedBytes;  // of the current buffer
  bool isRecording;
  CKCUDAMarks marks;
  /// Of the products before: a shape's plan is in one of the places from that of its hash on.
  CKBlasPlan plans[ckMostPlans];
  int nextPlan;  // of those places, to be replaced
};

/// Records a failure and returns false.
bool ck_cudaFail(CKCUDAFailureKind kind, int code, const char *call, const char *tried,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/// Records what a driver call returned; true for success.
bool ck_cudaCheck(const CKCUDAPlatform *platform, int code, const char *call);

#define CK_CHECK(context, entry, ...)                                               \
  ck_cudaCheck((context)->platform, (context)->platform->driver.entry(__VA_ARGS__), \
               "the driver's " #entry)

/// Takes the context's lock and makes its GPU the calling thread's. False: a failure; the lock is
/// held all the same.
bool ck_cudaEnter(CKCUDAContext *context);
/// Gives the lock back and returns `result`.
bool ck_cudaLeave(CKCUDAContext *context, bool result);

/// Gives back what products are described by.
void ck_cudaDropPlans(CKCUDAContext *context);

/// What comes after was recorded, and is of no one kind. For a caller who holds the lock.
bool ck_cudaMarkRecorded(CKCUDAContext *context);

/// False, with a failure, while work is recorded.
bool ck_cudaMayWait(const CKCUDAContext *context);

/// Gives the events of all marks back.
void ck_cudaDropMarks(CKCUDAContext *context);

/// Loads the modules that the GPU needs for products of such factors and that are not loaded yet:
/// compiles them, on all threads, or finds them compiled.
bool ck_cudaLoadModules(CKCUDAContext *context, CKFactorType factors);

/// The same of the modules that have these kernels; those that are in none of their own are for
/// fp32.
bool ck_cudaLoadKernels(CKCUDAContext *context, const char *const *kernels, int count);

#endif
