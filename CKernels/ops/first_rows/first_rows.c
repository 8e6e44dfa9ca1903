#include "first_rows.h"

#include <string.h>

#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"

enum { rowsPerPiece = 16 };

static void gatherPiece(void *context, int64_t piece) {
  const CKFirstRows *arguments = context;
  int64_t size = arguments->size, first = piece * rowsPerPiece;
  int64_t end = ck_pieceEnd(first, rowsPerPiece, arguments->sequenceCount);
  for (int64_t row = first; row < end; row++)
    memcpy(arguments->firstRows + row * size,
           arguments->packed + arguments->sequenceOffsets[row] * size,
           (size_t)size * sizeof(float));
}

CK_MULTIVERSION_PIECE(addPiece) {
  const CKFirstRows *arguments = context;
  int64_t size = arguments->size, first = piece * rowsPerPiece;
  int64_t end = ck_pieceEnd(first, rowsPerPiece, arguments->sequenceCount);
  for (int64_t row = first; row < end; row++) {
    const float *restrict source = arguments->firstRows + row * size;
    float *restrict destination = arguments->packed + arguments->sequenceOffsets[row] * size;
    for (int64_t column = 0; column < size; column++) destination[column] += source[column];
  }
}

void ck_gatherFirstRows(const CKFirstRows *arguments) {
  ck_parallel(ck_pieceCount(arguments->sequenceCount, rowsPerPiece), gatherPiece,
              (void *)arguments);
}

void ck_addToFirstRows(const CKFirstRows *arguments) {
  ck_parallel(ck_pieceCount(arguments->sequenceCount, rowsPerPiece), addPiece, (void *)arguments);
}
