#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // sched_getaffinity
#endif

#include <sys/resource.h>
#include "host.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#endif
#include <unistd.h>

#include "vector.h"

enum { cacheLine = 64, hugePage = 2 << 20 };

void *ck_allocate(int64_t byteCount) {
  if (byteCount < 0 || byteCount > INT64_MAX - hugePage) return NULL;
  // A product reads its operands in strides of rows, and an optimizer's step all there is: with pages
  // of 4 KiB both spend much of their time on looking up addresses.
  bool isLarge = byteCount >= 2 * (int64_t)hugePage;
  size_t alignment = isLarge ? hugePage : cacheLine;
  // aligned_alloc wants a multiple of the alignment, and a range of no bytes still needs an address
  // of its own.
  size_t rounded = ((size_t)byteCount + alignment) / alignment * alignment;
  void *address = aligned_alloc(alignment, rounded);
#if defined(__linux__)
  // A wish: where the system cannot grant it, small pages do the same.
  if (isLarge && address != NULL) madvise(address, rounded, MADV_HUGEPAGE);
#endif
  return address;
}

void ck_free(void *address) { free(address); }

static CKLevel detect(void) {
#if defined(__x86_64__)
  const char *wanted = getenv("PURE_INSTRUCTION_SET");
  bool isBaseline = wanted != NULL && strcmp(wanted, "baseline") == 0;
  bool isAVX2 = wanted != NULL && strcmp(wanted, "avx2") == 0;
  __builtin_cpu_init();
  // What x86-64-v3 and -v4 add, as far as a compiler uses it; these also say that the system saves
  // the registers.
  bool hasAVX2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                 __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  bool hasAVX512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512cd");
  if (!hasAVX2 || isBaseline) return CKLevelBaseline;
  return hasAVX512 && !isAVX2 ? CKLevelAVX512 : CKLevelAVX2;
#else
  return CKLevelBaseline;
#endif
}

CKLevel ck_level(void) {
  // Threads that get here together find the same answer.
  static _Atomic int32_t level;
  int32_t known = atomic_load_explicit(&level, memory_order_relaxed);
  if (known == 0) {
    known = (int32_t)detect();
    atomic_store_explicit(&level, known, memory_order_relaxed);
  }
  return (CKLevel)known;
}

const char *ck_instructionSet(void) {
  switch (ck_level()) {
    case CKLevelAVX512:
      return "AVX-512";
    case CKLevelAVX2:
      return "AVX2";
    case CKLevelBaseline:
      return "baseline";
  }
}

#if defined(__linux__)
/// Processors' worth of time that a control group allows, from the text "quota period" or "max
/// period"; 0: no limit.
static int32_t quota(const char *path) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  long long allowed = 0, period = 0;
  int fields = fscanf(file, "%lld %lld", &allowed, &period);
  fclose(file);
  if (fields != 2 || allowed <= 0 || period <= 0) return 0;
  // A part of a processor still needs a thread.
  long long processors = (allowed + period - 1) / period;
  return processors < INT32_MAX ? (int32_t)processors : 0;
}

/// The tightest limit on the way from this process's control group to the root (version 2; 0:
/// none).
static int32_t groupQuota(void) {
  FILE *file = fopen("/proc/self/cgroup", "re");
  if (file == NULL) return 0;
  char line[4096], path[4200], group[4096] = "";
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, "0::", 3) != 0) continue;
    line[strcspn(line, "\n")] = 0;
    snprintf(group, sizeof group, "%s", line + 3);
  }
  fclose(file);
  int32_t tightest = 0;
  while (true) {
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
    int32_t limit = quota(path);
    if (limit != 0 && (tightest == 0 || limit < tightest)) tightest = limit;
    char *slash = strrchr(group, '/');
    if (slash == NULL) return tightest;
    *slash = 0;
  }
}
#endif

static int32_t countProcessors(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  int32_t limit = groupQuota();
  if (limit != 0 && limit < count) count = limit;
#endif
  return count < 1 ? 1 : (int32_t)count;
}

int32_t ck_processorCount(void) {
  static _Atomic int32_t count;
  int32_t known = atomic_load_explicit(&count, memory_order_relaxed);
  if (known == 0) {
    known = countProcessors();
    atomic_store_explicit(&count, known, memory_order_relaxed);
  }
  return known;
}

int64_t ck_peakMemory(void) {
  struct rusage usage;
  // Linux counts in KiB.
  return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}
