// CUDA graphs: what is queued is captured once, and then queued as a whole, for less time of the host
// and less between two kernels on the GPU.
#include "cuda_internal.h"

bool ck_cudaBeginRecording(CKCUDAContext *context) {
  bool isDone = ck_cudaEnter(context) &&
                CK_CHECK(context, beginCapture, context->stream, ckCaptureRelaxed);
  context->isRecording = isDone;
  return ck_cudaLeave(context, isDone);
}

void *ck_cudaEndRecording(CKCUDAContext *context, bool keeps) {
  const CKDriver *driver = &context->platform->driver;
  void *graph = NULL, *executable = NULL;
  bool isDone = ck_cudaEnter(context);
  context->isRecording = false;
  // A capture has to end even where nobody wants it, or the stream is of no use.
  if (isDone) isDone = CK_CHECK(context, endCapture, context->stream, &graph) && graph != NULL;
  if (isDone && keeps && !CK_CHECK(context, instantiate, &executable, graph, 0)) executable = NULL;
  if (graph != NULL) driver->destroyGraph(graph);
  ck_cudaLeave(context, true);
  return executable;
}

bool ck_cudaReplay(CKCUDAContext *context, void *recording) {
  return ck_cudaLeave(context, ck_cudaEnter(context) && ck_cudaMarkRecorded(context) &&
                                   CK_CHECK(context, launchGraph, recording, context->stream));
}

void ck_cudaDropRecording(CKCUDAContext *context, void *recording) {
  if (ck_cudaEnter(context)) context->platform->driver.destroyExecutable(recording);
  ck_cudaLeave(context, true);
}

bool ck_cudaMayWait(const CKCUDAContext *context) {
  return !context->isRecording ||
         ck_cudaFail(CKCUDAFailureCall, 0, "cuStreamBeginCapture", "",
                     "what is recorded copies between host and GPU, or waits");
}
