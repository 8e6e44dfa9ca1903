#include <string.h>

#include "../../runtime/parallel.h"
#include "../../runtime/scratch.h"
#include "../dropout/dropout_row.h"
#include "layer_norm.h"

// Each piece of rows sums its parameter gradients on its own; the pieces' sums are then added in order. Both cuts
// depend on the sizes alone, so that the bits do not depend on the threads.
enum { rowsPerPiece = 32, columnsPerPiece = 64, partialCount = 3 };

typedef struct {
  const CKLayerNormBackward *arguments;
  int64_t paddedSize, pieceCount;
  float *partials;  // [pieceCount, partialCount, paddedSize]: gamma, beta, bias
} Job;

typedef struct {
  const float *dOutput, *sum, *gamma;
  float *dSum, *dInput;                                // dInput may be null
  const float *inputMultipliers, *outputMultipliers;   // null: no dropout
  float *dGamma, *dBeta, *dBias;                       // this piece's sums
  float mean, reciprocalDeviation;
} Row;

/// The normalized input and the gradient of the layer norm's output before its dropout.
CK_INLINE void loadColumns(const Row *row, int64_t column, int64_t width, CKLanes *normalized,
                           CKLanes *gradient) {
  ck_loadFirst(normalized, row->sum + column, width, 0);
  *normalized = (*normalized - row->mean) * row->reciprocalDeviation;
  ck_loadFirst(gradient, row->dOutput + column, width, 0);
  if (row->outputMultipliers != NULL) {
    CKLanes multipliers;
    ck_load(&multipliers, row->outputMultipliers + column);
    *gradient *= multipliers;
  }
}

/// Adds up the two means that dSum needs, and the parameter gradients.
CK_INLINE void addUp(const Row *row, int64_t column, int64_t width, CKLanes *total,
                     CKLanes *projection) {
  CKLanes normalized, gradient, gamma;
  loadColumns(row, column, width, &normalized, &gradient);
  *(CKLanes *)(row->dBeta + column) += gradient;
  *(CKLanes *)(row->dGamma + column) += gradient * normalized;
  ck_loadFirst(&gamma, row->gamma + column, width, 0);
  gradient *= gamma;
  *total += gradient;
  *projection += gradient * normalized;
}

CK_INLINE void writeGradients(const Row *row, int64_t column, int64_t width, float mean,
                              float projection) {
  CKLanes normalized, gradient, gamma;
  loadColumns(row, column, width, &normalized, &gradient);
  ck_loadFirst(&gamma, row->gamma + column, width, 0);
  gradient = (gradient * gamma - mean - normalized * projection) * row->reciprocalDeviation;
  ck_storeFirst(row->dSum + column, &gradient, width);
  if (row->inputMultipliers != NULL) {
    CKLanes multipliers;
    ck_load(&multipliers, row->inputMultipliers + column);
    gradient *= multipliers;
  }
  if (row->dInput != NULL) ck_storeFirst(row->dInput + column, &gradient, width);
  *(CKLanes *)(row->dBias + column) += gradient;
}

CK_INLINE void backwardRow(const Row *row, int64_t size) {
  const int64_t whole = size / ckLaneCount * ckLaneCount;
  int64_t column;
  CKLanes totals = {}, projections = {};
  for (column = 0; column < whole; column += ckLaneCount)
    addUp(row, column, ckLaneCount, &totals, &projections);
  if (whole < size) addUp(row, whole, size - whole, &totals, &projections);
  float mean = ck_sum(&totals) / (float)size, projection = ck_sum(&projections) / (float)size;
  for (column = 0; column < whole; column += ckLaneCount)
    writeGradients(row, column, ckLaneCount, mean, projection);
  if (whole < size) writeGradients(row, whole, size - whole, mean, projection);
}

CK_MULTIVERSION_PIECE(backwardPiece) {
  const Job *job = context;
  const CKLayerNormBackward *arguments = job->arguments;
  const int64_t size = arguments->size, padded = job->paddedSize;
  int64_t first = piece * rowsPerPiece;
  int64_t end = ck_pieceEnd(first, rowsPerPiece, arguments->rowCount);
  float *multipliers = ck_scratch(CKScratchPiece, 2 * padded * (int64_t)sizeof(float));
  Row row = {
      .gamma = arguments->gamma,
      .inputMultipliers = arguments->inputDropout.threshold != 0 ? multipliers : NULL,
      .outputMultipliers = arguments->outputDropout.threshold != 0 ? multipliers + padded : NULL,
      .dGamma = job->partials + (piece * partialCount + 0) * padded,
      .dBeta = job->partials + (piece * partialCount + 1) * padded,
      .dBias = job->partials + (piece * partialCount + 2) * padded,
  };
  memset(row.dGamma, 0, (size_t)(partialCount * padded) * sizeof(float));
  CKDropoutRows inputDropout, outputDropout;
  ck_dropoutRows(&inputDropout, &arguments->inputDropout);
  ck_dropoutRows(&outputDropout, &arguments->outputDropout);
  for (int64_t index = first; index < end; index++) {
    if (row.inputMultipliers != NULL)
      ck_dropoutRow(multipliers, &inputDropout, index, size);
    if (row.outputMultipliers != NULL)
      ck_dropoutRow(multipliers + padded, &outputDropout, index, size);
    row.dOutput = arguments->dOutput + index * size;
    row.sum = arguments->sum + index * size;
    row.dSum = arguments->dSum + index * size;
    row.dInput = arguments->dInput != NULL ? arguments->dInput + index * size : NULL;
    row.mean = arguments->mean[index];
    row.reciprocalDeviation = arguments->reciprocalDeviation[index];
    backwardRow(&row, size);
  }
}

CK_MULTIVERSION_PIECE(addPartials) {
  const Job *job = context;
  const CKLayerNormBackward *arguments = job->arguments;
  float *results[partialCount] = {arguments->dGamma, arguments->dBeta, arguments->dBias};
  int64_t first = piece * columnsPerPiece;
  int64_t end = ck_pieceEnd(first, columnsPerPiece, arguments->size);
  for (int which = 0; which < partialCount; which++) {
    if (results[which] == NULL) continue;
    CKLanes sums[columnsPerPiece / ckLaneCount] = {};
    for (int64_t rows = 0; rows < job->pieceCount; rows++) {
      const float *partial =
          job->partials + (rows * partialCount + which) * job->paddedSize + first;
      for (int block = 0; block < columnsPerPiece / ckLaneCount; block++)
        sums[block] += *(const CKLanes *)(partial + block * ckLaneCount);
    }
    for (int64_t column = first; column < end; column++) {
      float sum = ((const float *)sums)[column - first];
      float before = arguments->accumulatesParameters ? results[which][column] : 0;
      results[which][column] = before + sum;
    }
  }
}

void ck_layerNormBackward(const CKLayerNormBackward *arguments) {
  int64_t columnPieces = ck_pieceCount(arguments->size, columnsPerPiece);
  Job job = {
      .arguments = arguments,
      .paddedSize = columnPieces * columnsPerPiece,
      .pieceCount = ck_pieceCount(arguments->rowCount, rowsPerPiece),
  };
  job.partials = ck_scratch(CKScratchOperation, job.pieceCount * partialCount * job.paddedSize *
                                                    (int64_t)sizeof(float));
  ck_parallel(job.pieceCount, backwardPiece, &job);
  ck_parallel(columnPieces, addPartials, &job);
}
