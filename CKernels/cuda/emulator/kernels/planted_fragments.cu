// Products by tensor cores with fragments that are laid out rightly, and wrongly in each of the
// ways in which one can go wrong: proof that the emulator's instructions have the layout that
// tensor_cores.cuh tells.
//
// Each warp multiplies 16 rows by 8 columns and then takes the 16 × 32 products that it has with
// a second matrix as the left factor of another sum. A thread leaves how far its sums are from the
// plain ones.
#include "../../tensor_cores.cuh"
#include "include/planted.h"

enum { plantedTerms = 32, plantedStride = plantedTerms + 4 };

/// What is wrong.
enum class Fault { none, exchangedRows, exchangedTerms, exchangedColumns, wrongOrder };

/// Small whole numbers, which every factor type holds.
CK_DEVICE float plantedFactor(int matrix, int row, int term) {
  return (float)((row * 5 + term * 3 + matrix * 7 + row * term) % 13 - 6);
}

template <typename Factor>
CK_DEVICE void fillPlanted(uint32_t *rows, int matrix) {
  for (int i = (int)threadIdx.x; i < plantedTerms * plantedTerms / 4; i += (int)blockDim.x) {
    const int row = i / (plantedTerms / 4), term = i % (plantedTerms / 4) * 4;
    Four four;
    for (int j = 0; j < 4; j++) four.at[j] = plantedFactor(matrix, row, term + j);
    uint32_t words[4 / Factor::perWord];
    Factor::round(words, four);
    for (int j = 0; j < 4 / Factor::perWord; j++)
      rows[row * plantedStride + term / Factor::perWord + j] = words[j];
  }
}

/// |Σ of the lane's fragment − Σ of plain products| of left · rightᵀ, then of left · right.
template <typename Factor, Fault fault>
CK_DEVICE void checkFragments(float *differences) {
  __shared__ uint32_t left[plantedTerms * plantedStride], right[plantedTerms * plantedStride];
  fillPlanted<Factor>(left, 0);
  fillPlanted<Factor>(right, 1);
  __syncthreads();
  const int g = laneIndex() / 4, t = laneIndex() % 4;
  float sums[4] = {}, difference = 0;
  for (int word = 0; word < plantedTerms / Factor::perWord; word += 8) {
    const uint32_t *a = left + g * plantedStride + word + t;
    const uint32_t *b =
        right + (fault == Fault::exchangedColumns ? g ^ 1 : g) * plantedStride + word + t;
    uint32_t leftWords[4] = {a[0], a[8 * plantedStride], a[4], a[8 * plantedStride + 4]};
    uint32_t rightWords[2] = {b[0], b[4]};
    if (fault == Fault::exchangedRows) {
      leftWords[0] = a[8 * plantedStride];
      leftWords[1] = a[0];
    }
    if (fault == Fault::exchangedTerms) {
      rightWords[0] = b[4];
      rightWords[1] = b[0];
    }
    Factor::multiplyAdd(sums, leftWords, rightWords);
    uint32_t loaded[2][4];
    leftOfRows(loaded[0], left + word, plantedStride);
    rightOfColumns(loaded[1], right + word, plantedStride);
    for (int i = 0; i < 4; i++)
      difference += (float)(loaded[0][i] != leftWords[i]) +
                    (float)(loaded[1][i] != b[i / 2 * 8 * plantedStride + i % 2 * 4]);
  }
  for (int i = 0; i < 4; i++) {
    float plain = 0;
    for (int term = 0; term < plantedTerms; term++)
      plain += plantedFactor(0, g + i / 2 * 8, term) * plantedFactor(1, 2 * t + i % 2, term);
    difference += fabsf(sums[i] - plain);
  }

  // The second sum, over 16 terms: weights are made where the first product would have left them.
  float weights[2][4], second[4] = {}, neighbour[4] = {};
  for (int n = 0; n < 2; n++)
    for (int i = 0; i < 4; i++)
      weights[n][i] =
          plantedFactor(0, g + i / 2 * 8, 8 * n + 2 * t + (fault == Fault::wrongOrder) * 4 + i % 2);
  for (int first = 0; first < 16; first += 8 * Factor::perWord) {
    uint32_t leftWords[4], rightWords[4];
    Factor::leftOfSums(leftWords, weights + first / 8);
    Factor::rightOfRows(rightWords, right + first * plantedStride, plantedStride);
    Factor::multiplyAdd(second, leftWords, rightWords);
    Factor::multiplyAdd(neighbour, leftWords, rightWords + 2);
  }
  for (int i = 0; i < 4; i++) {
    float plain = 0, beside = 0;
    for (int term = 0; term < 16; term++) {
      const float weight = plantedFactor(0, g + i / 2 * 8, term);
      plain += weight * plantedFactor(1, term, 2 * t + i % 2);
      beside += weight * plantedFactor(1, term, 8 + 2 * t + i % 2);
    }
    difference += fabsf(second[i] - plain) + fabsf(neighbour[i] - beside);
  }

  // The third, whose left factor is the transpose of sums that went by way of shared memory.
  __syncthreads();
  uint32_t *warpRows = left + warpIndex() * 16 * plantedStride;
  for (int n = 0; n < 2; n++)
    Factor::store(warpRows + n * 8 / Factor::perWord, plantedStride, weights[n]);
  __syncwarp();
  float third[4] = {};
  for (int first = 0; first < 16; first += 8 * Factor::perWord) {
    uint32_t leftWords[4], rightWords[4];
    Factor::leftOfColumns(leftWords, warpRows + first * plantedStride, plantedStride);
    Factor::rightOfRows(rightWords, right + first * plantedStride, plantedStride);
    Factor::multiplyAdd(third, leftWords, rightWords);
  }
  for (int i = 0; i < 4; i++) {
    float plain = 0;
    for (int term = 0; term < 16; term++)
      plain += plantedFactor(0, term, g + i / 2 * 8) * plantedFactor(1, term, 2 * t + i % 2);
    difference += fabsf(third[i] - plain);
  }
  differences[threadIdx.x] = difference;
}

#define CK_PLANTED_FRAGMENTS(fault)                                               \
  extern "C" __global__ void plantedFragments_##fault##_tf32(const CKPlanted a) { \
    checkFragments<TF32, Fault::fault>(a.values);                                 \
  }                                                                               \
  extern "C" __global__ void plantedFragments_##fault##_bf16(const CKPlanted a) { \
    checkFragments<BFloat16, Fault::fault>(a.values);                             \
  }
CK_PLANTED_FRAGMENTS(none)
CK_PLANTED_FRAGMENTS(exchangedRows)
CK_PLANTED_FRAGMENTS(exchangedTerms)
CK_PLANTED_FRAGMENTS(exchangedColumns)
CK_PLANTED_FRAGMENTS(wrongOrder)
