#include "embedding.h"

#include "../../runtime/parallel.h"
#include "../../runtime/tiles.h"
#include "../../runtime/vector.h"

enum { tokensPerPiece = 32, groupsPerPiece = 16, columnsPerPiece = 64 };

CK_INLINE void addRow(float *restrict destination, const float *restrict source, int64_t size) {
  for (int64_t column = 0; column < size; column++) destination[column] += source[column];
}

CK_MULTIVERSION_PIECE(forwardPiece) {
  const CKEmbeddingForward *arguments = context;
  const int64_t size = arguments->size;
  int64_t first = piece * tokensPerPiece;
  int64_t end = ck_pieceEnd(first, tokensPerPiece, arguments->tokenCount);
  for (int64_t token = first; token < end; token++) {
    const float *restrict word = arguments->word + arguments->tokenIDs[token] * size;
    const float *restrict position =
        arguments->position + (arguments->positions[token] + arguments->positionOffset) * size;
    float *restrict output = arguments->output + token * size;
    for (int64_t column = 0; column < size; column++)
      output[column] = word[column] + position[column];
    if (arguments->tokenType != NULL) addRow(output, arguments->tokenType, size);
  }
}

void ck_embeddingForward(const CKEmbeddingForward *arguments) {
  ck_parallel(ck_pieceCount(arguments->tokenCount, tokensPerPiece), forwardPiece,
              (void *)arguments);
  const int64_t size = arguments->size, rest = arguments->rowCount - arguments->tokenCount;
  ck_clearRows(arguments->output + arguments->tokenCount * size, size, rest, size);
}

CK_INLINE void addGroups(const CKEmbeddingBackward *arguments, int64_t piece) {
  const int64_t size = arguments->size;
  int64_t first = piece * groupsPerPiece;
  int64_t end = ck_pieceEnd(first, groupsPerPiece, arguments->groupCount);
  for (int64_t group = first; group < end; group++) {
    float *destination = arguments->dWord + arguments->uniqueTokenIDs[group] * size;
    for (int32_t i = arguments->groupOffsets[group]; i < arguments->groupOffsets[group + 1]; i++)
      addRow(destination, arguments->dOutput + arguments->groupedTokens[i] * size, size);
  }
}

CK_INLINE void addPosition(const CKEmbeddingBackward *arguments, int64_t position) {
  const int64_t size = arguments->size;
  float *destination = arguments->dPosition + (position + arguments->positionOffset) * size;
  for (int32_t text = 0; text < arguments->sequenceCount; text++) {
    int64_t token = arguments->sequenceOffsets[text] + position;
    if (token < arguments->sequenceOffsets[text + 1])
      addRow(destination, arguments->dOutput + token * size, size);
  }
}

CK_INLINE void addColumns(const CKEmbeddingBackward *arguments, int64_t piece) {
  const int64_t size = arguments->size;
  int64_t first = piece * columnsPerPiece;
  int64_t end = ck_pieceEnd(first, columnsPerPiece, size);
  float sums[columnsPerPiece] = {};
  for (int64_t token = 0; token < arguments->tokenCount; token++)
    addRow(sums, arguments->dOutput + token * size + first, end - first);
  addRow(arguments->dTokenType + first, sums, end - first);
}

typedef struct {
  const CKEmbeddingBackward *arguments;
  int64_t positionPieces, columnPieces;
} BackwardJob;

// The three gradients are independent of each other, so one round of pieces makes them all.
CK_MULTIVERSION_PIECE(backwardPiece) {
  const BackwardJob *job = context;
  if (piece < job->columnPieces) {
    addColumns(job->arguments, piece);
  } else if (piece < job->columnPieces + job->positionPieces) {
    addPosition(job->arguments, piece - job->columnPieces);
  } else {
    addGroups(job->arguments, piece - job->columnPieces - job->positionPieces);
  }
}

void ck_embeddingBackward(const CKEmbeddingBackward *arguments) {
  if (arguments->tokenCount == 0) return;
  BackwardJob job = {
      .arguments = arguments,
      .positionPieces = arguments->longestSequence,
      .columnPieces =
          arguments->dTokenType != NULL ? ck_pieceCount(arguments->size, columnsPerPiece) : 0,
  };
  ck_parallel(job.columnPieces + job.positionPieces +
                  ck_pieceCount(arguments->groupCount, groupsPerPiece),
              backwardPiece, &job);
}
