/// What the parts of a CUDA context share.
#ifndef CK_CUDA_INTERNAL_H
#define CK_CUDA_INTERNAL_H

#include <pthread.h>

#include "cuda_context.h"

enum {
  ckMostMarks = 1024,
  ckStagingBuffers = 4,
  ckStagingBytes = 1 << 20,
  ckMostKernels = 64,
  ckWorkspaceBytes = 8 << 20
};

/// Where the kind of work changes: a ring, whose oldest half is read when it is full.
typedef struct CKCUDAMarks {
  struct {
    void *event;
    int32_t kind;
  } ring[ckMostMarks];
  int first, count;
  double seconds[ckCUDAKinds];
} CKCUDAMarks;

struct CKCUDAContext {
  const CKCUDAPlatform *platform;
  pthread_mutex_t lock;
  int device, major, minor, multiprocessorCount, driverVersion, compilerVersion, sharedLimit;
  char name[256];
  bool wasCached;
  char note[1536];
  void *context, *stream, *module, *blas, *workspace;
  struct {
    const char *name;
    void *function;
    int32_t sharedBytes;  // that it may have been given so far
  } kernels[ckMostKernels];
  int kernelCount;
  struct {
    void *memory, *event;
    bool isUsed;
  } staging[ckStagingBuffers];
  int nextStaging;
  CKCUDAMarks marks;
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

/// Gives the events of all marks back.
void ck_cudaDropMarks(CKCUDAContext *context);

/// Compiles the kernels or finds them compiled, and loads them.
bool ck_cudaLoadModule(CKCUDAContext *context);

#endif
