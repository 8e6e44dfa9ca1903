/// The norm term of one layer (paper Eq. 3) from the [CLS] sums of squares s[b, h], over heads with headMask 1:
///   per text (paper):      loss += weight / textCount · Σ_b Σ_h sqrt(s[b, h]);   coefficient[b, h] = weight / (textCount · sqrt(s[b, h]))
///   joint batch (reference): loss += weight · Σ_h sqrt(Σ_b s[b, h]);             coefficient[b, h] = weight / sqrt(Σ_b s[b, h])
/// A head whose sum is zero contributes nothing and gets coefficient 0.
#ifndef CK_ATTENTION_NORM_H
#define CK_ATTENTION_NORM_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKAttentionNorm {
  int32_t sequenceCount, headCount;
  /// Texts in the whole batch, of which these `sequenceCount` may be a part.
  int32_t textCount;
  bool jointBatch;
  float weight; // mu · lambda of the layer
  const float *CK_NULLABLE headMask;    // [headCount]
  const float *CK_NONNULL clsSquareSum; // [sequenceCount, headCount]
  float *CK_NONNULL coefficient;        // [sequenceCount, headCount]
  float *CK_NONNULL loss;               // one value, added to
} CKAttentionNorm;

void ck_attentionNorm(const CKAttentionNorm *CK_NONNULL arguments);

CK_END
#endif
