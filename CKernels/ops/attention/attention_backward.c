#include <math.h>

#include "../../runtime/parallel.h"
#include "../../runtime/scratch.h"
#include "../dropout/dropout_row.h"
#include "attention.h"
#include "attention_plan.h"

typedef struct {
  const CKAttentionBackward *arguments;
  CKAttentionPlan plan;
} Job;

/// What one row needs to go back through dropout and softmax.
typedef struct {
  float *weights;            // in: scaled scores; out: W
  float *gradients;          // in: dW; out: the gradient of the scaled scores
  const float *multipliers;  // null: no dropout
  int64_t length;
  float logSumExp;
  float clsCoefficient;      // 0 except in the [CLS] row
  bool clsAfterDropout;
} Row;

CK_INLINE void backwardRow(const Row *row) {
  const int64_t padded = ck_wholeLanes(row->length);
  CKIntegerLanes real;
  ck_firstLanes(&real, row->length - (padded - ckLaneCount));
  // One unit in the last place of a logSumExp of 1000 is 6e-5: dividing by the sum again takes that error out.
  CKLanes total = {}, weight, gradient, multiplier;
  for (int64_t j = 0; j < padded; j += ckLaneCount) {
    ck_load(&weight, row->weights + j);
    weight -= row->logSumExp;
    ck_exp(&weight);
    if (j + ckLaneCount > row->length) weight = (CKLanes)((CKIntegerLanes)weight & real);
    ck_store(row->weights + j, &weight);
    total += weight;
  }
  float reciprocal = 1 / ck_sum(&total);
  CKLanes projections = {};
  for (int64_t j = 0; j < padded; j += ckLaneCount) {
    ck_load(&weight, row->weights + j);
    weight *= reciprocal;
    ck_load(&gradient, row->gradients + j);
    if (row->multipliers != NULL) {
      ck_load(&multiplier, row->multipliers + j);
      if (row->clsAfterDropout) gradient += row->clsCoefficient * (weight * multiplier);
      gradient *= multiplier;
      if (!row->clsAfterDropout) gradient += row->clsCoefficient * weight;
    } else {
      gradient += row->clsCoefficient * weight;
    }
    projections += gradient * weight;
    ck_store(row->weights + j, &weight);
    ck_store(row->gradients + j, &gradient);
  }
  float projection = ck_sum(&projections);
  for (int64_t j = 0; j < padded; j += ckLaneCount) {
    ck_load(&weight, row->weights + j);
    ck_load(&gradient, row->gradients + j);
    gradient = weight * (gradient - projection);
    ck_store(row->gradients + j, &gradient);
    if (row->multipliers == NULL) continue;
    ck_load(&multiplier, row->multipliers + j);
    weight *= multiplier;
    ck_store(row->weights + j, &weight);
  }
}

/// A unit's scratch memory.
typedef struct {
  float *key, *keyTransposed, *valueTransposed;  // whole text
  float *dKey, *dValue;
  float *query, *dContext, *dQuery;              // one block of query rows
  float *weights, *gradients, *multipliers;
} Memory;

CK_INLINE Memory takeMemory(const CKAttentionUnit *unit, int64_t blockRows) {
  const int64_t matrix = unit->paddedLength * unit->paddedSize;
  const int64_t rows = blockRows * unit->paddedSize, block = blockRows * unit->paddedLength;
  float *cursor = ck_scratch(CKScratchPiece, (5 * matrix + 3 * rows + 3 * block + ckDropoutGroup) *
                                                 (int64_t)sizeof(float));
  Memory memory;
  memory.key = ck_take(&cursor, matrix);
  memory.keyTransposed = ck_take(&cursor, matrix);
  memory.valueTransposed = ck_take(&cursor, matrix);
  memory.dKey = ck_take(&cursor, matrix);
  memory.dValue = ck_take(&cursor, matrix);
  memory.query = ck_take(&cursor, rows);
  memory.dContext = ck_take(&cursor, rows);
  memory.dQuery = ck_take(&cursor, rows);
  memory.weights = ck_take(&cursor, block);
  memory.gradients = ck_take(&cursor, block);
  memory.multipliers = ck_take(&cursor, block + ckDropoutGroup);
  return memory;
}

