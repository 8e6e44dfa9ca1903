#include "first_token_attention.h"

#include <math.h>

#include "../../runtime/parallel.h"
#include "../../runtime/scratch.h"
#include "../../runtime/tiles.h"
#include "../dropout/dropout_row.h"

// The lanes are heads: weights lie as [tokens, heads], so that the layer's input is read in place
// in every product, and the softmax over the tokens needs no reduction across lanes.

/// One text.
typedef struct {
  int64_t index, firstToken, length;
  int64_t headCount, paddedHeads;  // the latter in whole lanes, as is paddedSize
  int64_t size, paddedSize;
  const float *input;  // the text's rows of it
  int64_t offset;      // of the text in [texts, heads, size]
  float *cursor;       // what is left of the thread's scratch memory
} Text;

/// With room for what either pass takes: three matrices of weights and the rows that dropout draws;
/// one of [heads, size] transposed; and where rows are no whole lanes, three more of [heads, size]
/// and two of [tokens, size].
CK_INLINE Text textAt(const CKFirstTokenInputs *inputs, int64_t index) {
  Text text = {.index = index, .firstToken = inputs->sequenceOffsets[index]};
  text.length = inputs->sequenceOffsets[index + 1] - text.firstToken;
  text.headCount = inputs->headCount, text.paddedHeads = ck_wholeLanes(text.headCount);
  text.size = inputs->size, text.paddedSize = ck_wholeLanes(text.size);
  text.input = inputs->input + text.firstToken * text.size;
  text.offset = index * text.headCount * text.size;
  const int64_t length = ck_wholeLanes(text.length), matrix = text.paddedHeads * text.paddedSize;
  int64_t count = 4 * length * text.paddedHeads + ckDropoutGroup + matrix;
  if (text.size != text.paddedSize) count += 3 * matrix + 2 * length * text.paddedSize;
  text.cursor = ck_scratch(CKScratchPiece, count * (int64_t)sizeof(float));
  return text;
}

/// Rows of the layer's size as factors of a product, in whole lanes: in place where they are.
CK_INLINE const float *wholeRows(Text *text, const float *rows, int64_t count) {
  if (text->size == text->paddedSize) return rows;
  float *packed = ck_take(&text->cursor, count * text->paddedSize);
  ck_packRows(packed, rows, text->size, count, text->size);
  return packed;
}

/// output[count, size] = left[count, depth] · right[depth, size], and + left2 · right2 where those
/// are given; the right factors as of wholeRows.
typedef struct {
  int64_t count, depth, rowStride, depthStride;
  const float *left, *right, *left2, *right2;
} Sum;

CK_INLINE void writeRows(Text *text, float *output, const Sum *sum) {
  bool isInPlace = text->size == text->paddedSize;
  float *rows = isInPlace ? output : ck_take(&text->cursor, sum->count * text->paddedSize);
  CKTileProduct product = {.rows = sum->count,
                           .columns = text->paddedSize,
                           .depth = sum->depth,
                           .left = sum->left,
                           .leftRowStride = sum->rowStride,
                           .leftDepthStride = sum->depthStride,
                           .right = sum->right,
                           .rightStride = text->paddedSize,
                           .output = rows,
                           .outputStride = text->paddedSize,
                           .alpha = 1};
  ck_tileProduct(&product);
  if (sum->left2 != NULL) {
    product.left = sum->left2, product.right = sum->right2, product.accumulates = true;
    ck_tileProduct(&product);
  }
  if (!isInPlace) ck_unpackRows(output, text->size, rows, sum->count, text->size);
}

/// Zeros for masked heads, of which a product leaves NaN where the input is not finite.
CK_INLINE void clearMasked(const CKFirstTokenInputs *inputs, float *rows) {
  for (int32_t head = 0; inputs->headMask != NULL && head < inputs->headCount; head++)
    if (inputs->headMask[head] == 0)
      ck_clearRows(rows + (int64_t)head * inputs->size, inputs->size, 1, inputs->size);
}

/// weights[tokens, heads] = alpha · input · rowsᵀ, rows being one [heads, size] of the text.
CK_INLINE float *multiplyInput(Text *text, const float *rows, float alpha) {
  float *transposed = ck_take(&text->cursor, text->paddedSize * text->paddedHeads);
  float *weights = ck_take(&text->cursor, text->length * text->paddedHeads);
  ck_packTransposed(transposed, rows, text->size, text->headCount, text->size);
  ck_tileProduct(&(CKTileProduct){.rows = text->length,
                                  .columns = text->paddedHeads,
                                  .depth = text->size,
                                  .left = text->input,
                                  .leftRowStride = text->size,
                                  .leftDepthStride = 1,
                                  .right = transposed,
                                  .rightStride = text->paddedHeads,
                                  .output = weights,
                                  .outputStride = text->paddedHeads,
                                  .alpha = alpha});
  return weights;
}

