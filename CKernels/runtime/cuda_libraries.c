#define _GNU_SOURCE  // dlinfo
#include <dlfcn.h>
#include <glob.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cuda_symbols.h"

/// The search for one library.
typedef struct Search {
  const CKLibraryDescription *library;
  CKCUDAPlatform *platform;
  CKCUDALibrary *opened;
  /// Every place, one a line; and the first file that is there and of no use, with the reason.
  char tried[16384], refused[1536], path[1200];
} Search;

static Search searches[ckCUDALibraryCount];

enum { leastDriverVersion = 11000 };

// MARK: One file

static void recordTried(Search *search, const char *path, const char *reason) {
  size_t used = strlen(search->tried), room = sizeof search->tried - used;
  const char *line = used == 0 ? "" : "\n";
  if (reason == NULL) {
    snprintf(search->tried + used, room, "%s%s", line, path);
    return;
  }
  snprintf(search->tried + used, room, "%s%s (%s)", line, path, reason);
  if (*search->refused == 0)
    snprintf(search->refused, sizeof search->refused, "%s: %s", path, reason);
}

/// 1000 · major + 10 · minor, or 0 when the library does not say.
static int32_t versionOf(const CKCUDAPlatform *platform, int library) {
  int major = 0, minor = 0;
  switch (library) {
    case ckDriverLibrary:
      return platform->driver.version(&major) == 0 ? major : 0;
    case ckCompilerLibrary:
      return platform->compiler.version(&major, &minor) == 0 ? 1000 * major + 10 * minor : 0;
    default:
      return platform->blas.property(ckBlasMajorVersion, &major) == 0 &&
                     platform->blas.property(ckBlasMinorVersion, &minor) == 0
                 ? 1000 * major + 10 * minor
                 : 0;
  }
}

/// Whether the version fits; what a toolkit makes is taken by every driver of the same major
/// version and by later ones.
static bool fits(const Search *search, int32_t version, char *reason, size_t size) {
  const int32_t driver = search->platform->libraries[ckDriverLibrary].version;
  if (search->library == &ck_libraryDescriptions[ckDriverLibrary]) {
    snprintf(reason, size, "of CUDA %d.%d", version / 1000, version % 1000 / 10);
    return version >= leastDriverVersion;
  }
  snprintf(reason, size, "version %d.%d is newer than the driver's CUDA %d.%d", version / 1000,
           version % 1000 / 10, driver / 1000, driver % 1000 / 10);
  return driver == 0 || version / 1000 <= driver / 1000;
}

static bool refuse(Search *search, void *handle, const char *path, const char *reason) {
  recordTried(search, path, reason);
  dlclose(handle);
  return false;
}

static bool openAt(Search *search, const char *path) {
  const CKLibraryDescription *library = search->library;
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    const char *error = dlerror();
    // A file that is there may want another that is not, whose name the error then begins with.
    bool isMissing = error == NULL || (strncmp(error, path, strlen(path)) == 0 &&
                                       strstr(error, "No such file") != NULL);
    recordTried(search, path, isMissing ? NULL : error);
    return false;
  }
  struct link_map *map = NULL;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map->l_name != NULL && *map->l_name != 0)
    path = map->l_name;
  char reason[256];
  for (size_t i = 0; i < library->symbolCount; i++) {
    void *symbol = dlsym(handle, library->symbols[i].name);
    if (symbol == NULL) {
      snprintf(reason, sizeof reason, "it has no %s", library->symbols[i].name);
      return refuse(search, handle, path, reason);
    }
    memcpy((char *)search->platform + library->table + library->symbols[i].offset, &symbol,
           sizeof symbol);
  }
  int32_t version = versionOf(search->platform, (int)(library - ck_libraryDescriptions));
  if (!fits(search, version, reason, sizeof reason)) return refuse(search, handle, path, reason);
  snprintf(search->path, sizeof search->path, "%s", path);
  *search->opened = (CKCUDALibrary){search->path, version};
  return true;
}

// MARK: Places

static bool openIn(Search *search, const char *folder) {
  const char *const *files = search->library->files;
  for (; *files != NULL; files++) {
    char path[1200];
    snprintf(path, sizeof path, "%s%s%s", folder, *folder == 0 ? "" : "/", *files);
    if (openAt(search, path)) return true;
  }
  return false;
}

/// The folders that a Python environment's packages put the library in.
static bool openInPackages(Search *search, const char *environment) {
  for (const char *const *package = search->library->packages; *package != NULL; package++) {
    char pattern[1200];
    snprintf(pattern, sizeof pattern, "%s/lib/python3*/*-packages/nvidia/%s/lib", environment,
             *package);
    glob_t found;
    bool isOpen = false;
    if (glob(pattern, 0, NULL, &found) == 0) {
      for (size_t match = found.gl_pathc; match > 0 && !isOpen; match--)
        isOpen = openIn(search, found.gl_pathv[match - 1]);
    } else {
      recordTried(search, pattern, NULL);
    }
    globfree(&found);
    if (isOpen) return true;
  }
  return false;
}

static bool openDriver(Search *search) {
  return openIn(search, "") || openIn(search, "/usr/lib/wsl/lib") ||
         openIn(search, "/usr/local/nvidia/lib64");
}

