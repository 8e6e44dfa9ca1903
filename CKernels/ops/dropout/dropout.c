#include "dropout.h"

#include "../../runtime/parallel.h"
#include "../../runtime/scratch.h"
#include "dropout_row.h"

enum { rowsPerPiece = 16 };

CK_MULTIVERSION_PIECE(dropPiece) {
  const CKDropoutInPlace *arguments = context;
  int64_t columnCount = arguments->columnCount, first = piece * rowsPerPiece;
  int64_t end = ck_pieceEnd(first, rowsPerPiece, arguments->rowCount);
  float *multipliers = ck_scratch(
      CKScratchPiece, (columnCount + ckDropoutGroup) * (int64_t)sizeof(float));
  CKDropoutRows rows;
  ck_dropoutRows(&rows, &arguments->dropout);
  for (int64_t row = first; row < end; row++) {
    float *restrict values = arguments->values + row * columnCount;
    ck_dropoutRow(multipliers, &rows, row, columnCount);
    for (int64_t column = 0; column < columnCount; column++) values[column] *= multipliers[column];
  }
}

void ck_dropoutInPlace(const CKDropoutInPlace *arguments) {
  if (arguments->dropout.threshold == 0) return;
  ck_parallel(ck_pieceCount(arguments->rowCount, rowsPerPiece), dropPiece, (void *)arguments);
}
