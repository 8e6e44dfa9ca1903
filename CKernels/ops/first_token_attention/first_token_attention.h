/// The last layer's attention, of which only each text's first token is asked, over the layer's input itself.
///
/// With one query a text it is cheaper to carry the query back through the key's weight than every token forward:
///   query · (Wk · x[j] + bk) = (Wkᵀ · query) · x[j] + a number that the softmax does not see, and
///   Σ_j W[j] · (Wv · x[j] + bv) = Wv · (Σ_j W[j] · x[j]) + (Σ_j W[j]) · bv.
/// `head_linear` does what stands in parentheses. For text b, head h and its tokens j:
///   P = softmax_j(scale · query[b, h] · input[j]),  W = headMask[h] · dropout(P),
///   attended[b, h] = Σ_j W[j] · input[j],  weightSum[b, h] = Σ_j W[j].
/// Dropout element: row = (first token in the batch) · headCount + h, column = j counted within the text.
///
/// A masked head and an empty text get zeros everywhere. dInput sums over all heads, though, so that a masked head's
/// query and dAttended show in it where they are not finite.
#ifndef CK_FIRST_TOKEN_ATTENTION_H
#define CK_FIRST_TOKEN_ATTENTION_H

#include "../../runtime/types.h"
#include "../dropout/dropout.h"
CK_BEGIN

/// What forward and backward both read.
typedef struct CKFirstTokenInputs {
  int32_t sequenceCount, tokenCount, rowCount, headCount, size;
  int32_t longestSequence;
  const int32_t *CK_NONNULL sequenceOffsets; // [sequenceCount + 1], from 0 to tokenCount <= rowCount
  const float *CK_NONNULL query;             // [sequenceCount, headCount, size]
  const float *CK_NONNULL input;             // [rowCount, size]
  float scale;                               // 1 / sqrt(headSize)
  const float *CK_NULLABLE headMask;         // [headCount] of 0 or 1; null: all alive
  CKDropout dropout;
} CKFirstTokenInputs;

typedef struct CKFirstTokenForward {
  CKFirstTokenInputs inputs;
  float *CK_NONNULL probabilities; // [tokenCount, headCount], P; 0 for masked heads
  float *CK_NONNULL attended;          // [sequenceCount, headCount, size]
  float *CK_NONNULL weightSum;     // [sequenceCount, headCount]
  /// As in CKAttentionForward.
  float *CK_NULLABLE clsSquareSum;
  float *CK_NULLABLE clsSum;
  int32_t clsPrefix;
  bool clsAfterDropout;
} CKFirstTokenForward;

/// Writes dQuery and dInput. The norm term is that of CKAttentionBackward.
typedef struct CKFirstTokenBackward {
  CKFirstTokenInputs inputs;
  const float *CK_NONNULL probabilities;   // of the forward pass
  const float *CK_NONNULL dAttended;           // [sequenceCount, headCount, size]
  const float *CK_NONNULL dWeightSum;      // [sequenceCount, headCount]
  const float *CK_NULLABLE clsCoefficient; // [sequenceCount, headCount]
  bool clsAfterDropout;
  float *CK_NONNULL dQuery;                // [sequenceCount, headCount, size]
  float *CK_NONNULL dInput;                // [rowCount, size]; zeros behind the last text
} CKFirstTokenBackward;

void ck_firstTokenForward(const CKFirstTokenForward *CK_NONNULL arguments);
void ck_firstTokenBackward(const CKFirstTokenBackward *CK_NONNULL arguments);

CK_END
#endif
