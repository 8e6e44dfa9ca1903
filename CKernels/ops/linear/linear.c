#include "linear.h"

#include "../../runtime/blas.h"
#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"
#include "../activation/activation_lanes.h"

// MARK: Forward

/// One row of a tile: adds the bias, keeps the sum where it is wanted, and applies the activation.
CK_INLINE void finishRow(const CKActivation activation, const float *bias, float *kept,
                         float *output, int64_t count) {
  CKLanes x, b;
  int64_t i = 0;
  for (; i + ckLaneCount <= count; i += ckLaneCount) {
    ck_load(&x, output + i);
    if (bias != NULL) {
      ck_load(&b, bias + i);
      x += b;
    }
    if (kept != NULL) ck_store(kept + i, &x);
    ck_activate(activation, &x);
    ck_store(output + i, &x);
  }
  if (i == count) return;
  ck_loadFirst(&x, output + i, count - i, 0);
  if (bias != NULL) {
    ck_loadFirst(&b, bias + i, count - i, 0);
    x += b;
  }
  if (kept != NULL) ck_storeFirst(kept + i, &x, count - i);
  ck_activate(activation, &x);
  ck_storeFirst(output + i, &x, count - i);
}

CK_MULTIVERSION(finishTile,
                (const CKLinearForward *a, int32_t row, int32_t rowCount, int32_t column,
                 int32_t columnCount),
                (a, row, rowCount, column, columnCount)) {
  const float *bias = a->bias == NULL ? NULL : a->bias + column;
  for (int32_t i = row; i < row + rowCount; i++) {
    int64_t offset = (int64_t)i * a->outputSize + column;
    float *kept = a->preActivation == NULL ? NULL : a->preActivation + offset;
    float *output = a->output + offset;
    // The choice is taken out of the loop.
    switch (a->activation) {
      case CKActivationIdentity:
        finishRow(CKActivationIdentity, bias, kept, output, columnCount);
        break;
      case CKActivationGELU:
        finishRow(CKActivationGELU, bias, kept, output, columnCount);
        break;
      case CKActivationTanh:
        finishRow(CKActivationTanh, bias, kept, output, columnCount);
        break;
      case CKActivationReLU:
        finishRow(CKActivationReLU, bias, kept, output, columnCount);
        break;
    }
  }
}

static void finish(void *context, int32_t row, int32_t rowCount, int32_t column,
                   int32_t columnCount) {
  finishTile(context, row, rowCount, column, columnCount);
}

void ck_linearForward(const CKLinearForward *arguments) {
  const CKLinearForward *a = arguments;
  CKProduct product = {
      .factors = a->factors,
      .rows = a->rowCount,
      .columns = a->outputSize,
      .depth = a->inputSize,
      .left = a->input,
      .leftStride = a->inputSize,
      .transposesRight = true,
      .right = a->weight,
      .rightStride = a->inputSize,
      .output = a->output,
      .outputStride = a->outputSize,
  };
  if (a->bias == NULL && a->preActivation == NULL && a->activation == CKActivationIdentity)
    ck_product(&product);
  else
    ck_productThen(&product, finish, (void *)a);
}

// MARK: Backward

enum {
  // Columns that one piece sums: few enough that their sums stay in registers, whole cache lines of
  // each row.
  pieceColumns = 4 * ckLaneCount,
  // Rows summed before they join the total, so that rounding grows with the number of blocks and
  // not of rows.
  blockRows = 64,
};

/// Sums of `vectors` × 16 columns, the last `lastCount` lanes of which are real, added to bias.
CK_INLINE void sumVectors(const float *values, int32_t rowCount, int64_t stride, const int vectors,
                          int64_t lastCount, bool accumulates, float *bias) {
  CKLanes totals[pieceColumns / ckLaneCount] = {};
  for (int32_t start = 0; start < rowCount; start += blockRows) {
    CKLanes sums[pieceColumns / ckLaneCount] = {}, x;
    int32_t end = rowCount - start < blockRows ? rowCount : start + blockRows;
    for (int32_t row = start; row < end; row++) {
      const float *source = values + row * stride;
      for (int v = 0; v < vectors - 1; v++) sums[v] += *(const CKLanes *)(source + v * ckLaneCount);
      const float *last = source + (vectors - 1) * ckLaneCount;
      if (lastCount == ckLaneCount)
        ck_load(&x, last);
      else
        ck_loadFirst(&x, last, lastCount, 0);
      sums[vectors - 1] += x;
    }
    for (int v = 0; v < vectors; v++) totals[v] += sums[v];
  }
  for (int v = 0; v < vectors; v++) {
    float *target = bias + v * ckLaneCount;
    int64_t count = v == vectors - 1 ? lastCount : ckLaneCount;
    CKLanes before = {};
    if (accumulates) ck_loadFirst(&before, target, count, 0);
    totals[v] += before;
    ck_storeFirst(target, &totals[v], count);
  }
}

CK_MULTIVERSION(sumColumns, (const CKLinearBackward *a, int64_t start, int64_t end),
                (a, start, end)) {
  if (end - start == pieceColumns) {
    sumVectors(a->dOutput + start, a->rowCount, a->outputSize, pieceColumns / ckLaneCount,
               ckLaneCount, a->accumulatesParameters, a->dBias + start);
    return;
  }
  for (int64_t c = start; c < end; c += ckLaneCount)
    sumVectors(a->dOutput + c, a->rowCount, a->outputSize, 1, ck_pieceEnd(c, ckLaneCount, end) - c,
               a->accumulatesParameters, a->dBias + c);
}

static void sumColumnsPiece(void *context, int64_t piece) {
  const CKLinearBackward *a = context;
  int64_t start = piece * pieceColumns;
  sumColumns(a, start, ck_pieceEnd(start, pieceColumns, a->outputSize));
}

static void addBiasGradient(const CKLinearBackward *a) {
  int64_t pieces = ck_pieceCount(a->outputSize, pieceColumns);
  // A sum this short takes less time than waking a thread.
  if ((int64_t)a->rowCount * a->outputSize < 1 << 15)
    for (int64_t piece = 0; piece < pieces; piece++) sumColumnsPiece((void *)a, piece);
  else
    ck_parallel(pieces, sumColumnsPiece, (void *)a);
}

void ck_linearBackward(const CKLinearBackward *arguments) {
  const CKLinearBackward *a = arguments;
  if (a->dBias != NULL) addBiasGradient(a);
  if (a->dWeight != NULL) {
    CKProduct product = {
        .factors = a->factors,
        .rows = a->outputSize,
        .columns = a->inputSize,
        .depth = a->rowCount,
        .transposesLeft = true,
        .left = a->dOutput,
        .leftStride = a->outputSize,
        .right = a->input,
        .rightStride = a->inputSize,
        .beta = a->accumulatesParameters ? 1 : 0,
        .output = a->dWeight,
        .outputStride = a->inputSize,
    };
    ck_product(&product);
  }
  if (a->dInput != NULL) {
    CKProduct product = {
        .factors = a->factors,
        .rows = a->rowCount,
        .columns = a->inputSize,
        .depth = a->outputSize,
        .left = a->dOutput,
        .leftStride = a->outputSize,
        .right = a->weight,
        .rightStride = a->inputSize,
        .beta = a->accumulatesInput ? 1 : 0,
        .output = a->dInput,
        .outputStride = a->inputSize,
    };
    ck_product(&product);
  }
}
