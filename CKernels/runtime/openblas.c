#ifndef _GNU_SOURCE
#define _GNU_SOURCE  // dladdr
#endif

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "product.h"

enum { rowMajor = 101, plain = 111, transposed = 112 };

typedef void (*Multiply)(int order, int transposesLeft, int transposesRight, int rows, int columns,
                         int depth, float alpha, const float *left, int leftStride,
                         const float *right, int rightStride, float beta, float *output,
                         int outputStride);

/// A library that was opened and has every symbol that is needed.
typedef struct Library {
  void *handle;
  Multiply multiply;
  void (*setThreadCount)(int);
  char *(*configuration)(void);
  char *(*coreName)(void);
  int (*parallelism)(void);
} Library;

static Multiply multiply;
static char foundPath[1024], foundVersion[512], triedNames[4096];
static CKOpenBLAS found = {.path = foundPath, .version = foundVersion, .tried = triedNames};

static void product(const CKProduct *p) {
  multiply(rowMajor, p->transposesLeft ? transposed : plain,
           p->transposesRight ? transposed : plain, p->rows, p->columns, p->depth, 1, p->left,
           p->leftStride, p->right, p->rightStride, p->beta, p->output, p->outputStride);
}

/// A small product of integers, whose result is known exactly, in every orientation.
static bool multipliesCorrectly(Multiply candidate) {
  enum { rows = 5, columns = 3, depth = 7 };
  for (int orientation = 0; orientation < 4; orientation++) {
    bool left = orientation & 1, right = orientation & 2;
    float a[rows * depth], b[depth * columns], c[rows * columns];
    for (int i = 0; i < rows * depth; i++) a[i] = (float)(i % 11 - 5);
    for (int i = 0; i < depth * columns; i++) b[i] = (float)(i % 13 - 6);
    for (int i = 0; i < rows * columns; i++) c[i] = (float)i;
    candidate(rowMajor, left ? transposed : plain, right ? transposed : plain, rows, columns, depth,
              1, a, left ? rows : depth, b, right ? depth : columns, 2, c, columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float expected = 2 * (float)(i * columns + j);
        for (int k = 0; k < depth; k++)
          expected +=
              a[left ? k * rows + i : i * depth + k] * b[right ? j * depth + k : k * columns + j];
        if (c[i * columns + j] != expected) return false;
      }
    }
  }
  return true;
}

#define CK_RESOLVE(library, field, symbol) \
  ((library)->field = (__typeof__((library)->field))dlsym((library)->handle, symbol))

/// What is wrong with an opened library, in a few words; null when nothing is.
static const char *check(Library *library) {
  if (!CK_RESOLVE(library, multiply, "cblas_sgemm")) return "has no cblas_sgemm";
  if (!CK_RESOLVE(library, setThreadCount, "openblas_set_num_threads") ||
      !CK_RESOLVE(library, configuration, "openblas_get_config") ||
      !CK_RESOLVE(library, coreName, "openblas_get_corename") ||
      !CK_RESOLVE(library, parallelism, "openblas_get_parallel"))
    return "is not OpenBLAS";
  if (strstr(library->configuration(), "USE64BITINT") != NULL) return "takes 64-bit sizes";
  // Without its locks it cannot be called from several threads at once.
  if (library->parallelism() == 0) return "is built for one thread";
  // Its threads would compete with the pool's: each call computes on the thread that makes it.
  library->setThreadCount(1);
  return multipliesCorrectly(library->multiply) ? NULL : "multiplies wrongly";
}

/// Appends a name and the reason, if any, to the names that were tried.
static void recordTried(const char *name, const char *reason) {
  size_t used = strlen(triedNames);
  snprintf(triedNames + used, sizeof triedNames - used, reason == NULL ? "%s%s" : "%s%s (%s)",
           used == 0 ? "" : ", ", name, reason);
}

static bool openLibrary(const char *name, Library *library) {
  *library = (Library){.handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)};
  if (library->handle == NULL) {
    const char *error = dlerror();
    bool isMissing = error == NULL || strstr(error, "No such file") != NULL;
    recordTried(name, isMissing ? NULL : error);
    return false;
  }
  const char *fault = check(library);
  recordTried(name, fault);
  if (fault == NULL) return true;
  dlclose(library->handle);
  return false;
}

