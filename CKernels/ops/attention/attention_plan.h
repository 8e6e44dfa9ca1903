/// How the forward and the backward pass of attention cut their work.
#ifndef CK_ATTENTION_PLAN_H
#define CK_ATTENTION_PLAN_H

#include "../../runtime/tiles.h"
#include "attention.h"

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
  int64_t length, firstToken;
  int64_t paddedLength, paddedSize;    // length and headSize in whole lanes
  const float *query, *key, *value;    // of this text and head
  bool isMasked;                       // contributes nothing: masked head or empty text
} CKAttentionUnit;

CK_INLINE CKAttentionUnit ck_attentionUnit(const CKAttentionInputs *inputs, int32_t sequence,
                                           int32_t head) {
  CKAttentionUnit unit = {.head = head};
  unit.firstToken = inputs->sequenceOffsets[sequence];
  unit.length = inputs->sequenceOffsets[sequence + 1] - unit.firstToken;
  unit.paddedLength = ck_wholeLanes(unit.length);
  unit.paddedSize = ck_wholeLanes(inputs->headSize);
  int64_t offset = unit.firstToken * inputs->rowStride + (int64_t)head * inputs->headSize;
  unit.query = inputs->query + offset;
  unit.key = inputs->key + offset;
  unit.value = inputs->value + offset;
  unit.isMasked =
      unit.length == 0 || (inputs->headMask != NULL && inputs->headMask[head] == 0);
  return unit;
}

/// Rows of a block: the query rows in as few blocks as the limit allows, of equal height.
CK_INLINE int64_t ck_blockRows(const CKAttentionUnit *unit) {
  int64_t blocks = (unit->length + ckAttentionBlockRows - 1) / ckAttentionBlockRows;
  return (unit->length + blocks - 1) / blocks;
}

/// Asks for a head's rows ahead of their use: they lie too far apart for the processor to foresee.
CK_INLINE void ck_prefetchRows(const float *source, int64_t stride, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t column = 0; column < columns; column += ckLaneCount)
      __builtin_prefetch(source + row * stride + column);
}

#endif
