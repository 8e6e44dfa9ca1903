#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../cuda/sources.h"
#include "cuda_internal.h"

/// A compiled module: machine code for one architecture, or assembly that the driver compiles.
typedef struct Image {
  char *bytes;
  size_t byteCount;
} Image;

/// What a cache entry begins with. An entry whose numbers do not fit its bytes is compiled again.
typedef struct EntryHeader {
  char magic[8];
  uint64_t byteCount, checksum;
} EntryHeader;

static const char entryMagic[8] = "PUREMOD";

// MARK: Hashing (FNV-1a, which tells versions of a source apart; nobody forges one's own cache)

static uint64_t hashBytes(uint64_t hash, const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++)
    hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3u;
  return hash;
}

static uint64_t hashText(uint64_t hash, const char *text) {
  return hashBytes(hash, text, strlen(text) + 1);
}

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

// MARK: Cache

static bool entryPath(const CKCUDAContext *context, const Target *target, char *path, size_t size) {
  if (context->platform->cacheFolder == NULL) return false;
  uint64_t hash = hashText(0xCBF29CE484222325u, ck_kernelRoot);
  for (int i = 0; i < ck_kernelSourceCount; i++)
    hash = hashText(hashText(hash, ck_kernelSources[i].name), ck_kernelSources[i].text);
  for (int i = 0; i < fixedOptions; i++) hash = hashText(hash, options[i]);
  hash = hashBytes(hash, &context->compilerVersion, sizeof context->compilerVersion);
  int length = snprintf(path, size, "%s/kernels-%016llx-%s", context->platform->cacheFolder,
                        (unsigned long long)hash, strrchr(target->architecture, '=') + 1);
  return length > 0 && (size_t)length < size;
}

static void note(CKCUDAContext *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(CKCUDAContext *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(context->note, sizeof context->note, format, arguments);
  va_end(arguments);
}

/// False without a note where there is no entry yet.
static bool readEntry(CKCUDAContext *context, const char *path, Image *image) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    if (errno != ENOENT && errno != ENOTDIR)
      note(context,
           "the compiled kernels in %s cannot be read (%s): make the file readable, or "
           "delete it",
           path, strerror(errno));
    return false;
  }
  EntryHeader header;
  bool isWhole = fread(&header, sizeof header, 1, file) == 1 &&
                 memcmp(header.magic, entryMagic, 8) == 0 && header.byteCount > 0 &&
                 header.byteCount < (uint64_t)1 << 30;
  image->byteCount = isWhole ? (size_t)header.byteCount : 0;
  image->bytes = isWhole ? malloc(image->byteCount) : NULL;
  isWhole = image->bytes != NULL &&
            fread(image->bytes, 1, image->byteCount, file) == image->byteCount &&
            fgetc(file) == EOF && hashBytes(0, image->bytes, image->byteCount) == header.checksum;
  fclose(file);
  if (isWhole) return true;
  free(image->bytes);
  *image = (Image){};
  note(context,
       "the compiled kernels in %s were damaged and have been compiled again; see whether "
       "the disk is sound",
       path);
  return false;
}

/// The error number of the last folder, or 0.
static int makeFolders(const char *folder) {
  char path[1200];
  snprintf(path, sizeof path, "%s", folder);
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(path, 0777);
    *slash = '/';
  }
  return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
}

/// The error number of what went wrong, or 0.
static int writeFile(const char *path, const Image *image) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) return errno;
  EntryHeader header = {.byteCount = image->byteCount,
                        .checksum = hashBytes(0, image->bytes, image->byteCount)};
  memcpy(header.magic, entryMagic, sizeof header.magic);
  int error = 0;
  if (fwrite(&header, sizeof header, 1, file) != 1 ||
      fwrite(image->bytes, 1, image->byteCount, file) != image->byteCount)
    error = errno;
  if (fclose(file) != 0 && error == 0) error = errno;
  return error;
}

/// A cache that cannot be written costs the next start a compilation, and nothing else.
static void writeEntry(CKCUDAContext *context, const char *path, const Image *image) {
  char temporary[1300];
  snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
  int error = makeFolders(context->platform->cacheFolder);
  if (error == 0) error = writeFile(temporary, image);
  if (error == 0 && rename(temporary, path) != 0) error = errno;
  if (error == 0) return;
  remove(temporary);
  note(context,
       "compiled kernels cannot be kept in %s (%s), so that every start compiles them "
       "again: make that folder writable, or name another with PURE_CACHE",
       context->platform->cacheFolder, strerror(error));
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

static bool takeImage(const CKCompiler *compiler, void *program, bool isAssembly, Image *image) {
  int code = isAssembly ? compiler->assemblySize(program, &image->byteCount)
                        : compiler->binarySize(program, &image->byteCount);
  if (code == 0 && image->byteCount > 0) image->bytes = malloc(image->byteCount);
  if (image->bytes != NULL)
    code = isAssembly ? compiler->assembly(program, image->bytes)
                      : compiler->binary(program, image->bytes);
  if (code == 0 && image->bytes != NULL) return true;
  free(image->bytes);
  *image = (Image){};
  return ck_cudaFail(CKCUDAFailureCompilation, code, "kernels.cu", "", "the compiler made no code");
}

static bool compile(const CKCUDAPlatform *platform, const Target *target, Image *image) {
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
static bool load(CKCUDAContext *context, const Image *image) {
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
  Image image = {};
  char path[1200];
  if (!chooseTarget(context, &target)) return false;
  bool hasPath = entryPath(context, &target, path, sizeof path);
  if (!hasPath)
    note(context,
         "there is no folder to keep compiled kernels in, so that every start compiles "
         "them again: name one with PURE_CACHE");
  if (hasPath && readEntry(context, path, &image)) {
    context->wasCached = load(context, &image);
    free(image.bytes);
    image = (Image){};
    if (context->wasCached) return true;
  }
  if (!compile(context->platform, &target, &image)) return false;
  bool isLoaded = load(context, &image);
  if (isLoaded && hasPath) writeEntry(context, path, &image);
  free(image.bytes);
  return isLoaded;
}
