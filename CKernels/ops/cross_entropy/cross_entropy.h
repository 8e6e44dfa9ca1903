/// Softmax cross-entropy: loss += weight · Σ_b −log softmax(logits[b])[labels[b]]; dLogits = weight · (softmax − one-hot).
#ifndef CK_CROSS_ENTROPY_H
#define CK_CROSS_ENTROPY_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKCrossEntropy {
  int32_t rowCount, classCount;
  float weight;                        // 1 / texts in the batch for the mean
  const float *CK_NONNULL logits;      // [rowCount, classCount]
  const int32_t *CK_NONNULL labels;    // [rowCount]
  float *CK_NULLABLE dLogits;          // [rowCount, classCount]
  float *CK_NONNULL loss;              // one value, added to
} CKCrossEntropy;

void ck_crossEntropy(const CKCrossEntropy *CK_NONNULL arguments);

CK_END
#endif
