/// norm = sqrt(Σ values² + Σ table[rows]²), summed in a fixed order; scale = min(1, maximumNorm / (norm + 1e-6)), as
/// torch.nn.utils.clip_grad_norm_ has it. A norm that is not finite gives scale = NaN, so that it cannot pass unseen.
#ifndef CK_GLOBAL_NORM_H
#define CK_GLOBAL_NORM_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKGlobalNorm {
  int64_t count;
  const float *CK_NONNULL values;
  /// Rows of a table, each once, that are not zero; the others are not read.
  int64_t rowCount;
  int32_t size;                       // columns of the table
  const int32_t *CK_NULLABLE rows;    // [rowCount], on a GPU also -1 for none
  const float *CK_NULLABLE table;
  float maximumNorm;                  // infinity: measure only, scale = 1
  float *CK_NONNULL result;           // two values: norm, scale
} CKGlobalNorm;

void ck_globalNorm(const CKGlobalNorm *CK_NONNULL arguments);

CK_END
#endif
