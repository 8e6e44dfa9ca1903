/// How work is cut into blocks and threads: what a kernel and its launch must agree on.
#ifndef CK_GEOMETRY_H
#define CK_GEOMETRY_H

#include "../runtime/types.h"

enum {
  ckWarpSize = 32,
  /// Threads of a block of the element-wise kernels.
  ckElementThreads = 256,
  /// Rows that one block of a kernel with a warp a row works on.
  ckRowsPerBlock = 4,
  /// Rows that are summed before they join the other rows' sums, so that rounding grows with the
  /// number of chunks.
  ckColumnChunkRows = 64,
  /// Threads of a column-sum block are so many rows of 32 columns each.
  ckColumnThreadRows = 8,
  /// Rows whose gradients of gamma, beta and bias one block sums.
  ckLayerNormChunkRows = 16,
  /// Values of which one block sums the squares, or the products with others.
  ckNormChunk = 1 << 15,
  /// Query rows and keys of an attention tile, and the threads that work on it.
  ckAttentionTile = 32,
  ckAttentionThreads = 128,
  /// The same of the kernels for tensor cores: a warp has 16 rows, as many as their instructions.
  ckAttentionTensorThreads = 64,
  /// Attention blocks that a multiprocessor must be able to hold; shared memory limits backward to
  /// as many.
  ckAttentionBlocks = 2,
  /// The same for tensor cores: the largest heads need all registers that four blocks leave them.
  ckAttentionTensorBlocks = 4,
  /// Largest head that the attention kernels hold in registers.
  ckAttentionLargestHead = 128,
  /// Rows and columns of a tile of one head's product, and the threads that work on it.
  ckHeadTile = 32,
  ckHeadTileThreads = 256,
  /// Heads of one text that a block works on, for its first token, and the threads that do.
  ckFirstTokenHeads = 4,
  ckFirstTokenThreads = 256,
  /// Tokens whose gradient one block sums over the heads.
  ckTokenTile = 8,
};

/// rounded[rowCount, stride] = values[rowCount, columnCount] as bf16, with zeros behind each row;
/// the stride is a multiple of 8.
typedef struct CKRounding {
  int32_t rowCount, columnCount, stride;
  const float *CK_NONNULL values;
  uint16_t *CK_NONNULL rounded;
} CKRounding;

/// Column sums of values[rowCount, size], chunk by chunk: partials[chunkCount, size].
typedef struct CKColumnSums {
  int32_t rowCount, size;
  const float *CK_NONNULL values;
  float *CK_NONNULL partials;
} CKColumnSums;

/// results[i] (+)= Σ over chunks of partials[chunkCount, resultCount, size], in order.
typedef struct CKPartialSums {
  int32_t chunkCount, resultCount, size;
  bool accumulates;
  const float *CK_NONNULL partials;
  float *CK_NULLABLE results[3];  // null: not asked for
} CKPartialSums;

#endif
