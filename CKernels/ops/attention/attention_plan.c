#include "../../runtime/scratch.h"
#include "attention_plan.h"

/// A piece is worth beginning from this many multiplications on: some twenty microseconds.
static const int64_t smallestPiece = 250000;

CKAttentionPlan ck_attentionPlan(const CKAttentionInputs *inputs) {
  const int32_t *offsets = inputs->sequenceOffsets;
  int64_t pieceLimit = (int64_t)inputs->sequenceCount * inputs->headCount;
  CKAttentionPlan plan = {.pieces = ck_scratch(
                              CKScratchOperation, pieceLimit * (int64_t)sizeof(CKAttentionPiece))};
  for (int32_t text = 0; text < inputs->sequenceCount; text++) {
    int64_t length = offsets[text + 1] - offsets[text];
    int64_t cost = 2 * length * (length + ckLaneCount) * inputs->headSize + 1;
    int64_t heads = smallestPiece / cost + 1;
    for (int64_t head = 0; head < inputs->headCount; head += heads) {
      int64_t end = head + heads < inputs->headCount ? head + heads : inputs->headCount;
      plan.pieces[plan.pieceCount++] = (CKAttentionPiece){text, (int32_t)head, (int32_t)end};
    }
  }
  return plan;
}
