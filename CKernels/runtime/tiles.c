#include "tiles.h"

#include <string.h>

// Six rows of sixteen columns, or of twice as many: with AVX2 twelve sums, two right-hand vectors and one left-hand
// value fill the sixteen registers; with AVX-512 twice as many hide the latency of the multiply-add.
enum { tileRows = 6, mostTileVectors = 2 };

CK_INLINE void tile(const CKTileProduct *product, int64_t row, int64_t column, const int rows,
                    const int vectors) {
  const float *left = product->left + row * product->leftRowStride;
  const float *right = product->right + column;
  const int64_t leftRowStride = product->leftRowStride, leftStep = product->leftDepthStride;
  CKLanes sums[tileRows][mostTileVectors] = {};
  for (int64_t k = product->depth; k > 0; k--) {
    const CKLanes *lanes = (const CKLanes *)right;
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[r][v] += left[r * leftRowStride] * lanes[v];
    left += leftStep;
    right += product->rightStride;
  }
  float *output = product->output + row * product->outputStride + column;
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      CKLanes *destination = (CKLanes *)(output + r * product->outputStride) + v;
      CKLanes result = sums[r][v] * product->alpha;
      *destination = product->accumulates ? *destination + result : result;
    }
}

/// All rows of some columns, dealt evenly: 26 go as 5, 5, 5, 5 and 6, not as 6, 6, 6, 6 and 2.
CK_INLINE void multiplyColumns(const CKTileProduct *product, int64_t column, const int vectors) {
  int64_t tiles = (product->rows + tileRows - 1) / tileRows;
  for (int64_t i = 0; i < tiles; i++) {
    int64_t row = product->rows * i / tiles;
    switch (product->rows * (i + 1) / tiles - row) {
      case 1: tile(product, row, column, 1, vectors); break;
      case 2: tile(product, row, column, 2, vectors); break;
      case 3: tile(product, row, column, 3, vectors); break;
      case 4: tile(product, row, column, 4, vectors); break;
      case 5: tile(product, row, column, 5, vectors); break;
      default: tile(product, row, column, 6, vectors); break;
    }
  }
}

CK_MULTIVERSION(multiplyTiles, (const CKTileProduct *product), (product)) {
  int64_t column = 0;
  for (; column + 2 * ckLaneCount <= product->columns; column += 2 * ckLaneCount)
    multiplyColumns(product, column, 2);
  if (column < product->columns) multiplyColumns(product, column, 1);
}

CK_MULTIVERSION(packRows,
                (float *packed, const float *source, int64_t sourceStride, int64_t rows,
                 int64_t columns),
                (packed, source, sourceStride, rows, columns)) {
  const int64_t whole = columns / ckLaneCount * ckLaneCount;
  for (int64_t row = 0; row < rows; row++) {
    const float *from = source + row * sourceStride;
    CKLanes lanes;
    for (int64_t column = 0; column < whole; column += ckLaneCount) {
      ck_load(&lanes, from + column);
      ck_store(packed + column, &lanes);
    }
    packed += whole;
    if (whole == columns) continue;
    ck_loadFirst(&lanes, from + whole, columns - whole, 0);
    ck_store(packed, &lanes);
    packed += ckLaneCount;
  }
}

CK_MULTIVERSION(unpackRows,
                (float *destination, int64_t destinationStride, const float *packed, int64_t rows,
                 int64_t columns),
                (destination, destinationStride, packed, rows, columns)) {
  const int64_t whole = columns / ckLaneCount * ckLaneCount;
  for (int64_t row = 0; row < rows; row++) {
    float *to = destination + row * destinationStride;
    CKLanes lanes;
    for (int64_t column = 0; column < whole; column += ckLaneCount) {
      ck_load(&lanes, packed + column);
      ck_store(to + column, &lanes);
    }
    packed += whole;
    if (whole == columns) continue;
    ck_load(&lanes, packed);
    ck_storeFirst(to + whole, &lanes, columns - whole);
    packed += ckLaneCount;
  }
}

void ck_clearRows(float *destination, int64_t destinationStride, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; row++)
    memset(destination + row * destinationStride, 0, (size_t)columns * sizeof(float));
}

CK_MULTIVERSION(packTransposed,
                (float *packed, const float *source, int64_t sourceStride, int64_t rows,
                 int64_t columns),
                (packed, source, sourceStride, rows, columns)) {
  const int64_t packedStride = ck_wholeLanes(rows);
  for (int64_t row = 0; row < rows; row += ckLaneCount) {
    for (int64_t column = 0; column < columns; column += ckLaneCount) {
      const float *from = source + row * sourceStride + column;
      int64_t height = rows - row < ckLaneCount ? rows - row : ckLaneCount;
      int64_t width = columns - column;
      CKLanes block[ckLaneCount] = {};
      if (width >= ckLaneCount && height == ckLaneCount) {
#pragma clang loop unroll(full)
        for (int64_t r = 0; r < ckLaneCount; r++) ck_load(&block[r], from + r * sourceStride);
      } else if (width >= ckLaneCount) {
        for (int64_t r = 0; r < height; r++) ck_load(&block[r], from + r * sourceStride);
      } else {
        for (int64_t r = 0; r < height; r++)
          ck_loadFirst(&block[r], from + r * sourceStride, width, 0);
      }
      ck_transpose(block);
      float *to = packed + column * packedStride + row;
#pragma clang loop unroll(full)
      for (int64_t c = 0; c < ckLaneCount; c++) ck_store(to + c * packedStride, &block[c]);
    }
  }
}

void ck_tileProduct(const CKTileProduct *product) { multiplyTiles(product); }

void ck_packRows(float *packed, const float *source, int64_t sourceStride, int64_t rows,
                 int64_t columns) {
  packRows(packed, source, sourceStride, rows, columns);
}

void ck_packTransposed(float *packed, const float *source, int64_t sourceStride, int64_t rows,
                       int64_t columns) {
  packTransposed(packed, source, sourceStride, rows, columns);
}

void ck_unpackRows(float *destination, int64_t destinationStride, const float *packed, int64_t rows,
                   int64_t columns) {
  unpackRows(destination, destinationStride, packed, rows, columns);
}
