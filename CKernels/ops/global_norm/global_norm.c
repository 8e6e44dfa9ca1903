#include "global_norm.h"

#include <math.h>

#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"

// One double for each chunk, added in order at the end: the result depends on the values and their
// number alone.
enum { chunkSize = 1 << 15, chunksHeld = 1 << 10 };

typedef struct Sums {
  const float *values;
  int64_t count;
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

static void sumChunk(void *context, int64_t piece) {
  Sums *sums = context;
  int64_t start = piece * chunkSize;
  sumSquares(sums->values + start, ck_pieceEnd(start, chunkSize, sums->count) - start,
             &sums->chunks[piece]);
}

void ck_globalNorm(const CKGlobalNorm *arguments) {
  const int64_t held = (int64_t)chunksHeld * chunkSize;
  double sum = 0;
  for (int64_t start = 0; start < arguments->count; start += held) {
    Sums sums = {.values = arguments->values + start,
                 .count = ck_pieceEnd(start, held, arguments->count) - start};
    int64_t chunks = ck_pieceCount(sums.count, chunkSize);
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