/// What dropout multiplies the weights by, [tokens, heads]; null without dropout.
CK_INLINE const float *drawMultipliers(Text *text, const CKDropout *dropout) {
  if (dropout->threshold == 0) return NULL;
  CKDropoutRows rows;
  ck_dropoutRows(&rows, dropout);
  const int64_t padded = ck_wholeLanes(text->length);
  float *multipliers = ck_take(&text->cursor, padded * text->paddedHeads);
  float *drawn = ck_take(&text->cursor, text->headCount * padded + ckDropoutGroup);
  for (int64_t head = 0; head < text->headCount; head++)
    ck_dropoutRow(drawn + head * padded, &rows, text->firstToken * text->headCount + head,
                  text->length);
  ck_packTransposed(multipliers, drawn, padded, text->headCount, text->length);
  return multipliers;
}

// MARK: Forward

/// Makes P of a lane of scaled scores a head, `stride` floats from token to token.
CK_INLINE void softmax(float *weights, int64_t stride, int64_t length,
                       const CKIntegerLanes *alive) {
  CKLanes largest = (CKLanes){} - INFINITY, total = {}, x;
  for (int64_t j = 0; j < length; j++) {
    ck_load(&x, weights + j * stride);
    ck_raise(&largest, &x);
  }
  for (int64_t j = 0; j < length; j++) {
    ck_load(&x, weights + j * stride);
    x -= largest;
    ck_exp(&x);
    total += x;
    ck_store(weights + j * stride, &x);
  }
  CKLanes reciprocal = 1 / total;
  for (int64_t j = 0; j < length; j++) {
    ck_load(&x, weights + j * stride);
    x = (CKLanes)((CKIntegerLanes)(x * reciprocal) & *alive);
    ck_store(weights + j * stride, &x);
  }
}

/// Turns the scaled scores of up to sixteen heads into W, and writes what is asked for about them.
CK_INLINE void weighHeads(const CKFirstTokenForward *a, const Text *text, int64_t firstHead,
                          float *weights, const float *multipliers) {
  const CKFirstTokenInputs *inputs = &a->inputs;
  const int64_t count = ck_pieceEnd(0, ckLaneCount, text->headCount - firstHead);
  const int64_t stride = text->paddedHeads, index = text->index * text->headCount + firstHead;
  CKIntegerLanes alive;
  ck_firstLanes(&alive, count);
  CKLanes mask, weight, multiplier = (CKLanes){} + 1;
  if (inputs->headMask != NULL) {
    ck_loadFirst(&mask, inputs->headMask + firstHead, count, 0);
    alive &= mask != 0;
  }
  softmax(weights, stride, text->length, &alive);

  CKLanes weightSum = {}, sum = {}, squares = {};
  for (int64_t j = 0; j < text->length; j++) {
    ck_load(&weight, weights + j * stride);
    ck_storeFirst(a->probabilities + (text->firstToken + j) * text->headCount + firstHead, &weight,
                  count);
    CKLanes counted = weight;
    if (multipliers != NULL) {
      ck_load(&multiplier, multipliers + j * stride);
      weight *= multiplier;
      ck_store(weights + j * stride, &weight);
      if (a->clsAfterDropout) counted = weight;
    }
    weightSum += weight;
    if (a->clsPrefix > 0 && j >= a->clsPrefix) continue;
    sum += counted;
    squares += counted * counted;
  }
  ck_storeFirst(a->weightSum + index, &weightSum, count);
  if (a->clsSum != NULL) ck_storeFirst(a->clsSum + index, &sum, count);
  if (a->clsSquareSum != NULL) ck_storeFirst(a->clsSquareSum + index, &squares, count);
}

