#include "../../cuda/common.cuh"
#include "head_linear.h"

// One head's product is small: 32 texts by 64 features. All heads' tiles are one launch, in fp32
// whatever the precision of the large products.

constexpr int headTileRows = ckHeadTileThreads / ckWarpSize;
constexpr int headRowsPerThread = ckHeadTile / headTileRows;

/// Left or right factor of a product; one of the strides is 1.
struct HeadFactor {
  const float *values;
  int64_t stride, depthStride;
};

/// tile[place along the stride, place along the depth] = the factor from (first, firstDepth) on,
/// with zeros around it. Neighbouring lanes read neighbouring floats.
template <bool isDense>
CK_DEVICE void loadHeadFactor(float (&tile)[ckHeadTile][ckHeadTile + 1], const HeadFactor &factor,
                              int32_t first, int32_t count, int32_t firstDepth, int32_t depth) {
#pragma unroll
  for (int r = 0; r < headRowsPerThread; r++) {
    const int32_t far = warpIndex() + r * headTileRows;
    const int32_t place = isDense ? far : laneIndex(), k = isDense ? laneIndex() : far;
    const bool isReal = first + place < count && firstDepth + k < depth;
    tile[place][k] =
        isReal
            ? factor.values[(first + place) * factor.stride + (firstDepth + k) * factor.depthStride]
            : 0;
  }
}

/// sums[r] = the element of row warp + headTileRows · r and column lane of the block's tile. A
/// factor is dense where neighbours along the depth are neighbours in memory.
template <bool isLeftDense, bool isRightDense>
CK_DEVICE void multiplyHeads(float (&sums)[headRowsPerThread], const HeadFactor &left, int32_t rows,
                             const HeadFactor &right, int32_t columns, int32_t depth) {
  __shared__ float lefts[ckHeadTile][ckHeadTile + 1], rights[ckHeadTile][ckHeadTile + 1];
  const int32_t firstRow = (int32_t)blockIdx.y * ckHeadTile;
  const int32_t firstColumn = (int32_t)blockIdx.x * ckHeadTile;
#pragma unroll
  for (int r = 0; r < headRowsPerThread; r++) sums[r] = 0;
  for (int32_t firstDepth = 0; firstDepth < depth; firstDepth += ckHeadTile) {
    __syncthreads();
    loadHeadFactor<isLeftDense>(lefts, left, firstRow, rows, firstDepth, depth);
    loadHeadFactor<isRightDense>(rights, right, firstColumn, columns, firstDepth, depth);
    __syncthreads();
#pragma unroll 8
    for (int k = 0; k < ckHeadTile; k++)
#pragma unroll
      for (int r = 0; r < headRowsPerThread; r++)
        sums[r] += lefts[warpIndex() + r * headTileRows][k] * rights[laneIndex()][k];
  }
}

CK_DEVICE int32_t headTileRow(int r) {
  return (int32_t)blockIdx.y * ckHeadTile + warpIndex() + r * headTileRows;
}

CK_DEVICE int32_t headTileColumn() { return (int32_t)blockIdx.x * ckHeadTile + laneIndex(); }

CK_DEVICE HeadFactor headsFactor(const CKHeadLinear &a) {
  return {a.heads + (int64_t)blockIdx.z * a.headSize, (int64_t)a.headCount * a.headSize, 1};
}

CK_DEVICE HeadFactor inputsFactor(const CKHeadLinear &a) {
  return {a.inputs + (int64_t)blockIdx.z * a.inputSize, (int64_t)a.headCount * a.inputSize, 1};
}

CK_DEVICE HeadFactor weightFactor(const CKHeadLinear &a) {
  return {a.weight + (int64_t)blockIdx.z * a.headSize * a.inputSize, a.inputSize, 1};
}

/// The same factor by its columns.
CK_DEVICE HeadFactor transposedFactor(const HeadFactor &factor) {
  return {factor.values, factor.depthStride, factor.stride};
}

extern "C" __global__ void __launch_bounds__(ckHeadTileThreads)
    headLinearForward_headTile(const CKHeadLinear a) {
  float sums[headRowsPerThread];
  multiplyHeads<true, true>(sums, inputsFactor(a), a.rowCount, weightFactor(a), a.headSize,
                            a.inputSize);
  const int32_t head = (int32_t)blockIdx.z, column = headTileColumn();
  if (column >= a.headSize) return;
  const int64_t feature = (int64_t)head * a.headSize + column;
#pragma unroll
  for (int r = 0; r < headRowsPerThread; r++) {
    const int64_t row = headTileRow(r);
    if (row >= a.rowCount) continue;
    if (a.biasInput != nullptr) sums[r] += a.biasInput[row * a.headCount + head] * a.bias[feature];
    a.heads[row * a.headCount * a.headSize + feature] = sums[r];
  }
}

extern "C" __global__ void __launch_bounds__(ckHeadTileThreads)
    headLinearInput_headTile(const CKHeadLinear a) {
  float sums[headRowsPerThread];
  multiplyHeads<true, false>(sums, headsFactor(a), a.rowCount, transposedFactor(weightFactor(a)),
                             a.inputSize, a.headSize);
  const int64_t head = (int64_t)blockIdx.z;
  const int32_t column = headTileColumn();
#pragma unroll
  for (int r = 0; r < headRowsPerThread; r++) {
    const int64_t row = headTileRow(r);
    if (row < a.rowCount && column < a.inputSize)
      a.inputs[(row * a.headCount + head) * a.inputSize + column] = sums[r];
  }
  if (a.biasInput == nullptr || blockIdx.x != 0) return;
#pragma unroll
  for (int r = 0; r < headRowsPerThread; r++) {
    const int64_t row = headTileRow(r);
    float sum = 0;
    for (int64_t i = head * a.headSize + laneIndex();
         row < a.rowCount && i < (head + 1) * a.headSize; i += ckWarpSize)
      sum += a.heads[row * a.headCount * a.headSize + i] * a.bias[i];
    sum = warpSum(sum);
    if (row < a.rowCount && laneIndex() == 0) a.biasInput[row * a.headCount + head] = sum;
  }
}

extern "C" __global__ void __launch_bounds__(ckHeadTileThreads)
    headLinearWeight_headTile(const CKHeadLinear a) {
  float sums[headRowsPerThread];
  multiplyHeads<false, false>(sums, transposedFactor(headsFactor(a)), a.headSize,
                              transposedFactor(inputsFactor(a)), a.inputSize, a.rowCount);
  const int64_t head = (int64_t)blockIdx.z;
  const int32_t column = headTileColumn();
#pragma unroll
  for (int r = 0; r < headRowsPerThread; r++) {
    const int32_t i = headTileRow(r);
    if (i >= a.headSize || column >= a.inputSize) continue;
    float *weight = a.weight + (head * a.headSize + i) * a.inputSize + column;
    *weight = a.accumulates ? *weight + sums[r] : sums[r];
  }
  const int32_t i = (int32_t)blockIdx.y * ckHeadTile + laneIndex();
  if (blockIdx.x != 0 || warpIndex() != 0 || i >= a.headSize) return;
  const int64_t feature = head * a.headSize + i;
  float sum = 0;
  for (int64_t row = 0; a.biasInput != nullptr && row < a.rowCount; row++)
    sum +=
        a.heads[row * a.headCount * a.headSize + feature] * a.biasInput[row * a.headCount + head];
  a.bias[feature] = a.accumulates ? a.bias[feature] + sum : sum;
}
