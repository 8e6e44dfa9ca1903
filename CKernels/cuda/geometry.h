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
  /// Columns that one block sums, and its threads.
  ckColumnSumColumns = 8,
  ckColumnSumThreads = 256,
  /// Rows whose gradients of gamma, beta and bias one block sums.
  ckLayerNormChunkRows = 16,
  /// Counters of blocks that arrive where sums of many of them are joined.
  ckArrivalCounters = 1024,
  /// Values of which one block sums the squares, or the products with others.
  ckNormChunk = 1 << 15,
  /// Query rows and keys of an attention tile, and the threads that work on it.
  ckAttentionTile = 32,
  ckAttentionThreads = 128,
  /// Attention blocks that a multiprocessor must be able to hold; shared memory limits backward to
  /// as many.
  ckAttentionBlocks = 2,
  /// The kernels for tensor cores: rows of a warp, as many as their instructions have, and words
  /// behind each row of shared memory.
  ckAttentionTensorRows = 16,
  ckAttentionPadding = 4,
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

/// Threads of an attention block of so many rows, on tensor cores.
#define ckAttentionTensorThreads(rows) ((rows) / ckAttentionTensorRows * ckWarpSize)

/// Attention blocks of so many rows, on tensor cores, that a multiprocessor must be able to hold:
/// the largest heads need all the registers that this leaves them.
#define ckAttentionTensorBlocks(rows) ((rows) == 32 ? 4 : (rows) == 64 ? 2 : 1)

/// rounded[rowCount, stride] = values[rowCount, columnCount] as bf16, with zeros behind each row;
/// the stride is a multiple of 8.
typedef struct CKRounding {
  int32_t rowCount, columnCount, stride;
  const float *CK_NONNULL values;
  uint16_t *CK_NONNULL rounded;
} CKRounding;

/// result[size] (+)= column sums of values[rowCount, size].
typedef struct CKColumnSums {
  int32_t rowCount, size;
  bool accumulates;
  const float *CK_NONNULL values;
  float *CK_NONNULL result;
} CKColumnSums;

/// Sums of many blocks on their way to one: each block leaves a row of sums. Of each group of so
/// many blocks the last to arrive adds the group's rows, and of the groups the last adds theirs.
typedef struct CKJoining {
  void *CK_NONNULL rows;           // a row a block, and behind them one a group
  uint32_t *CK_NONNULL counters;   // of all groups, and of each; zero before and after
  int32_t groupSize;
} CKJoining;

#endif