CK_MULTIVERSION_PIECE(forwardText) {
  const CKFirstTokenForward *a = context;
  const CKFirstTokenInputs *inputs = &a->inputs;
  Text text = textAt(inputs, piece);
  float *weights = multiplyInput(&text, inputs->query + text.offset, inputs->scale);
  const float *multipliers = drawMultipliers(&text, &inputs->dropout);
  for (int64_t head = 0; head < text.headCount; head += ckLaneCount)
    weighHeads(a, &text, head, weights + head, multipliers == NULL ? NULL : multipliers + head);
  writeRows(&text, a->attended + text.offset,
            &(Sum){.count = text.headCount,
                   .depth = text.length,
                   .left = weights,
                   .rowStride = 1,
                   .depthStride = text.paddedHeads,
                   .right = wholeRows(&text, text.input, text.length)});
  clearMasked(inputs, a->attended + text.offset);
}

void ck_firstTokenForward(const CKFirstTokenForward *arguments) {
  ck_parallel(arguments->inputs.sequenceCount, forwardText, (void *)arguments);
}

// MARK: Backward

/// Turns dW of up to sixteen heads into the gradient of the scaled scores, and writes W.
CK_INLINE void backwardHeads(const CKFirstTokenBackward *a, const Text *text, int64_t firstHead,
                             float *gradients, float *weights, const float *multipliers) {
  const int64_t count = ck_pieceEnd(0, ckLaneCount, text->headCount - firstHead);
  const int64_t stride = text->paddedHeads, index = text->index * text->headCount + firstHead;
  CKLanes dWeightSum, coefficient = {}, multiplier = (CKLanes){} + 1, projection = {};
  CKLanes weight, gradient;
  ck_loadFirst(&dWeightSum, a->dWeightSum + index, count, 0);
  if (a->clsCoefficient != NULL) ck_loadFirst(&coefficient, a->clsCoefficient + index, count, 0);
  for (int64_t j = 0; j < text->length; j++) {
    ck_loadFirst(&weight, a->probabilities + (text->firstToken + j) * text->headCount + firstHead,
                 count, 0);
    ck_load(&gradient, gradients + j * stride);
    if (multipliers != NULL) ck_load(&multiplier, multipliers + j * stride);
    gradient += dWeightSum;
    if (a->clsAfterDropout) gradient += coefficient * (weight * multiplier);
    gradient *= multiplier;
    if (!a->clsAfterDropout) gradient += coefficient * weight;
    projection += gradient * weight;
    ck_store(gradients + j * stride, &gradient);
    ck_store(weights + j * stride, &weight);
  }
  for (int64_t j = 0; j < text->length; j++) {
    ck_load(&weight, weights + j * stride);
    ck_load(&gradient, gradients + j * stride);
    gradient = weight * (gradient - projection) * a->inputs.scale;
    ck_store(gradients + j * stride, &gradient);
    if (multipliers == NULL) continue;
    ck_load(&multiplier, multipliers + j * stride);
    weight *= multiplier;
    ck_store(weights + j * stride, &weight);
  }
}

CK_MULTIVERSION_PIECE(backwardText) {
  const CKFirstTokenBackward *a = context;
  const CKFirstTokenInputs *inputs = &a->inputs;
  Text text = textAt(inputs, piece);
  float *gradients = multiplyInput(&text, a->dAttended + text.offset, 1);
  float *weights = ck_take(&text.cursor, text.length * text.paddedHeads);
  const float *multipliers = drawMultipliers(&text, &inputs->dropout);
  for (int64_t head = 0; head < text.headCount; head += ckLaneCount)
    backwardHeads(a, &text, head, gradients + head, weights + head,
                  multipliers == NULL ? NULL : multipliers + head);
  writeRows(&text, a->dQuery + text.offset,
            &(Sum){.count = text.headCount,
                   .depth = text.length,
                   .left = gradients,
                   .rowStride = 1,
                   .depthStride = text.paddedHeads,
                   .right = wholeRows(&text, text.input, text.length)});
  clearMasked(inputs, a->dQuery + text.offset);
  writeRows(&text, a->dInput + text.firstToken * text.size,
            &(Sum){.count = text.length,
                   .depth = text.headCount,
                   .left = gradients,
                   .left2 = weights,
                   .rowStride = text.paddedHeads,
                   .depthStride = 1,
                   .right = wholeRows(&text, inputs->query + text.offset, text.headCount),
                   .right2 = wholeRows(&text, a->dAttended + text.offset, text.headCount)});
}

void ck_firstTokenBackward(const CKFirstTokenBackward *arguments) {
  const CKFirstTokenInputs *inputs = &arguments->inputs;
  ck_parallel(inputs->sequenceCount, backwardText, (void *)arguments);
  const int64_t size = inputs->size, rest = inputs->rowCount - inputs->tokenCount;
  ck_clearRows(arguments->dInput + inputs->tokenCount * size, size, rest, size);
}