static bool openToolkitLibrary(Search *search) {
  if (openIn(search, "")) return true;
  static const char *const homes[] = {"CUDA_HOME", "CUDA_PATH", NULL};
  static const char *const environments[] = {"VIRTUAL_ENV", "CONDA_PREFIX", NULL};
  char folder[1100];
  for (const char *const *name = homes; *name != NULL; name++) {
    const char *home = getenv(*name);
    if (home == NULL || *home == 0) continue;
    snprintf(folder, sizeof folder, "%s/lib64", home);
    if (openIn(search, folder)) return true;
  }
  if (openIn(search, "/usr/local/cuda/lib64")) return true;
  for (const char *const *name = environments; *name != NULL; name++) {
    const char *environment = getenv(*name);
    if (environment != NULL && *environment != 0 && openInPackages(search, environment))
      return true;
  }
  const char *home = getenv("HOME");
  snprintf(folder, sizeof folder, "%s/.local", home == NULL ? "" : home);
  return openInPackages(search, folder) || openInPackages(search, "/usr/local") ||
         openInPackages(search, "/usr");
}

static void begin(Search *search, int library, CKCUDAPlatform *platform) {
  search->library = &ck_libraryDescriptions[library];
  search->platform = platform;
  search->opened = &platform->libraries[library];
}

static const char *findCacheFolder(void) {
  static char folder[1024];
  const char *named = getenv("PURE_CACHE"), *cache = getenv("XDG_CACHE_HOME"),
             *home = getenv("HOME");
  if (named != NULL && *named != 0)
    snprintf(folder, sizeof folder, "%s", named);
  else if (cache != NULL && *cache == '/')
    snprintf(folder, sizeof folder, "%s/pure", cache);
  else if (home != NULL && *home == '/')
    snprintf(folder, sizeof folder, "%s/.cache/pure", home);
  return *folder == 0 ? NULL : folder;
}

// MARK: What is missing

bool ck_listsNVIDIAGPU(const char *folder) {
  char pattern[1100];
  snprintf(pattern, sizeof pattern, "%s/*", folder);
  glob_t devices;
  bool isListed = false;
  if (glob(pattern, 0, NULL, &devices) == 0)
    for (size_t i = 0; i < devices.gl_pathc && !isListed; i++) {
      unsigned int numbers[2] = {};
      static const char *const names[] = {"vendor", "class"};
      for (int n = 0; n < 2; n++) {
        char path[1200];
        snprintf(path, sizeof path, "%s/%s", devices.gl_pathv[i], names[n]);
        FILE *file = fopen(path, "r");
        if (file == NULL) continue;
        if (fscanf(file, "%x", &numbers[n]) != 1) numbers[n] = 0;
        fclose(file);
      }
      // NVIDIA's, and of the class of displays, which has the GPUs without one too.
      isListed = numbers[0] == 0x10DE && numbers[1] >> 16 == 0x03;
    }
  globfree(&devices);
  return isListed;
}

/// Fills the clause for what a search did not find.
static void describe(const Search *search, char *clause, size_t size) {
  const int driver = search->platform->libraries[ckDriverLibrary].version / 1000;
  int used = *search->refused == 0
                 ? snprintf(clause, size, "%s was not found", search->library->name)
                 : snprintf(clause, size, "%s was found and does not fit (%s)",
                            search->library->name, search->refused);
  if (used < 0 || (size_t)used >= size) return;
  if (driver == 0) {
    snprintf(clause + used, size - (size_t)used, ": install %s",
             *search->refused == 0 ? "it" : "a driver of CUDA 11.0 or later");
    return;
  }
  char newest[16] = "", suffix[16] = "";
  if (driver > 11) snprintf(newest, sizeof newest, " to %d", driver);
  if (driver < 13) snprintf(suffix, sizeof suffix, "-cu%d", driver);
  snprintf(clause + used, size - (size_t)used,
           ": install a CUDA toolkit of version 11.8%s and name its folder in CUDA_HOME, or its "
           "packages (pip install nvidia-cuda-nvrtc%s nvidia-cublas%s)",
           newest, suffix, suffix);
}

static CKCUDAPlatform platform;

static void load(void) {
  static char missing[2048];
  platform.cacheFolder = findCacheFolder();
  platform.tried = "";
  for (int i = 0; i < ckCUDALibraryCount; i++) {
    Search *search = &searches[i];
    begin(search, i, &platform);
    if (i == ckDriverLibrary ? openDriver(search) : openToolkitLibrary(search)) continue;
    describe(search, missing, sizeof missing);
    platform.missing = missing;
    platform.tried = search->tried;
    platform.isAbsent = i == ckDriverLibrary && *search->refused == 0 &&
                        access("/dev/nvidiactl", F_OK) != 0 &&
                        !ck_listsNVIDIAGPU("/sys/bus/pci/devices");
    return;
  }
}

const CKCUDAPlatform *ck_cudaPlatform(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return &platform;
}

bool ck_openCompiler(CKCompiler *compiler) {
  static CKCUDAPlatform alone;
  static Search search;
  begin(&search, ckCompilerLibrary, &alone);
  if (!openToolkitLibrary(&search)) return false;
  *compiler = alone.compiler;
  return true;
}