/// The kernels to ask for before the library is loaded; null: its own choice.
static const char *coreToForce(void) {
#if defined(__x86_64__)
  // Zen 4 (AMD family 25) splits 512-bit instructions: the AVX2 kernels do as much work and 3 to 5
  // % faster.
  unsigned int eax, ebx, ecx, edx;
  if (!__get_cpuid(0, &eax, &ebx, &ecx, &edx) || ebx != signature_AMD_ebx) return NULL;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return NULL;
  unsigned int family = (eax >> 8 & 15) + (eax >> 20 & 255);
  __builtin_cpu_init();
  if (family == 25 && __builtin_cpu_supports("avx512f")) return "Haswell";
#endif
  return NULL;
}

/// Whether a library that does not know this processor fell back to kernels of half its width.
static bool fellBack(const Library *library) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl"))
    return false;
  static const char *const narrow[] = {"Haswell",    "Zen",       "Excavator",   "Steamroller",
                                       "Piledriver", "Bulldozer", "Sandybridge", "Nehalem",
                                       "Barcelona",  "Prescott",  "Core2",       "Generic"};
  for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++)
    if (strcasecmp(library->coreName(), narrow[i]) == 0) return true;
#else
  (void)library;
#endif
  return false;
}

static bool findLibrary(Library *library) {
  const char *wanted = getenv("PURE_OPENBLAS");
  if (wanted != NULL && *wanted != 0) {
    if (*wanted == '/') return openLibrary(wanted, library);
    recordTried(wanted, "PURE_OPENBLAS is not an absolute path");
    return false;
  }
  static const char *const names[] = {
      "libopenblas.so.0",
      "libopenblas.so",
      "libopenblasp.so.0",
      "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
      "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
      "/usr/lib64/libopenblasp.so.0",
      "/usr/local/lib/libopenblas.so.0",
      "/opt/OpenBLAS/lib/libopenblas.so.0",
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (openLibrary(names[i], library)) return true;
  return false;
}

/// Sets a variable for the time of the loading; OpenBLAS reads its variables when it is loaded.
static void setDuringLoad(const char *name, const char *value, char **before) {
  const char *current = getenv(name);
  *before = current == NULL ? NULL : strdup(current);
  setenv(name, value, 1);
}

static void restore(const char *name, char *before) {
  if (before == NULL)
    unsetenv(name);
  else
    setenv(name, before, 1);
  free(before);
}

static void load(void) {
  const char *coreVariable = "OPENBLAS_CORETYPE", *threadVariable = "OPENBLAS_NUM_THREADS";
  const char *core = getenv(coreVariable);
  bool isUsersChoice = core != NULL && *core != 0;
  char *coreBefore = NULL, *threadsBefore = NULL;
  setDuringLoad(threadVariable, "1", &threadsBefore);

  Library library;
  const char *forced = isUsersChoice ? NULL : coreToForce();
  if (forced != NULL) setDuringLoad(coreVariable, forced, &coreBefore);
  bool isFound = findLibrary(&library);
  if (isFound && !isUsersChoice && forced == NULL && fellBack(&library)) {
    dlclose(library.handle);
    setDuringLoad(coreVariable, forced = "SkylakeX", &coreBefore);
    triedNames[0] = 0;
    isFound = findLibrary(&library);
  }
  if (forced != NULL) restore(coreVariable, coreBefore);
  restore(threadVariable, threadsBefore);
  if (!isFound) return;

  multiply = library.multiply;
  snprintf(foundVersion, sizeof foundVersion, "%s, %s kernels", library.configuration(),
           library.coreName());
  Dl_info info;
  if (dladdr((void *)library.multiply, &info) != 0 && info.dli_fname != NULL)
    snprintf(foundPath, sizeof foundPath, "%s", info.dli_fname);
  found.product = product;
}

const CKOpenBLAS *ck_openBLAS(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return &found;
}
