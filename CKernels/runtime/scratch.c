#include "scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

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

static void stop(int64_t byteCount) {
  fprintf(stderr, "pure: no memory for %lld bytes of working space\n", (long long)byteCount);
  abort();
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
