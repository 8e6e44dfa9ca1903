#include <string.h>

#include "cuda_internal.h"

/// The kernel in whichever module has it; the driver's code.
static int findFunction(const CKCUDAContext *context, const char *name, void **function) {
  int code = ckDriverNotFound;
  for (int i = 0; i < ckMostModules && code == ckDriverNotFound; i++)
    if (context->modules[i] != NULL)
      code = context->platform->driver.function(function, context->modules[i], name);
  return code;
}

/// The kernel's place in the table; −1 with a failure.
static int findKernel(CKCUDAContext *context, const char *name) {
  for (int i = 0; i < context->kernelCount; i++)
    if (context->kernels[i].name == name || strcmp(context->kernels[i].name, name) == 0) return i;
  void *function = NULL;
  if (context->kernelCount == ckMostKernels) {
    ck_cudaFail(CKCUDAFailureCall, 0, name, "", "the table of %d kernels is full", ckMostKernels);
    return -1;
  }
  int code = findFunction(context, name, &function);
  if (code == ckDriverNotFound) {
    // Whatever a GPU was opened for, some work on it is done in fp32, or by way of trial.
    if (!ck_cudaLoadKernels(context, &name, 1)) return -1;
    code = findFunction(context, name, &function);
  }
  if (!ck_cudaCheck(context->platform, code, name)) return -1;
  int index = context->kernelCount++;
  context->kernels[index].name = name;
  context->kernels[index].function = function;
  context->kernels[index].sharedBytes = 48 << 10;  // what every kernel may have unasked
  return index;
}

static bool launchKernel(CKCUDAContext *context, const CKCUDALaunch *launch) {
  int index = findKernel(context, launch->kernel);
  if (index < 0) return false;
  void *function = context->kernels[index].function;
  if (launch->sharedBytes > context->sharedLimit)
    return ck_cudaFail(CKCUDAFailureUnavailable, 0, launch->kernel, "",
                       "%s needs %d KiB of shared memory for this model, and a block of %s has %d: "
                       "take a model of smaller heads, or a newer GPU",
                       launch->kernel, launch->sharedBytes >> 10, context->name,
                       context->sharedLimit >> 10);
  if (launch->sharedBytes > context->kernels[index].sharedBytes) {
    if (!CK_CHECK(context, setFunctionAttribute, function, ckFunctionSharedMemory,
                  launch->sharedBytes))
      return false;
    context->kernels[index].sharedBytes = launch->sharedBytes;
  }
  const int64_t *blocks = launch->blocks;
  int code = context->platform->driver.launch(
      function, (unsigned int)blocks[0], (unsigned int)blocks[1], (unsigned int)blocks[2],
      (unsigned int)launch->threads, 1, 1, (unsigned int)launch->sharedBytes, context->stream,
      (void **)launch->parameters, NULL);
  return ck_cudaCheck(context->platform, code, launch->kernel);
}

bool ck_cudaPrepare(CKCUDAContext *context, const char *const *kernels, int32_t count) {
  return ck_cudaLeave(context,
                      ck_cudaEnter(context) && ck_cudaLoadKernels(context, kernels, count));
}

bool ck_cudaLaunch(CKCUDAContext *context, const CKCUDALaunch *launch) {
  for (int i = 0; i < 3; i++)
    if (launch->blocks[i] == 0) return true;
  return ck_cudaLeave(context, ck_cudaEnter(context) && launchKernel(context, launch));
}
