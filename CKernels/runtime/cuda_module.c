#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cuda/sources.h"
#include "CHash.h"
#include "cuda_cache.h"

// MARK: Options

/// The newest architecture that the compiler knows and the device runs.
static int targetArchitecture(const CKCUDAContext *context) {
  const CKCompiler *compiler = &context->platform->compiler;
  int wanted = context->major * 10 + context->minor, count = 0, best = 0, known[256];
  if (compiler->architectureCount(&count) != 0 || count > (int)(sizeof known / sizeof *known) ||
      compiler->architectures(known) != 0)
    return 0;
  for (int i = 0; i < count; i++)
    if (known[i] <= wanted && known[i] > best) best = known[i];
  return best;
}

typedef struct Target {
  char architecture[64];
  bool isAssembly;  // for a device that is newer than the compiler
} Target;

static const char *const options[] = {"--std=c++17", "--device-as-default-execution-space"};
enum { fixedOptions = sizeof options / sizeof *options };

static void hashText(CHSHA256 *hash, const char *text) {
  ch_sha256Update(hash, text, strlen(text) + 1);
}

/// Everything that decides what the code is.
static CKImageKey imageKey(const CKCUDAContext *context, const Target *target) {
  CKImageKey key = {.architecture = strrchr(target->architecture, '=') + 1};
  CHSHA256 hash;
  ch_sha256Start(&hash);
  hashText(&hash, ck_kernelRoot);
  for (int i = 0; i < ck_kernelSourceCount; i++) {
    hashText(&hash, ck_kernelSources[i].name);
    hashText(&hash, ck_kernelSources[i].text);
  }
  for (int i = 0; i < fixedOptions; i++) hashText(&hash, options[i]);
  hashText(&hash, target->architecture);
  ch_sha256Update(&hash, &context->compilerVersion, sizeof context->compilerVersion);
  ch_sha256Update(&hash, &context->driverVersion, sizeof context->driverVersion);
  ch_sha256Finish(&hash, key.digest);
  return key;
}

// MARK: Compilation

static bool failCompilation(const CKCUDAPlatform *platform, void *program, int code) {
  const CKCompiler *compiler = &platform->compiler;
  const char *path = platform->libraries[ckCompilerLibrary].path;
  size_t size = 0;
  char *log = NULL;
  if (compiler->logSize(program, &size) == 0 && (log = calloc(1, size + 1)) != NULL)
    compiler->log(program, log);
  const char *text = log == NULL ? "no log" : log;
  if (code == ckCompilerBuiltinsFailed)
    ck_cudaFail(CKCUDAFailureUnavailable, code, "nvrtcCompileProgram", "",
                "NVRTC, the CUDA compiler (%s), finds no libnvrtc-builtins of its version: install "
                "it again, with all of its files",
                path == NULL ? "libnvrtc.so" : path);
  else
    ck_cudaFail(CKCUDAFailureCompilation, code, "kernels.cu", "", "%s", text);
  free(log);
  return false;
}

static bool takeImage(const CKCompiler *compiler, void *program, bool isAssembly, CKImage *image) {
  int code = isAssembly ? compiler->assemblySize(program, &image->byteCount)
                        : compiler->binarySize(program, &image->byteCount);
  if (code == 0 && image->byteCount > 0) image->bytes = malloc(image->byteCount);
  if (image->bytes != NULL)
    code = isAssembly ? compiler->assembly(program, image->bytes)
                      : compiler->binary(program, image->bytes);
  if (code == 0 && image->bytes != NULL) return true;
  free(image->bytes);
  *image = (CKImage){};
  return ck_cudaFail(CKCUDAFailureCompilation, code, "kernels.cu", "", "the compiler made no code");
}

