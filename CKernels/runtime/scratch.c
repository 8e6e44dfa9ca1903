#include "scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host.h"

enum { kindCount = 2 };

typedef struct {
  void *address[kindCount];
  int64_t byteCount[kindCount];
} Scratch;

static _Thread_local Scratch *current;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void freeScratch(void *address) {
  Scratch *scratch = address;
  for (int kind = 0; kind < kindCount; kind++) ck_free(scratch->address[kind]);
  free(scratch);
}

// The key exists for its destructor alone, which gives the memory back when a thread ends.
static void createKey(void) { pthread_key_create(&key, freeScratch); }

// In the midst of a kernel nothing can be given back but the process, with the exit code that says
// why: what is worth keeping is on the disk.
static _Noreturn void stop(int64_t byteCount) {
  fprintf(stderr,
          "pure: there is no memory for %lld bytes of working space; use fewer --threads, a "
          "smaller --batch-size or --max-length\n",
          (long long)byteCount);
  _exit(4);
}

void *ck_scratch(CKScratch kind, int64_t byteCount) {
  if (current == NULL) {
    pthread_once(&once, createKey);
    current = calloc(1, sizeof(Scratch));
    if (current == NULL) stop(byteCount);
    pthread_setspecific(key, current);
  }
  if (current->address[kind] == NULL || current->byteCount[kind] < byteCount) {
    ck_free(current->address[kind]);
    current->address[kind] = ck_allocate(byteCount);
    if (current->address[kind] == NULL) stop(byteCount);
    current->byteCount[kind] = byteCount;
  }
  return current->address[kind];
}
