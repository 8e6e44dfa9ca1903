/// The mask of four neighbouring columns, for the kernels that apply dropout on the way.
#ifndef CK_DROPOUT_CUH
#define CK_DROPOUT_CUH

#include "../../cuda/common.cuh"
#include "../../runtime/philox.h"
#include "dropout.h"

/// Bit i says whether column 4 · group + i of `row` is kept.
CK_DEVICE uint32_t keptBits(const CKDropout &dropout, uint32_t row, uint32_t group) {
  const uint32_t step = dropout.stepAddress == nullptr ? dropout.step : __ldg(dropout.stepAddress);
  CKPhiloxWords counter = {{group, row + dropout.firstRow, dropout.site, step}};
  const CKPhiloxWords words = ck_philox(counter, dropout.seedLow, dropout.seedHigh);
  uint32_t bits = 0;
#pragma unroll
  for (int i = 0; i < 4; i++) bits |= (words.word[i] >= dropout.threshold ? 1u : 0u) << i;
  return bits;
}

/// Multiplies the four columns from 4 · group on by `scale` or 0.
CK_DEVICE void dropFour(Four &four, const CKDropout &dropout, uint32_t row, uint32_t group) {
  if (dropout.threshold == 0) return;
  const uint32_t bits = keptBits(dropout, row, group);
#pragma unroll
  for (int i = 0; i < 4; i++) four.at[i] = bits >> i & 1 ? four.at[i] * dropout.scale : 0;
}

#endif
