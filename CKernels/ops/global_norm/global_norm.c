#include "global_norm.h"

#include <math.h>

#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"

// One double for each chunk, of rows of the table and then of values, added in order at the end:
// the result depends on what is added and its order alone.
enum { chunkSize = 1 << 15, chunkRows = 64, chunksHeld = 1 << 10 };

typedef struct Sums {
  const CKGlobalNorm *arguments;
  int64_t first, rowChunks;
  double chunks[chunksHeld];
} Sums;

CK_MULTIVERSION(sumSquares, (const float *values, int64_t count, double *result),
                (values, count, result)) {
  // Two accumulators, because one would wait for its own additions.
  CKDoubleLanes sums[2] = {};
  int64_t i = 0;
  for (; i + 2 * ckLaneCount <= count; i += 2 * ckLaneCount) {
    for (int half = 0; half < 2; half++) {
      CKLanes x;
      ck_load(&x, values + i + half * ckLaneCount);
      CKDoubleLanes wide = __builtin_convertvector(x, CKDoubleLanes);
      sums[half] += wide * wide;
    }
  }
  sums[0] += sums[1];
  double sum = 0;
  for (int lane = 0; lane < ckLaneCount; lane++) sum += sums[0][lane];
  for (; i < count; i++) sum += (double)values[i] * values[i];
  *result = sum;
}

static double sumOfRows(const CKGlobalNorm *a, int64_t start, int64_t end) {
  double sum = 0, row;
  for (int64_t i = start; i < end; i++) {
    sumSquares(a->table + (int64_t)a->rows[i] * a->size, a->size, &row);
    sum += row;
  }
  return sum;
}

static void sumChunk(void *context, int64_t piece) {
  Sums *sums = context;
  const CKGlobalNorm *a = sums->arguments;
  int64_t chunk = sums->first + piece;
  if (chunk < sums->rowChunks) {
    int64_t start = chunk * chunkRows;
    sums->chunks[piece] = sumOfRows(a, start, ck_pieceEnd(start, chunkRows, a->rowCount));
  } else {
    int64_t start = (chunk - sums->rowChunks) * chunkSize;
    sumSquares(a->values + start, ck_pieceEnd(start, chunkSize, a->count) - start,
               &sums->chunks[piece]);
  }
}

void ck_globalNorm(const CKGlobalNorm *arguments) {
  Sums sums = {.arguments = arguments, .rowChunks = ck_pieceCount(arguments->rowCount, chunkRows)};
  int64_t chunkCount = sums.rowChunks + ck_pieceCount(arguments->count, chunkSize);
  double sum = 0;
  for (; sums.first < chunkCount; sums.first += chunksHeld) {
    int64_t chunks = ck_pieceEnd(sums.first, chunksHeld, chunkCount) - sums.first;
    ck_parallel(chunks, sumChunk, &sums);
    for (int64_t i = 0; i < chunks; i++) sum += sums.chunks[i];
  }
  double norm = sqrt(sum);
  arguments->result[0] = (float)norm;
  if (!isfinite(arguments->result[0])) {
    arguments->result[1] = __builtin_nanf("");
    return;
  }
  double scale = (double)arguments->maximumNorm / (norm + 1e-6);
  arguments->result[1] = scale < 1 ? (float)scale : 1;
}
