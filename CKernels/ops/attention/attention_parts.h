/// What the forward and the backward pass of attention share: how the work is cut, and the small dense products that
/// one text and head are made of. Everything of a unit lives in a thread's scratch memory as rows of whole lanes,
/// with zeros behind the real columns.
#ifndef CK_ATTENTION_PARTS_H
#define CK_ATTENTION_PARTS_H

#include "../../runtime/vector.h"
#include "attention.h"

// MARK: Cutting the work

/// Query rows whose scores are held at once: long texts go through a block of the attention matrix at a time, which
/// stays in the second-level cache.
enum { ckAttentionBlockRows = 48 };

/// Some heads of one text.
typedef struct CKAttentionPiece {
  int32_t sequence, firstHead, endHead;
} CKAttentionPiece;

typedef struct CKAttentionPlan {
  int64_t pieceCount;
  CKAttentionPiece *pieces;
} CKAttentionPlan;

/// Texts in order, so that a thread finds in its cache what it has computed of them. Lives in the calling thread's
/// scratch memory of the operation.
CKAttentionPlan ck_attentionPlan(const CKAttentionInputs *inputs);

/// One head of one text.
typedef struct CKAttentionUnit {
  int32_t head;
  int64_t length, queryCount;
  int64_t firstToken, firstQuery;      // rows of key and value, and of query
  int64_t paddedLength, paddedSize;    // length and headSize in whole lanes
  const float *query, *key, *value;    // of this text and head
  bool isMasked;                       // contributes nothing: masked head or empty text
} CKAttentionUnit;

CK_INLINE int64_t ck_wholeLanes(int64_t count) {
  return (count + ckLaneCount - 1) / ckLaneCount * ckLaneCount;
}

CK_INLINE CKAttentionUnit ck_attentionUnit(const CKAttentionInputs *inputs, int32_t sequence,
                                           int32_t head) {
  int64_t column = (int64_t)head * inputs->headSize;
  CKAttentionUnit unit = {.head = head};
  unit.firstToken = inputs->sequenceOffsets[sequence];
  unit.length = inputs->sequenceOffsets[sequence + 1] - unit.firstToken;
  unit.firstQuery = inputs->firstTokenOnly ? sequence : unit.firstToken;
  unit.queryCount = inputs->firstTokenOnly ? 1 : unit.length;
  unit.paddedLength = ck_wholeLanes(unit.length);
  unit.paddedSize = ck_wholeLanes(inputs->headSize);
  unit.query = inputs->query + unit.firstQuery * inputs->queryStride + column;
  unit.key = inputs->key + unit.firstToken * inputs->keyValueStride + column;
  unit.value = inputs->value + unit.firstToken * inputs->keyValueStride + column;
  unit.isMasked =
      unit.length == 0 || (inputs->headMask != NULL && inputs->headMask[head] == 0);
  return unit;
}

/// Rows of a block: the query rows in as few blocks as the limit allows, of equal height.
CK_INLINE int64_t ck_blockRows(const CKAttentionUnit *unit) {
  int64_t blocks = (unit->queryCount + ckAttentionBlockRows - 1) / ckAttentionBlockRows;
  return (unit->queryCount + blocks - 1) / blocks;
}

/// All bits set in the first `count` lanes, 0 ... 16.
CK_INLINE void ck_firstLanes(CKIntegerLanes *mask, int64_t count) {
  const CKIntegerLanes lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  *mask = lane < (int32_t)count;
}

/// Asks for a head's rows ahead of their use: they lie too far apart for the processor to foresee.
CK_INLINE void ck_prefetchRows(const float *source, int64_t stride, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column += ckLaneCount)
      __builtin_prefetch(source + row * stride + column);
}

/// The next `count` floats of a scratch memory.
CK_INLINE float *ck_take(float **cursor, int64_t count) {
  float *taken = *cursor;
  *cursor += ck_wholeLanes(count);
  return taken;
}

// MARK: Dense parts

/// output[rows, columns] = alpha · left[rows, depth] · right[depth, columns] (+ output), with `columns` in whole
/// lanes. `left` may lie in any order, so that its transpose is read in place.
typedef struct CKTileProduct {
  int64_t rows, columns, depth;
  const float *left;
  int64_t leftRowStride, leftDepthStride;
  const float *right;
  int64_t rightStride;
  float *output;
  int64_t outputStride;
  float alpha;
  bool accumulates;
} CKTileProduct;

void ck_tileProduct(const CKTileProduct *product);

/// packed[rows, whole lanes] = source[rows, columns].
void ck_packRows(float *packed, const float *source, int64_t sourceStride, int64_t rows,
                 int64_t columns);

/// destination[rows, columns] = packed[rows, whole lanes].
void ck_unpackRows(float *destination, int64_t destinationStride, const float *packed, int64_t rows,
                   int64_t columns);

/// packed[whole lanes of columns, whole lanes of rows] = transpose of source[rows, columns].
void ck_packTransposed(float *packed, const float *source, int64_t sourceStride, int64_t rows,
                       int64_t columns);

/// Zeros in destination[rows, columns].
void ck_clearRows(float *destination, int64_t destinationStride, int64_t rows, int64_t columns);

#endif
