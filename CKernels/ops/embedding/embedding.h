/// output[t] = word[tokenIDs[t]] + position[positions[t] + positionOffset] (+ tokenType[0]): single texts are all of type 0.
/// Rows behind those of the tokens are zero.
#ifndef CK_EMBEDDING_H
#define CK_EMBEDDING_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKEmbeddingForward {
  int32_t tokenCount, rowCount, size;
  int32_t positionOffset;
  const int32_t *CK_NONNULL tokenIDs;  // [tokenCount]; on a GPU below 0 where a row holds no token
  const int32_t *CK_NONNULL positions; // [tokenCount], from 0 in each text
  const float *CK_NONNULL word;        // [vocabularySize, size]
  const float *CK_NONNULL position;    // [maximumPositionCount, size]
  const float *CK_NULLABLE tokenType;  // [tokenTypeCount, size]; row 0 is used
  float *CK_NONNULL output;            // [rowCount, size]
} CKEmbeddingForward;

/// Adds each token's gradient to the rows it came from, without atomics: tokens are grouped by id by whoever made
/// the batch, and one group is summed in order by one thread. Rows that no token names keep what they hold.
typedef struct CKEmbeddingBackward {
  int32_t tokenCount, size, sequenceCount, groupCount;
  int32_t positionOffset;
  int32_t longestSequence;
  const int32_t *CK_NONNULL sequenceOffsets; // [sequenceCount + 1]
  const int32_t *CK_NONNULL uniqueTokenIDs;  // [groupCount], ascending, on a GPU then -1 for none
  const int32_t *CK_NONNULL groupOffsets;    // [groupCount + 1]
  const int32_t *CK_NONNULL groupedTokens;   // [tokenCount], rows of dOutput by group, ascending in a group
  const float *CK_NONNULL dOutput;           // [tokenCount, size]
  float *CK_NONNULL dWord;                   // [vocabularySize, size], added to
  float *CK_NONNULL dPosition;               // [maximumPositionCount, size], added to
  float *CK_NULLABLE dTokenType;             // row 0 added to
} CKEmbeddingBackward;

void ck_embeddingForward(const CKEmbeddingForward *CK_NONNULL arguments);
void ck_embeddingBackward(const CKEmbeddingBackward *CK_NONNULL arguments);

CK_END
#endif
