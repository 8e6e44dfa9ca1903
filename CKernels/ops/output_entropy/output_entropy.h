/// Negative entropy of the predicted probabilities p = softmax(logits): loss += weight · Σ_b Σ_c p
/// log p; dLogits[b, c] = weight · p_c (log p_c − Σ_k p_k log p_k).
#ifndef CK_OUTPUT_ENTROPY_H
#define CK_OUTPUT_ENTROPY_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKOutputEntropy {
  int32_t rowCount, classCount;
  float weight;                    // 1 / texts in the batch for the mean
  const float *CK_NONNULL logits;  // [rowCount, classCount]
  float *CK_NONNULL dLogits;       // [rowCount, classCount]
  float *CK_NONNULL loss;          // one value, added to
} CKOutputEntropy;

void ck_outputEntropy(const CKOutputEntropy *CK_NONNULL arguments);

CK_END
#endif