static bool compile(const CKCUDAPlatform *platform, const Target *target, CKImage *image) {
  const CKCompiler *compiler = &platform->compiler;
  const char **names = calloc((size_t)ck_kernelSourceCount * 2, sizeof *names);
  if (names == NULL)
    return ck_cudaFail(CKCUDAFailureOutOfMemory, 0, "calloc", "", "the host has no memory left");
  const char **texts = names + ck_kernelSourceCount;
  for (int i = 0; i < ck_kernelSourceCount; i++) {
    names[i] = ck_kernelSources[i].name;
    texts[i] = ck_kernelSources[i].text;
  }
  const char *all[fixedOptions + 1];
  memcpy(all, options, sizeof options);
  all[fixedOptions] = target->architecture;
  void *program = NULL;
  int code =
      compiler->create(&program, ck_kernelRoot, "kernels.cu", ck_kernelSourceCount, texts, names);
  bool isDone = code == 0 ? true
                          : ck_cudaFail(CKCUDAFailureCompilation, code, "kernels.cu", "",
                                        "NVRTC does not start");
  if (isDone) {
    code = compiler->compile(program, fixedOptions + 1, all);
    isDone = code == 0 ? takeImage(compiler, program, target->isAssembly, image)
                       : failCompilation(platform, program, code);
    compiler->destroy(&program);
  }
  free(names);
  return isDone;
}

static bool chooseTarget(CKCUDAContext *context, Target *target) {
  int major = 0, minor = 0;
  int architecture = targetArchitecture(context);
  if (context->platform->compiler.version(&major, &minor) != 0 || architecture == 0)
    return ck_cudaFail(CKCUDAFailureUnavailable, 0, "nvrtcGetSupportedArchs", "",
                       "NVRTC %d.%d makes no code for %s (compute capability %d.%d): install a "
                       "CUDA toolkit that does",
                       major, minor, context->name, context->major, context->minor);
  context->compilerVersion = 1000 * major + 10 * minor;
  target->isAssembly = architecture != context->major * 10 + context->minor;
  snprintf(target->architecture, sizeof target->architecture, "--gpu-architecture=%s_%d",
           target->isAssembly ? "compute" : "sm", architecture);
  return true;
}

/// Loads code that was made for this GPU; what the driver refuses is newer than the driver.
static bool load(CKCUDAContext *context, const CKImage *image) {
  int code = context->platform->driver.loadModule(&context->module, image->bytes);
  if (code != ckDriverInvalidImage && code != ckDriverNoBinaryForDevice &&
      code != ckDriverInvalidAssembly && code != ckDriverNewerAssembly)
    return ck_cudaCheck(context->platform, code, "cuModuleLoadData");
  int driver = context->driverVersion, compiler = context->compilerVersion;
  return ck_cudaFail(CKCUDAFailureUnavailable, code, "cuModuleLoadData", "",
                     "the driver (CUDA %d.%d) does not take the code of NVRTC %d.%d for %s (code "
                     "%d): install a newer driver, or a CUDA toolkit of the driver's version",
                     driver / 1000, driver % 1000 / 10, compiler / 1000, compiler % 1000 / 10,
                     context->name, code);
}

bool ck_cudaLoadModule(CKCUDAContext *context) {
  Target target;
  CKImage image = {};
  if (!chooseTarget(context, &target)) return false;
  CKImageKey key = imageKey(context, &target);
  bool hasCache = context->platform->cacheFolder != NULL;
  if (!hasCache)
    snprintf(context->note, sizeof context->note,
             "there is no folder to keep compiled kernels in, so that every start compiles "
             "them again: name one with PURE_CACHE");
  if (hasCache && ck_readImage(context, &key, &image)) {
    context->wasCached = load(context, &image);
    free(image.bytes);
    image = (CKImage){};
    if (context->wasCached) return true;
  }
  if (!compile(context->platform, &target, &image)) return false;
  bool isLoaded = load(context, &image);
  if (isLoaded && hasCache) ck_writeImage(context, &key, &image);
  free(image.bytes);
  return isLoaded;
}
