#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../cuda/sources.h"
#include "../ops/attention/attention_tensor.h"
#include "CHash.h"
#include "cuda_cache.h"
#include "parallel.h"

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
static CKImageKey imageKey(const CKCUDAContext *context, const Target *target, const char *root) {
  CKImageKey key = {.architecture = strrchr(target->architecture, '=') + 1};
  CHSHA256 hash;
  ch_sha256Start(&hash);
  hashText(&hash, root);
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

/// One module on its way: compiled by a thread of its own, reported and loaded by the caller's.
typedef struct Compilation {
  int module;
  CKImageKey key;
  CKImage image;
  int code;            // of what NVRTC refused; 0
  const char *fault;   // what was refused but for the text itself; null: nothing else was
  char *log;           // of a text that does not compile
} Compilation;

typedef struct Compilations {
  const CKCompiler *compiler;
  const Target *target;
  const char *names[ckMostSources], *texts[ckMostSources];
  int count;
  Compilation all[ckMostModules];
} Compilations;

static void takeLog(const CKCompiler *compiler, void *program, Compilation *one) {
  size_t size = 0;
  if (compiler->logSize(program, &size) == 0 && (one->log = calloc(1, size + 1)) != NULL)
    compiler->log(program, one->log);
}

static void takeImage(const CKCompiler *compiler, void *program, bool isAssembly,
                      Compilation *one) {
  CKImage *image = &one->image;
  int code = isAssembly ? compiler->assemblySize(program, &image->byteCount)
                        : compiler->binarySize(program, &image->byteCount);
  if (code == 0 && image->byteCount > 0) image->bytes = malloc(image->byteCount);
  if (image->bytes != NULL)
    code = isAssembly ? compiler->assembly(program, image->bytes)
                      : compiler->binary(program, image->bytes);
  if (code == 0 && image->bytes != NULL) return;
  one->code = code;
  one->fault = "the compiler made no code";
}

static void compile(void *context, int64_t index) {
  Compilations *compilations = context;
  Compilation *one = &compilations->all[index];
  const CKCompiler *compiler = compilations->compiler;
  const char *all[fixedOptions + 1];
  memcpy(all, options, sizeof options);
  all[fixedOptions] = compilations->target->architecture;
  void *program = NULL;
  one->code =
      compiler->create(&program, ck_kernelModules[one->module].root, "kernels.cu",
                       ck_kernelSourceCount, compilations->texts, compilations->names);
  if (one->code != 0) {
    one->fault = "NVRTC does not start";
    return;
  }
  one->code = compiler->compile(program, fixedOptions + 1, all);
  if (one->code == 0)
    takeImage(compiler, program, compilations->target->isAssembly, one);
  else
    takeLog(compiler, program, one);
  compiler->destroy(&program);
}

static bool failCompilation(const CKCUDAPlatform *platform, const Compilation *one) {
  const char *path = platform->libraries[ckCompilerLibrary].path;
  if (one->fault == NULL && one->code == ckCompilerBuiltinsFailed)
    return ck_cudaFail(CKCUDAFailureUnavailable, one->code, "nvrtcCompileProgram", "",
                       "NVRTC, the CUDA compiler (%s), finds no libnvrtc-builtins of its version: "
                       "install it again, with all of its files",
                       path == NULL ? "libnvrtc.so" : path);
  const char *text = one->fault != NULL ? one->fault : one->log != NULL ? one->log : "no log";
  return ck_cudaFail(CKCUDAFailureCompilation, one->code, "kernels.cu", "", "%s", text);
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

// MARK: Loading

/// Loads code that was made for this GPU; what the driver refuses is newer than the driver.
static bool load(CKCUDAContext *context, int module, const CKImage *image) {
  int code = context->platform->driver.loadModule(&context->modules[module], image->bytes);
  if (code != 0) context->modules[module] = NULL;
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

static bool loadCached(CKCUDAContext *context, int module, const CKImageKey *key) {
  CKImage image = {};
  if (context->platform->cacheFolder == NULL || !ck_readImage(context, key, &image)) return false;
  bool isLoaded = load(context, module, &image);
  free(image.bytes);
  return isLoaded;
}

/// Compiles what was not found, loads it and keeps it.
static bool compileAll(CKCUDAContext *context, Compilations *compilations) {
  for (int i = 0; i < ck_kernelSourceCount; i++) {
    compilations->names[i] = ck_kernelSources[i].name;
    compilations->texts[i] = ck_kernelSources[i].text;
  }
  ck_parallel(compilations->count, compile, compilations);
  bool isDone = true;
  for (int i = 0; i < compilations->count; i++) {
    Compilation *one = &compilations->all[i];
    if (isDone)
      isDone = one->code == 0 && one->fault == NULL ? load(context, one->module, &one->image)
                                                    : failCompilation(context->platform, one);
    if (isDone && context->platform->cacheFolder != NULL)
      ck_writeImage(context, &one->key, &one->image);
    free(one->image.bytes);
    free(one->log);
  }
  return isDone;
}

/// Loads those of the modules that are asked for and not loaded yet.
static bool loadWanted(CKCUDAContext *context, const bool *isWanted) {
  Target target;
  if (!chooseTarget(context, &target)) return false;
  if (context->platform->cacheFolder == NULL)
    snprintf(context->note, sizeof context->note,
             "there is no folder to keep compiled kernels in, so that every start compiles "
             "them again: name one with PURE_CACHE");
  Compilations compilations = {.compiler = &context->platform->compiler, .target = &target};
  for (int i = 0; i < ck_kernelModuleCount; i++) {
    if (context->modules[i] != NULL || !isWanted[i]) continue;
    CKImageKey key = imageKey(context, &target, ck_kernelModules[i].root);
    if (!loadCached(context, i, &key))
      compilations.all[compilations.count++] = (Compilation){.module = i, .key = key};
  }
  if (compilations.count > 0) context->wasCached = false;
  return compilations.count == 0 || compileAll(context, &compilations);
}

bool ck_cudaLoadModules(CKCUDAContext *context, CKFactorType factors) {
  // Tensor cores of before know neither tf32 nor bf16.
  if (context->major < 8) factors = CKFactorTypeFloat;
  bool isWanted[ckMostModules] = {};
  for (int i = 0; i < ck_kernelModuleCount; i++) {
    const CKKernelModule *module = &ck_kernelModules[i];
    isWanted[i] = module->isForAll ||
                  (module->kernel == NULL
                       ? factors == CKFactorTypeFloat
                       : factors != CKFactorTypeFloat &&
                             ck_attentionVariant(module->kernel)->factors == factors &&
                             ck_attentionIsChosen(module->kernel,
                                                  10 * context->major + context->minor));
  }
  return loadWanted(context, isWanted);
}

bool ck_cudaLoadKernels(CKCUDAContext *context, const char *const *kernels, int count) {
  bool isWanted[ckMostModules] = {};
  for (int kernel = 0; kernel < count; kernel++) {
    bool isTensor = ck_attentionVariant(kernels[kernel]) != NULL;
    for (int i = 0; i < ck_kernelModuleCount; i++) {
      const char *own = ck_kernelModules[i].kernel;
      isWanted[i] |= own == NULL ? !isTensor : strcmp(own, kernels[kernel]) == 0;
    }
  }
  return loadWanted(context, isWanted);
}