/// Turns the block's scores and dW into W and the gradient of the scaled scores.
CK_INLINE void backwardRows(const CKAttentionBackward *arguments, const CKAttentionUnit *unit,
                            const Memory *memory, const CKDropoutRows *dropout, int64_t sequence,
                            int64_t first, int64_t rows) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t padded = unit->paddedLength, headCount = inputs->headCount;
  const bool drops = inputs->dropout.threshold != 0;
  for (int64_t row = 0; drops && row < rows; row++)
    ck_dropoutRow(memory->multipliers + row * padded, dropout,
                  (unit->firstToken + first + row) * headCount + unit->head, unit->length);
  for (int64_t row = 0; row < rows; row++) {
    bool isFirst = first + row == 0 && arguments->clsCoefficient != NULL;
    backwardRow(&(Row){
        .weights = memory->weights + row * padded,
        .gradients = memory->gradients + row * padded,
        .multipliers = drops ? memory->multipliers + row * padded : NULL,
        .length = unit->length,
        .logSumExp =
            arguments->logSumExp[(unit->firstToken + first + row) * headCount + unit->head],
        .clsCoefficient =
            isFirst ? arguments->clsCoefficient[sequence * headCount + unit->head] : 0,
        .clsAfterDropout = arguments->clsAfterDropout});
  }
}

CK_INLINE void backwardBlock(const CKAttentionBackward *arguments, const CKAttentionUnit *unit,
                             const Memory *memory, const CKDropoutRows *dropout, int64_t sequence,
                            int64_t first, int64_t rows) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t headSize = inputs->headSize, size = inputs->headCount * headSize;
  const int64_t length = unit->length, padded = unit->paddedLength, paddedSize = unit->paddedSize;
  const float scale = 1 / sqrtf((float)headSize);
  const int64_t column = unit->head * headSize;
  ck_packRows(memory->query, unit->query + first * inputs->rowStride, inputs->rowStride, rows,
              headSize);
  ck_packRows(memory->dContext, arguments->dContext + (unit->firstToken + first) * size + column,
              size, rows, headSize);

  CKTileProduct product = {.rows = rows, .columns = padded, .depth = headSize,
                           .leftRowStride = paddedSize, .leftDepthStride = 1,
                           .rightStride = padded, .outputStride = padded, .alpha = scale};
  // The same product as in the forward pass, to the bit, so that the weights still sum to one.
  product.left = memory->query, product.right = memory->keyTransposed;
  product.output = memory->weights;
  ck_tileProduct(&product);
  product.alpha = 1;
  product.left = memory->dContext, product.right = memory->valueTransposed;
  product.output = memory->gradients;
  ck_tileProduct(&product);

  backwardRows(arguments, unit, memory, dropout, sequence, first, rows);

  product = (CKTileProduct){.rows = length, .columns = paddedSize, .depth = rows,
                            .leftRowStride = 1, .leftDepthStride = padded,
                            .rightStride = paddedSize, .outputStride = paddedSize, .alpha = 1,
                            .accumulates = first > 0};
  product.left = memory->weights, product.right = memory->dContext;
  product.output = memory->dValue;
  ck_tileProduct(&product);
  product.left = memory->gradients, product.right = memory->query;
  product.output = memory->dKey, product.alpha = scale;
  ck_tileProduct(&product);

  product = (CKTileProduct){.rows = rows, .columns = paddedSize, .depth = length,
                            .left = memory->gradients,
                            .leftRowStride = padded, .leftDepthStride = 1,
                            .right = memory->key, .rightStride = paddedSize,
                            .output = memory->dQuery, .outputStride = paddedSize, .alpha = scale};
  ck_tileProduct(&product);
  ck_unpackRows(arguments->dQuery + (unit->firstToken + first) * inputs->rowStride + column,
                inputs->rowStride, memory->dQuery, rows, headSize);
}

