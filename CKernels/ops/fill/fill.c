#include "fill.h"

#include <string.h>

#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"

enum { pieceSize = 1 << 16 };

CK_MULTIVERSION(fillRange, (float *destination, float value, int64_t count),
                (destination, value, count)) {
  for (int64_t i = 0; i < count; i++) destination[i] = value;
}

CK_MULTIVERSION(addRange, (float *destination, const float *source, float factor, int64_t count),
                (destination, source, factor, count)) {
  for (int64_t i = 0; i < count; i++) destination[i] += factor * source[i];
}

static void fillPiece(void *context, int64_t piece) {
  const CKFill *a = context;
  int64_t start = piece * pieceSize;
  fillRange(a->destination + start, a->value, ck_pieceEnd(start, pieceSize, a->count) - start);
}

static void copyPiece(void *context, int64_t piece) {
  const CKCopy *a = context;
  int64_t start = piece * pieceSize;
  int64_t count = ck_pieceEnd(start, pieceSize, a->count) - start;
  memcpy(a->destination + start, a->source + start, (size_t)count * sizeof(float));
}

static void addPiece(void *context, int64_t piece) {
  const CKAdd *a = context;
  int64_t start = piece * pieceSize;
  addRange(a->destination + start, a->source + start, a->factor,
           ck_pieceEnd(start, pieceSize, a->count) - start);
}

void ck_fill(const CKFill *arguments) {
  ck_parallel(ck_pieceCount(arguments->count, pieceSize), fillPiece, (void *)arguments);
}

void ck_copy(const CKCopy *arguments) {
  ck_parallel(ck_pieceCount(arguments->count, pieceSize), copyPiece, (void *)arguments);
}

void ck_add(const CKAdd *arguments) {
  ck_parallel(ck_pieceCount(arguments->count, pieceSize), addPiece, (void *)arguments);
}
