#include <string.h>

#include "../../runtime/scratch.h"
#include "attention_parts.h"

/// A piece is worth beginning from this many multiplications on: some twenty microseconds.
static const int64_t smallestPiece = 250000;

CKAttentionPlan ck_attentionPlan(const CKAttentionInputs *inputs) {
  const int32_t *offsets = inputs->sequenceOffsets;
  int32_t longest = 0;
  for (int32_t text = 0; text < inputs->sequenceCount; text++) {
    int32_t length = offsets[text + 1] - offsets[text];
    if (length > longest) longest = length;
  }

  // Counting sort by length, stable: starts[k] is where texts of the k-th longest length go.
  int64_t pieceLimit = (int64_t)inputs->sequenceCount * inputs->headCount;
  CKAttentionPlan plan = {
      .pieces = ck_scratch(
          CKScratchOperation,
          pieceLimit * (int64_t)sizeof(CKAttentionPiece) +
              ((int64_t)longest + 2 + inputs->sequenceCount) * (int64_t)sizeof(int32_t))};
  int32_t *starts = (int32_t *)(plan.pieces + pieceLimit), *order = starts + longest + 2;
  memset(starts, 0, ((size_t)longest + 2) * sizeof(int32_t));
  for (int32_t text = 0; text < inputs->sequenceCount; text++)
    starts[longest - (offsets[text + 1] - offsets[text]) + 1]++;
  for (int32_t rank = 0; rank <= longest; rank++) starts[rank + 1] += starts[rank];
  for (int32_t text = 0; text < inputs->sequenceCount; text++)
    order[starts[longest - (offsets[text + 1] - offsets[text])]++] = text;

  for (int32_t rank = 0; rank < inputs->sequenceCount; rank++) {
    int32_t text = order[rank];
    int64_t length = offsets[text + 1] - offsets[text];
    int64_t queryCount = inputs->firstTokenOnly ? 1 : length;
    int64_t cost = 2 * length * (queryCount + ckLaneCount) * inputs->headSize + 1;
    int64_t heads = smallestPiece / cost + 1;
    for (int64_t head = 0; head < inputs->headCount; head += heads) {
      int64_t end = head + heads < inputs->headCount ? head + heads : inputs->headCount;
      plan.pieces[plan.pieceCount++] = (CKAttentionPiece){text, (int32_t)head, (int32_t)end};
    }
  }
  return plan;
}
