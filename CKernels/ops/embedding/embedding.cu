#include "../../cuda/common.cuh"
#include "embedding.h"

extern "C" __global__ void embeddingForward_tokenPerBlock(const CKEmbeddingForward a) {
  const int64_t token = blockIdx.x;
  if (token >= a.tokenCount || a.tokenIDs[token] < 0) {
    for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x)
      a.output[token * a.size + column] = 0;
    return;
  }
  const float *word = a.word + (int64_t)a.tokenIDs[token] * a.size;
  const float *position = a.position + (int64_t)(a.positions[token] + a.positionOffset) * a.size;
  float *output = a.output + token * a.size;
  for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x) {
    float sum = word[column] + position[column];
    if (a.tokenType != nullptr) sum += a.tokenType[column];
    output[column] = sum;
  }
}

/// A thread adds one column of its group's tokens in order, so that equal batches give equal bits.
extern "C" __global__ void embeddingBackward_wordPerBlock(const CKEmbeddingBackward a) {
  if (a.uniqueTokenIDs[blockIdx.x] < 0) return;
  float *destination = a.dWord + (int64_t)a.uniqueTokenIDs[blockIdx.x] * a.size;
  const int32_t first = a.groupOffsets[blockIdx.x], end = a.groupOffsets[blockIdx.x + 1];
  for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x) {
    float sum = destination[column];
    for (int32_t i = first; i < end; i++)
      sum += a.dOutput[(int64_t)a.groupedTokens[i] * a.size + column];
    destination[column] = sum;
  }
}

extern "C" __global__ void embeddingBackward_positionPerBlock(const CKEmbeddingBackward a) {
  const int32_t position = (int32_t)blockIdx.x;
  // The table may end before the longest text that a recorded launch is for.
  bool isReached = false;
  for (int32_t text = 0; text < a.sequenceCount; text++)
    isReached |= a.sequenceOffsets[text] + position < a.sequenceOffsets[text + 1];
  if (!isReached) return;
  float *destination = a.dPosition + (int64_t)(position + a.positionOffset) * a.size;
  for (int32_t column = (int32_t)threadIdx.x; column < a.size; column += (int32_t)blockDim.x) {
    float sum = destination[column];
    for (int32_t text = 0; text < a.sequenceCount; text++) {
      const int32_t token = a.sequenceOffsets[text] + position;
      if (token < a.sequenceOffsets[text + 1]) sum += a.dOutput[(int64_t)token * a.size + column];
    }
    destination[column] = sum;
  }
}
