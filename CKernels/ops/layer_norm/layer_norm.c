#include "layer_norm.h"

#include <math.h>

#include "../../runtime/parallel.h"
#include "../../runtime/scratch.h"
#include "../dropout/dropout_row.h"

enum { rowsPerPiece = 16 };

/// Adds up sum = residual + dropout(input + bias) and stores it over the input. `width` lanes of 16 are real; the
/// others stay zero.
CK_INLINE void addUp(const CKLayerNormForward *arguments, int64_t row, int64_t column, int64_t width,
                     const float *multipliers, CKLanes *total) {
  float *input = arguments->input + row * arguments->size + column;
  CKLanes sum, addend;
  ck_loadFirst(&sum, input, width, 0);
  if (arguments->bias != NULL) {
    ck_loadFirst(&addend, arguments->bias + column, width, 0);
    sum += addend;
  }
  if (multipliers != NULL) {
    ck_load(&addend, multipliers + column);
    sum *= addend;
  }
  if (arguments->residual != NULL) {
    ck_loadFirst(&addend, arguments->residual + row * arguments->size + column, width, 0);
    sum += addend;
  }
  *total += sum;
  ck_storeFirst(input, &sum, width);
}

CK_INLINE void addSquares(const float *sum, int64_t width, float mean, CKLanes *total) {
  CKLanes deviation;
  ck_loadFirst(&deviation, sum, width, mean);
  deviation -= mean;
  *total += deviation * deviation;
}

CK_INLINE void normalize(const CKLayerNormForward *arguments, int64_t row, int64_t column,
                         int64_t width, float mean, float reciprocalDeviation,
                         const float *multipliers) {
  CKLanes value, gamma, beta;
  ck_loadFirst(&value, arguments->input + row * arguments->size + column, width, 0);
  ck_loadFirst(&gamma, arguments->gamma + column, width, 0);
  ck_loadFirst(&beta, arguments->beta + column, width, 0);
  value = (value - mean) * reciprocalDeviation * gamma + beta;
  if (multipliers != NULL) {
    CKLanes multiplier;
    ck_load(&multiplier, multipliers + column);
    value *= multiplier;
  }
  ck_storeFirst(arguments->output + row * arguments->size + column, &value, width);
}

CK_INLINE void forwardRow(const CKLayerNormForward *arguments, int64_t row,
                          const CKDropoutRows *inputDropout, const CKDropoutRows *outputDropout,
                          float *scratch) {
  const int64_t size = arguments->size, whole = size / ckLaneCount * ckLaneCount;
  int64_t column;
  float *multipliers = NULL;
  if (arguments->inputDropout.threshold != 0) {
    multipliers = scratch;
    ck_dropoutRow(multipliers, inputDropout, row, size);
  }
  CKLanes total = {};
  for (column = 0; column < whole; column += ckLaneCount)
    addUp(arguments, row, column, ckLaneCount, multipliers, &total);
  if (whole < size) addUp(arguments, row, whole, size - whole, multipliers, &total);
  float mean = ck_sum(&total) / (float)size;

  const float *sum = arguments->input + row * size;
  CKLanes squares = {};
  for (column = 0; column < whole; column += ckLaneCount)
    addSquares(sum + column, ckLaneCount, mean, &squares);
  if (whole < size) addSquares(sum + whole, size - whole, mean, &squares);
  float reciprocalDeviation = 1 / sqrtf(ck_sum(&squares) / (float)size + arguments->epsilon);

  multipliers = NULL;
  if (arguments->outputDropout.threshold != 0) {
    multipliers = scratch;
    ck_dropoutRow(multipliers, outputDropout, row, size);
  }
  for (column = 0; column < whole; column += ckLaneCount)
    normalize(arguments, row, column, ckLaneCount, mean, reciprocalDeviation, multipliers);
  if (whole < size)
    normalize(arguments, row, whole, size - whole, mean, reciprocalDeviation, multipliers);

  if (arguments->mean != NULL) arguments->mean[row] = mean;
  if (arguments->reciprocalDeviation != NULL)
    arguments->reciprocalDeviation[row] = reciprocalDeviation;
}

CK_MULTIVERSION_PIECE(forwardPiece) {
  const CKLayerNormForward *arguments = context;
  int64_t first = piece * rowsPerPiece;
  int64_t end = ck_pieceEnd(first, rowsPerPiece, arguments->rowCount);
  float *scratch = ck_scratch(
      CKScratchPiece, (arguments->size + ckDropoutGroup) * (int64_t)sizeof(float));
  CKDropoutRows inputDropout, outputDropout;
  ck_dropoutRows(&inputDropout, &arguments->inputDropout);
  ck_dropoutRows(&outputDropout, &arguments->outputDropout);
  for (int64_t row = first; row < end; row++)
    forwardRow(arguments, row, &inputDropout, &outputDropout, scratch);
}

void ck_layerNormForward(const CKLayerNormForward *arguments) {
  ck_parallel(ck_pieceCount(arguments->rowCount, rowsPerPiece), forwardPiece, (void *)arguments);
}
