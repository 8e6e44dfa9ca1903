#define _GNU_SOURCE  // RTLD_NEXT

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "CHeap.h"

typedef void *(*Allocate)(size_t byteCount);

/// The C library's malloc, or that of a library that the user has put before it.
static Allocate allocator(void) {
  // Threads that get here together find the same one.
  static _Atomic(Allocate) known;
  Allocate next = atomic_load_explicit(&known, memory_order_relaxed);
  if (next != NULL) return next;
  next = (Allocate)dlsym(RTLD_NEXT, "malloc");
  if (next == NULL) abort();
  atomic_store_explicit(&known, next, memory_order_relaxed);
  return next;
}

/// Swift's heap asks here, and traps where it gets nothing: an array or a text that is too large
/// would look like a mistake of this program. What is worth keeping is on the disk by then, since
/// files appear complete or not at all. Whoever can do with less asks `aligned_alloc`, as tensors
/// and files do.
void *malloc(size_t byteCount) {
  void *address = allocator()(byteCount);
  if (address != NULL) return address;
  char text[200];
  int length = snprintf(text, sizeof text,
                        "pure: there is no memory for %zu more bytes; use a smaller model, fewer "
                        "texts, a smaller --batch-size or --max-length\n",
                        byteCount);
  // Nobody reads it where that fails.
  if (write(STDERR_FILENO, text, (size_t)length) < 0) _exit(4);
  _exit(4);
}