/// The next head of the same text.
CK_INLINE void prefetchNext(const CKAttentionBackward *arguments, const CKAttentionUnit *unit) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t size = inputs->headSize, stride = inputs->rowStride;
  const int64_t column = (unit->head + 1) * size, contextStride = inputs->headCount * size;
  const int64_t offset = unit->firstToken * stride + column, length = unit->length;
  ck_prefetchRows(inputs->query + offset, stride, length, size);
  ck_prefetchRows(inputs->key + offset, stride, length, size);
  ck_prefetchRows(inputs->value + offset, stride, length, size);
  ck_prefetchRows(arguments->dContext + unit->firstToken * contextStride + column, contextStride,
                  length, size);
  ck_prefetchRows(arguments->dQuery + offset, stride, length, size);
  ck_prefetchRows(arguments->dKey + offset, stride, length, size);
  ck_prefetchRows(arguments->dValue + offset, stride, length, size);
}

CK_INLINE void backwardUnit(const CKAttentionBackward *arguments, int32_t sequence, int32_t head,
                            const CKDropoutRows *dropout, bool isFollowed) {
  const CKAttentionInputs *inputs = &arguments->inputs;
  const CKAttentionUnit unit = ck_attentionUnit(inputs, sequence, head);
  const int64_t headSize = inputs->headSize, column = head * headSize;
  const int64_t stride = inputs->rowStride;
  float *dKey = arguments->dKey + unit.firstToken * stride + column;
  float *dValue = arguments->dValue + unit.firstToken * stride + column;
  if (unit.isMasked) {
    ck_clearRows(arguments->dQuery + unit.firstToken * stride + column, stride, unit.length,
                 headSize);
    ck_clearRows(dKey, stride, unit.length, headSize);
    ck_clearRows(dValue, stride, unit.length, headSize);
    return;
  }
  const int64_t blockRows = ck_blockRows(&unit);
  const Memory memory = takeMemory(&unit, blockRows);
  ck_packRows(memory.key, unit.key, stride, unit.length, headSize);
  ck_packTransposed(memory.keyTransposed, unit.key, stride, unit.length, headSize);
  ck_packTransposed(memory.valueTransposed, unit.value, stride, unit.length, headSize);
  if (isFollowed) prefetchNext(arguments, &unit);
  for (int64_t first = 0; first < unit.length; first += blockRows) {
    int64_t rows = unit.length - first < blockRows ? unit.length - first : blockRows;
    backwardBlock(arguments, &unit, &memory, dropout, sequence, first, rows);
  }
  ck_unpackRows(dKey, stride, memory.dKey, unit.length, headSize);
  ck_unpackRows(dValue, stride, memory.dValue, unit.length, headSize);
}

CK_MULTIVERSION_PIECE(backwardPiece) {
  const Job *job = context;
  const CKAttentionPiece *heads = &job->plan.pieces[piece];
  CKDropoutRows dropout;
  ck_dropoutRows(&dropout, &job->arguments->inputs.dropout);
  for (int32_t head = heads->firstHead; head < heads->endHead; head++)
    backwardUnit(job->arguments, heads->sequence, head, &dropout, head + 1 < heads->endHead);
}

void ck_attentionBackward(const CKAttentionBackward *arguments) {
  Job job = {arguments, ck_attentionPlan(&arguments->inputs)};
  ck_parallel(job.plan.pieceCount, backwardPiece, &job);
  const CKAttentionInputs *inputs = &arguments->inputs;
  const int64_t rest = inputs->rowCount - inputs->tokenCount, stride = inputs->rowStride;
  const int64_t size = (int64_t)inputs->headCount * inputs->headSize;
  float *const gradients[] = {arguments->dQuery, arguments->dKey, arguments->dValue};
  for (int i = 0; i < 3; i++)
    ck_clearRows(gradients[i] + inputs->tokenCount * stride, stride, rest, size);
}
