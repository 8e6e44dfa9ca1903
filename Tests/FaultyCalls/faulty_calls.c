// Lets calls on files fail, for tests: a library that is loaded before all others (LD_PRELOAD) and
// answers in their place.
//
// FAULT_FOLDER    calls on this file, or on what lies in this folder, an absolute path, are
//                 counted, and beside them those that start processes and talk to them
// FAULT_COUNTERS  a file for the counters, which all processes of a command share
// FAULT_CALL      the call that fails, such as `fsync`; without it, any does
// FAULT_FIRST     the first one that fails, from 1; without it, none does
// FAULT_LAST      the last one that fails; without it, the first
// FAULT_WAY       an error's number; `short`: half of the bytes; `kill`: the process ends there
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What can fail. The test reads the names in the file of counters.
static const char *const names[] = {
    "open",  "close",    "read",  "pread",  "write",   "pwrite",  "fsync", "ftruncate", "flock",
    "fcntl", "stat",     "lstat", "fstat",  "mkdir",   "rmdir",   "unlink", "rename",   "link",
    "symlink", "opendir", "readdir", "utimensat", "futimens", "pipe", "posix_spawn",
    "piped read", "piped write",
};
enum { NAME_COUNT = sizeof names / sizeof *names };

typedef struct {
  char name[24];
  _Atomic uint64_t count;
} Counter;

// The first one counts all calls.
static Counter *counters;
static const char *folder, *failing;
static uint64_t first, last;
static int code;
static bool kills, shortens;

static uint64_t number(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? 0 : strtoull(text, NULL, 10);
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULT_COUNTERS"), *way = getenv("FAULT_WAY");
  folder = getenv("FAULT_FOLDER");
  if (folder == NULL || path == NULL) return;
  failing = getenv("FAULT_CALL");
  first = number("FAULT_FIRST");
  last = number("FAULT_LAST");
  if (last < first) last = first;
  code = (int)number("FAULT_WAY");
  kills = way != NULL && strcmp(way, "kill") == 0;
  shortens = way != NULL && strcmp(way, "short") == 0;

  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  size_t size = (NAME_COUNT + 1) * sizeof(Counter);
  if (file < 0 || syscall(SYS_ftruncate, file, size) != 0) abort();
  Counter *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (shared == MAP_FAILED) abort();
  for (int index = 0; index < NAME_COUNT; index++) strcpy(shared[index + 1].name, names[index]);
  counters = shared;
}

static bool liesWithin(const char *path) {
  size_t length = counters == NULL ? 0 : strlen(folder);
  return length > 0 && strncmp(path, folder, length) == 0 &&
         (path[length] == '/' || path[length] == '\0');
}

// Whether a path leads into the folder, as far as its letters tell.
static bool isWithin(const char *path) {
  char whole[PATH_MAX] = "";
  if (counters == NULL || path[0] == '/') return liesWithin(path);
  if (syscall(SYS_getcwd, whole, sizeof whole) < 0) return false;
  size_t length = strlen(whole);
  snprintf(whole + length, sizeof whole - length, "/%s", path);
  return liesWithin(whole);
}

// What a descriptor leads to; nothing where no call is counted.
static void place(int descriptor, char path[static PATH_MAX]) {
  char name[32];
  memset(path, 0, PATH_MAX);
  if (counters == NULL) return;
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  syscall(SYS_readlinkat, AT_FDCWD, name, path, PATH_MAX - 1);
}

static bool isOpenWithin(int descriptor) {
  char path[PATH_MAX];
  place(descriptor, path);
  return liesWithin(path);
}

static bool isPipe(int descriptor) {
  char path[PATH_MAX];
  place(descriptor, path);
  return strncmp(path, "pipe:", 5) == 0;
}

// Counts a call in the folder; whether it is one that goes wrong.
static bool isDue(const char *name) {
  uint64_t count = atomic_fetch_add(&counters[0].count, 1) + 1;
  for (int index = 0; index < NAME_COUNT; index++) {
    if (strcmp(names[index], name) != 0) continue;
    uint64_t own = atomic_fetch_add(&counters[index + 1].count, 1) + 1;
    if (failing != NULL) count = strcmp(failing, name) == 0 ? own : 0;
  }
  if (count == 0 || count < first || count > last) return false;
  if (kills) raise(SIGKILL);
  return true;
}

