#include "cuda_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CHash.h"

/// What an entry begins with.
typedef struct EntryHeader {
  char magic[8];
  uint8_t key[32], digest[32];
  uint64_t byteCount;
} EntryHeader;

static const char entryMagic[8] = "PUREMOD";

static void note(CKCUDAContext *context, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void note(CKCUDAContext *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(context->note, sizeof context->note, format, arguments);
  va_end(arguments);
}

static void noteUnwritable(CKCUDAContext *context, int error) {
  note(context,
       "compiled kernels cannot be kept in %s (%s), so that every start compiles them "
       "again: make that folder writable, or name another with PURE_CACHE",
       context->platform->cacheFolder, strerror(error));
}

static void nameEntry(const CKImageKey *key, char *name, size_t size) {
  int length = snprintf(name, size, "kernels-");
  for (int i = 0; i < 8; i++)
    length += snprintf(name + length, size - (size_t)length, "%02x", key->digest[i]);
  snprintf(name + length, size - (size_t)length, "-%s", key->architecture);
}

static void hash(const CKImage *image, uint8_t *digest) {
  CHSHA256 state;
  ch_sha256Start(&state);
  ch_sha256Update(&state, image->bytes, image->byteCount);
  ch_sha256Finish(&state, digest);
}

static bool isOurs(const struct stat *status) {
  return status->st_uid == geteuid() && (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// The folder, open, or -1 and a note; that it is not there is worth one only when it was made.
static int openFolder(CKCUDAContext *context, bool wasMade) {
  const char *path = context->platform->cacheFolder;
  struct stat status;
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    if (wasMade || (errno != ENOENT && errno != ENOTDIR)) noteUnwritable(context, errno);
    return -1;
  }
  if (fstat(folder, &status) == 0 && isOurs(&status)) return folder;
  close(folder);
  note(context,
       "compiled kernels are neither kept in %s nor taken from there, as it belongs to another "
       "user or others can write it: change that (chmod go-w), or name another with PURE_CACHE",
       path);
  return -1;
}

// MARK: Reading

static bool readAll(int file, void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t moved = read(file, (char *)bytes + done, count - done);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return false;
    done += (size_t)moved;
  }
  return true;
}

static bool readWhole(int file, const CKImageKey *key, CKImage *image) {
  EntryHeader header;
  uint8_t digest[32];
  char more;
  if (!readAll(file, &header, sizeof header) || memcmp(header.magic, entryMagic, 8) != 0 ||
      memcmp(header.key, key->digest, sizeof header.key) != 0 || header.byteCount == 0 ||
      header.byteCount >= (uint64_t)1 << 30)
    return false;
  image->byteCount = (size_t)header.byteCount;
  image->bytes = malloc(image->byteCount);
  if (image->bytes != NULL && readAll(file, image->bytes, image->byteCount) &&
      read(file, &more, 1) == 0) {
    hash(image, digest);
    if (memcmp(digest, header.digest, sizeof digest) == 0) return true;
  }
  free(image->bytes);
  *image = (CKImage){};
  return false;
}

bool ck_readImage(CKCUDAContext *context, const CKImageKey *key, CKImage *image) {
  char name[128];
  nameEntry(key, name, sizeof name);
  int folder = openFolder(context, false);
  if (folder < 0) return false;
  int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  int error = errno;
  close(folder);
  const char *path = context->platform->cacheFolder;
  if (file < 0) {
    if (error != ENOENT)
      note(context,
           "the compiled kernels in %s/%s cannot be read (%s) and have been compiled again: delete "
           "that file",
           path, name, strerror(error));
    return false;
  }
  struct stat status;
  bool isTrusted = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && isOurs(&status);
  bool isWhole = isTrusted && readWhole(file, key, image);
  close(file);
  if (!isTrusted)
    note(context,
         "the compiled kernels in %s/%s belong to another user, or others can write them; they "
         "have been compiled again",
         path, name);
  else if (!isWhole)
    note(context,
         "the compiled kernels in %s/%s were damaged and have been compiled again; see whether "
         "the disk is sound",
         path, name);
  return isWhole;
}

// MARK: Writing

/// The error number of the last folder, or 0.
static int makeFolders(const char *folder) {
  char path[1200];
  snprintf(path, sizeof path, "%s", folder);
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(path, 0700);
    *slash = '/';
  }
  return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : errno;
}

/// The error number of what went wrong, or 0.
static int writeAll(int file, const void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t moved = write(file, (const char *)bytes + done, count - done);
    if (moved < 0 && errno != EINTR) return errno;
    if (moved > 0) done += (size_t)moved;
  }
  return 0;
}

/// The error number of what went wrong, or 0.
static int writeEntry(int folder, const char *name, const CKImageKey *key, const CKImage *image) {
  EntryHeader header = {.byteCount = image->byteCount};
  memcpy(header.magic, entryMagic, sizeof header.magic);
  memcpy(header.key, key->digest, sizeof header.key);
  hash(image, header.digest);
  // A name that nobody can have foreseen, and no link of that name would be followed.
  char temporary[160];
  uint64_t number;
  if (getrandom(&number, sizeof number, 0) != sizeof number) return EIO;
  snprintf(temporary, sizeof temporary, "%s.%016llx", name, (unsigned long long)number);
  int file =
      openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return errno;
  int error = writeAll(file, &header, sizeof header);
  if (error == 0) error = writeAll(file, image->bytes, image->byteCount);
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && renameat(folder, temporary, folder, name) != 0) error = errno;
  if (error != 0) unlinkat(folder, temporary, 0);
  return error;
}

void ck_writeImage(CKCUDAContext *context, const CKImageKey *key, const CKImage *image) {
  char name[128];
  nameEntry(key, name, sizeof name);
  int error = makeFolders(context->platform->cacheFolder);
  if (error != 0) return noteUnwritable(context, error);
  int folder = openFolder(context, true);
  if (folder < 0) return;
  error = writeEntry(folder, name, key, image);
  close(folder);
  if (error != 0) noteUnwritable(context, error);
}
