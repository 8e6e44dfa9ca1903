/// The [CLS] row of each text: output[b] = input[sequenceOffsets[b]], and its gradient.
#ifndef CK_FIRST_ROWS_H
#define CK_FIRST_ROWS_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKFirstRows {
  int32_t sequenceCount, size;
  const int32_t *CK_NONNULL sequenceOffsets; // [sequenceCount + 1]
  float *CK_NONNULL packed;                  // [tokenCount, size]
  float *CK_NONNULL firstRows;               // [sequenceCount, size]
} CKFirstRows;

/// firstRows[b] = packed[sequenceOffsets[b]].
void ck_gatherFirstRows(const CKFirstRows *CK_NONNULL arguments);
/// packed[sequenceOffsets[b]] += firstRows[b].
void ck_addToFirstRows(const CKFirstRows *CK_NONNULL arguments);

CK_END
#endif
