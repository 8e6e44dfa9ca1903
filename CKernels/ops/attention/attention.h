/// Packed variable-length softmax attention with head mask, dropout and the [CLS] sum of squares.
///
/// For text b, head h, query row i and key j of the same text, with P the softmax over j:
///   P[i, j] = softmax_j(query[i, h] · key[j, h] / sqrt(headSize)),  W = dropout(P),
///   context[i, h] = headMask[h] · Σ_j W[i, j] · value[j, h].
/// Dropout element: row = (query token in the batch) · headCount + h, column = j counted within the text.
/// No attention matrix is stored: the backward pass recomputes P from logSumExp. A masked head and an empty text get
/// zeros everywhere, and so do the rows behind the last text's, of which there may be some.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include "../../runtime/types.h"
#include "../dropout/dropout.h"
CK_BEGIN

/// What forward and backward both read.
typedef struct CKAttentionInputs {
  int32_t sequenceCount, tokenCount, rowCount, headCount, headSize;
  int32_t longestSequence;
  const int32_t *CK_NONNULL sequenceOffsets; // [sequenceCount + 1], from 0 to tokenCount <= rowCount
  /// [rowCount] rows each, `rowStride` floats apart; head h starts at column h · headSize.
  const float *CK_NONNULL query;
  const float *CK_NONNULL key;
  const float *CK_NONNULL value;
  int32_t rowStride;
  const float *CK_NULLABLE headMask; // [headCount] of 0 or 1; null: all alive
  CKDropout dropout;
} CKAttentionInputs;

typedef struct CKAttentionForward {
  CKAttentionInputs inputs;
  float *CK_NONNULL context;          // [rowCount, headCount · headSize]
  float *CK_NULLABLE logSumExp;       // [rowCount, headCount], ln Σ_j exp(scaled score); 0 for masked heads
  /// Σ_j a[j]² of the [CLS] row (the first row of each text), [sequenceCount, headCount]; 0 for masked heads.
  float *CK_NULLABLE clsSquareSum;
  /// Σ_j a[j] over the same entries, [sequenceCount, headCount].
  float *CK_NULLABLE clsSum;
  /// Only the first `clsPrefix` entries of the row count (reference recipe: maximum length − 1); 0: all. For variance
  /// scores alone: the norm term, whose gradient the backward pass adds, is over the whole row in both recipes.
  int32_t clsPrefix;
  /// a = W (after dropout, reference recipe) instead of P.
  bool clsAfterDropout;
  uint16_t *CK_NULLABLE roundedContext; // on a GPU also the context in bf16, for heads of even size
} CKAttentionForward;

/// Writes dQuery, dKey, dValue with the stride of query, key and value. Masked heads get zeros.
/// The norm term adds clsCoefficient[b, h] · a[j] to the gradient of a[j] in the [CLS] row, a = P, or W when
/// `clsAfterDropout`.
typedef struct CKAttentionBackward {
  CKAttentionInputs inputs;
  const float *CK_NONNULL context;           // of the forward pass; the CPU half works without it
  const float *CK_NONNULL logSumExp;
  const float *CK_NONNULL dContext;          // [rowCount, headCount · headSize]
  const float *CK_NULLABLE clsCoefficient;   // [sequenceCount, headCount]
  bool clsAfterDropout;
  float *CK_NONNULL dQuery;
  float *CK_NONNULL dKey;
  float *CK_NONNULL dValue;
  /// On a GPU also the three in bf16, with the same stride, for heads of even size.
  uint16_t *CK_NULLABLE roundedQuery, *CK_NULLABLE roundedKey, *CK_NULLABLE roundedValue;
} CKAttentionBackward;

void ck_attentionForward(const CKAttentionForward *CK_NONNULL arguments);
void ck_attentionBackward(const CKAttentionBackward *CK_NONNULL arguments);

CK_END
#endif