static bool fails(bool isCounted, const char *name) {
  if (!isCounted || !isDue(name) || shortens) return false;
  errno = code;
  return true;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

#define FAULTY(name, result, failure, parameters, arguments, counted) \
  result name parameters {                                            \
    if (fails(counted, #name)) return failure;                        \
    return REAL(name) arguments;                                      \
  }

#define BY_PATH(name, parameters, arguments) \
  FAULTY(name, int, -1, parameters, arguments, isWithin(path))
#define BY_DESCRIPTOR(name, parameters, arguments) \
  FAULTY(name, int, -1, parameters, arguments, isOpenWithin(file))

BY_PATH(stat, (const char *restrict path, struct stat *restrict record), (path, record))
BY_PATH(lstat, (const char *restrict path, struct stat *restrict record), (path, record))
BY_PATH(mkdir, (const char *path, mode_t mode), (path, mode))
BY_PATH(rmdir, (const char *path), (path))
BY_PATH(unlink, (const char *path), (path))
BY_PATH(utimensat, (int folder, const char *path, const struct timespec times[2], int flags),
        (folder, path, times, flags))
BY_DESCRIPTOR(fstat, (int file, struct stat *record), (file, record))
BY_DESCRIPTOR(fsync, (int file), (file))
BY_DESCRIPTOR(ftruncate, (int file, off_t size), (file, size))
BY_DESCRIPTOR(flock, (int file, int operation), (file, operation))
BY_DESCRIPTOR(futimens, (int file, const struct timespec times[2]), (file, times))

FAULTY(rename, int, -1, (const char *old, const char *new), (old, new),
       isWithin(old) || isWithin(new))
FAULTY(link, int, -1, (const char *old, const char *new), (old, new),
       isWithin(old) || isWithin(new))
FAULTY(symlink, int, -1, (const char *target, const char *new), (target, new), isWithin(new))
FAULTY(opendir, DIR *, NULL, (const char *path), (path), isWithin(path))
FAULTY(readdir, struct dirent *, NULL, (DIR * stream), (stream), isOpenWithin(dirfd(stream)))

// Of reading and writing there may also be less done than was asked for.
#define MOVING(name, parameters, arguments)                                                  \
  ssize_t name parameters {                                                                  \
    if ((isOpenWithin(file) && isDue(#name)) || (isPipe(file) && isDue("piped " #name))) {   \
      if (!shortens) return errno = code, -1;                                                \
      count = (count + 1) / 2;                                                               \
    }                                                                                        \
    return REAL(name) arguments;                                                             \
  }

MOVING(read, (int file, void *bytes, size_t count), (file, bytes, count))
MOVING(write, (int file, const void *bytes, size_t count), (file, bytes, count))
MOVING(pread, (int file, void *bytes, size_t count, off_t offset), (file, bytes, count, offset))
MOVING(pwrite, (int file, const void *bytes, size_t count, off_t offset),
       (file, bytes, count, offset))

int open(const char *path, int flags, ...) {
  if (fails(isWithin(path), "open")) return -1;
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return REAL(open)(path, flags, mode);
}

int pipe(int ends[2]) { return fails(counters != NULL, "pipe") ? -1 : REAL(pipe)(ends); }

// Answers with the error's number.
int posix_spawn(pid_t *restrict number, const char *restrict path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const words[restrict],
                char *const variables[restrict]) {
  if (fails(counters != NULL, "posix_spawn")) return code;
  return REAL(posix_spawn)(number, path, actions, attributes, words, variables);
}

// Locks of open files; all other commands pass.
int fcntl(int file, int command, ...) {
  bool isLock = command == F_OFD_SETLK || command == F_OFD_SETLKW || command == F_SETLK;
  if (isLock && fails(isOpenWithin(file), "fcntl")) return -1;
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  return REAL(fcntl)(file, command, argument);
}

// The descriptor is gone whatever the answer says, as on Linux.
int close(int file) {
  bool isCounted = isOpenWithin(file);
  int result = REAL(close)(file);
  return fails(isCounted, "close") ? -1 : result;
}
