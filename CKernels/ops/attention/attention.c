#include "attention.h"

#include <math.h>

#include "../../runtime/parallel.h"
#include "../../runtime/scratch.h"
#include "../dropout/dropout_row.h"
#include "attention_plan.h"

typedef struct {
  const CKAttentionForward *arguments;
  CKAttentionPlan plan;
} Job;

/// Makes weights of one row of scores; `maximum` and `sum` are those of its exponentials.
CK_INLINE void softmax(float *row, int64_t length, float *maximum, float *sum) {
  const int64_t last = ck_wholeLanes(length) - ckLaneCount;
  const CKLanes none = (CKLanes){} - INFINITY;
  CKIntegerLanes real;
  ck_firstLanes(&real, length - last);
  CKLanes lanes, largest;
  ck_load(&lanes, row + last);
  ck_select(&largest, &real, &lanes, &none);
  for (int64_t j = 0; j < last; j += ckLaneCount) {
    ck_load(&lanes, row + j);
    ck_raise(&largest, &lanes);
  }
  *maximum = ck_maximum(&largest);
  CKLanes total = {};
  for (int64_t j = 0; j <= last; j += ckLaneCount) {
    ck_load(&lanes, row + j);
    lanes -= *maximum;
    ck_exp(&lanes);
    if (j == last) lanes = (CKLanes)((CKIntegerLanes)lanes & real);
    ck_store(row + j, &lanes);
    total += lanes;
  }
  *sum = ck_sum(&total);
  float reciprocal = 1 / *sum;
  for (int64_t j = 0; j <= last; j += ckLaneCount) *(CKLanes *)(row + j) *= reciprocal;
}

/// Scatters maximum + log(sum) of a block's rows, `stride` apart.
CK_INLINE void writeLogSumExp(float *logSumExp, int64_t stride, const float *maxima, float *sums,
                              int64_t rows) {
  for (int64_t row = 0; row < rows; row += ckLaneCount) ck_log((CKLanes *)(sums + row));
  for (int64_t row = 0; row < rows; row++) logSumExp[row * stride] = maxima[row] + sums[row];
}

CK_INLINE void drop(float *row, const float *multipliers, int64_t length) {
  for (int64_t j = 0; j < length; j += ckLaneCount)
    *(CKLanes *)(row + j) *= *(const CKLanes *)(multipliers + j);
}

/// Σ a and Σ a² of the [CLS] row for this text and head.
static void sumFirstRow(const CKAttentionForward *arguments, int64_t index, const float *row,
                        int64_t length) {
  int64_t count = length;
  if (arguments->clsPrefix > 0 && arguments->clsPrefix < length) count = arguments->clsPrefix;
  float sum = 0, squares = 0;
  for (int64_t j = 0; j < count; j++) {
    sum += row[j];
    squares += row[j] * row[j];
  }
  if (arguments->clsSum != NULL) arguments->clsSum[index] = sum;
  if (arguments->clsSquareSum != NULL) arguments->clsSquareSum[index] = squares;
}

static void clearUnit(const CKAttentionForward *arguments, const CKAttentionUnit *unit,
                      int64_t index) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t stride = (int64_t)inputs->headCount * inputs->headSize;
  ck_clearRows(arguments->context + unit->firstToken * stride + unit->head * inputs->headSize,
               stride, unit->length, inputs->headSize);
  if (arguments->logSumExp != NULL)
    ck_clearRows(arguments->logSumExp + unit->firstToken * inputs->headCount + unit->head,
                 inputs->headCount, unit->length, 1);
  if (arguments->clsSum != NULL) arguments->clsSum[index] = 0;
  if (arguments->clsSquareSum != NULL) arguments->clsSquareSum[index] = 0;
}

