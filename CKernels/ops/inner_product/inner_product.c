#include "inner_product.h"

#include "../../runtime/parallel.h"
#include "../../runtime/vector.h"

// One double for each chunk, added in order at the end: the result depends on the values alone.
enum { chunkSize = 1 << 15, chunksHeld = 1 << 10 };

typedef struct Sums {
  const CKInnerProduct *arguments;
  int64_t first;
  double chunks[chunksHeld];
} Sums;

CK_MULTIVERSION(sumProducts,
                (const float *left, const float *right, int64_t count, double *result),
                (left, right, count, result)) {
  // Two accumulators, because one would wait for its own additions.
  CKDoubleLanes sums[2] = {};
  int64_t i = 0;
  for (; i + 2 * ckLaneCount <= count; i += 2 * ckLaneCount) {
    for (int half = 0; half < 2; half++) {
      CKLanes x, y;
      ck_load(&x, left + i + half * ckLaneCount);
      ck_load(&y, right + i + half * ckLaneCount);
      sums[half] +=
          __builtin_convertvector(x, CKDoubleLanes) * __builtin_convertvector(y, CKDoubleLanes);
    }
  }
  sums[0] += sums[1];
  double sum = 0;
  for (int lane = 0; lane < ckLaneCount; lane++) sum += sums[0][lane];
  for (; i < count; i++) sum += (double)left[i] * right[i];
  *result = sum;
}

static void sumChunk(void *context, int64_t piece) {
  Sums *sums = context;
  const CKInnerProduct *a = sums->arguments;
  int64_t start = (sums->first + piece) * chunkSize;
  sumProducts(a->left + start, a->right + start, ck_pieceEnd(start, chunkSize, a->count) - start,
              &sums->chunks[piece]);
}

void ck_innerProduct(const CKInnerProduct *arguments) {
  Sums sums = {.arguments = arguments};
  int64_t chunkCount = ck_pieceCount(arguments->count, chunkSize);
  double sum = 0;
  for (; sums.first < chunkCount; sums.first += chunksHeld) {
    int64_t chunks = ck_pieceEnd(sums.first, chunksHeld, chunkCount) - sums.first;
    ck_parallel(chunks, sumChunk, &sums);
    for (int64_t i = 0; i < chunks; i++) sum += sums.chunks[i];
  }
  *arguments->result = (float)sum;
}
