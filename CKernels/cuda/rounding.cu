#include "rounding.cuh"

/// The factors of one or two products for tensor cores, in one launch: a block a row of all three
/// matrices, of which the last may have none.
extern "C" __global__ void roundToBFloat16_rowPerBlock(const CKRounding first,
                                                       const CKRounding second,
                                                       const CKRounding third) {
  const int32_t inSecond = (int32_t)blockIdx.x - first.rowCount;
  const int32_t inThird = inSecond - second.rowCount;
  const CKRounding &a = inSecond < 0 ? first : inThird < 0 ? second : third;
  const int64_t index = inSecond < 0 ? (int64_t)blockIdx.x : inThird < 0 ? inSecond : inThird;
  const float *row = a.values + index * a.columnCount;
  uint16_t *rounded = a.rounded + index * a.stride;
  for (int32_t column = 4 * (int32_t)threadIdx.x; column < a.stride;
       column += 4 * (int32_t)blockDim.x) {
    storeRounded(rounded + column, loadFour(row + column, fourCount(column, a.columnCount)));
  }
}