/// Turns a block's scaled scores into W and writes what is asked for about its rows.
CK_INLINE void weighRows(const CKAttentionForward *arguments, const CKAttentionUnit *unit,
                         const CKDropoutRows *dropout, int64_t sequence, int64_t first,
                         int64_t rows, float *weights, float *multipliers) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t length = unit->length, padded = unit->paddedLength, headCount = inputs->headCount;
  const int64_t index = sequence * headCount + unit->head;
  const bool drops = inputs->dropout.threshold != 0;
  for (int64_t row = 0; drops && row < rows; row++)
    ck_dropoutRow(multipliers + row * padded, dropout,
                  (unit->firstToken + first + row) * headCount + unit->head, length);
  float maxima[ckAttentionBlockRows], sums[ckAttentionBlockRows] = {};
  for (int64_t row = 0; row < rows; row++) {
    float *rowWeights = weights + row * padded;
    softmax(rowWeights, length, &maxima[row], &sums[row]);
    bool isFirst = first + row == 0;
    if (isFirst && !arguments->clsAfterDropout) sumFirstRow(arguments, index, rowWeights, length);
    if (drops) drop(rowWeights, multipliers + row * padded, length);
    if (isFirst && arguments->clsAfterDropout) sumFirstRow(arguments, index, rowWeights, length);
  }
  if (arguments->logSumExp != NULL)
    writeLogSumExp(arguments->logSumExp + (unit->firstToken + first) * headCount + unit->head,
                   headCount, maxima, sums, rows);
}

CK_INLINE void forwardUnit(const CKAttentionForward *arguments, int32_t sequence, int32_t head,
                           const CKDropoutRows *dropout) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const CKAttentionUnit unit = ck_attentionUnit(inputs, sequence, head);
  if (unit.isMasked) {
    clearUnit(arguments, &unit, (int64_t)sequence * inputs->headCount + head);
    return;
  }
  const int64_t headSize = inputs->headSize, size = inputs->headCount * headSize;
  const int64_t length = unit.length, padded = unit.paddedLength, paddedSize = unit.paddedSize;
  const int64_t blockRows = ck_blockRows(&unit);
  float *cursor = ck_scratch(
      CKScratchPiece, (2 * padded * paddedSize + blockRows * (2 * padded + paddedSize) +
                       ckDropoutGroup + 3 * ckLaneCount) *
                          (int64_t)sizeof(float));
  float *keyTransposed = ck_take(&cursor, paddedSize * padded);
  float *value = ck_take(&cursor, padded * paddedSize);
  float *weights = ck_take(&cursor, blockRows * padded);
  float *context = ck_take(&cursor, blockRows * paddedSize);
  float *multipliers = ck_take(&cursor, blockRows * padded + ckDropoutGroup);
  ck_packTransposed(keyTransposed, unit.key, inputs->rowStride, length, headSize);
  ck_packRows(value, unit.value, inputs->rowStride, length, headSize);

  for (int64_t first = 0; first < unit.length; first += blockRows) {
    int64_t rows = unit.length - first < blockRows ? unit.length - first : blockRows;
    ck_tileProduct(&(CKTileProduct){
        .rows = rows, .columns = padded, .depth = headSize,
        .left = unit.query + first * inputs->rowStride,
        .leftRowStride = inputs->rowStride, .leftDepthStride = 1,
        .right = keyTransposed, .rightStride = padded,
        .output = weights, .outputStride = padded,
        .alpha = 1 / sqrtf((float)headSize)});
    weighRows(arguments, &unit, dropout, sequence, first, rows, weights, multipliers);
    ck_tileProduct(&(CKTileProduct){
        .rows = rows, .columns = paddedSize, .depth = length,
        .left = weights, .leftRowStride = padded, .leftDepthStride = 1,
        .right = value, .rightStride = paddedSize,
        .output = context, .outputStride = paddedSize,
        .alpha = 1});
    ck_unpackRows(arguments->context + (unit.firstToken + first) * size + head * headSize, size,
                  context, rows, headSize);
  }
}

CK_MULTIVERSION_PIECE(forwardPiece) {
  const Job *job = context;
  const CKAttentionPiece *heads = &job->plan.pieces[piece];
  CKDropoutRows dropout;
  ck_dropoutRows(&dropout, &job->arguments->inputs.dropout);
  for (int32_t head = heads->firstHead; head < heads->endHead; head++)
    forwardUnit(job->arguments, heads->sequence, head, &dropout);
}

void ck_attentionForward(const CKAttentionForward *arguments) {
  Job job = {arguments, ck_attentionPlan(&arguments->inputs)};
  ck_parallel(job.plan.pieceCount, forwardPiece, &job);
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t rest = inputs->rowCount - inputs->tokenCount, heads = inputs->headCount;
  const int64_t size = heads * inputs->headSize;
  ck_clearRows(arguments->context + inputs->tokenCount * size, size, rest, size);
  if (arguments->logSumExp != NULL)
    ck_clearRows(arguments->logSumExp + inputs->tokenCount * heads, heads, rest, heads);
}
