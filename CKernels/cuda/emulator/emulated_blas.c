#include "emulated_blas.h"

#include <stdlib.h>
#include <string.h>

#include "../../runtime/blas.h"
#include "emulator.h"

enum { invalidValue = 7 };

typedef struct Operation {
  int transposes[2];
} Operation;

/// A column-major matrix.
typedef struct Layout {
  uint64_t rows, columns;
  int64_t stride;
} Layout;

static int create(void **handle) {
  *handle = malloc(1);
  return *handle == NULL ? invalidValue : 0;
}

static int destroy(void *handle) {
  free(handle);
  return 0;
}

static int createOperation(void **operation, int computeType, int scaleType) {
  if ((computeType != ckBlasComputeFloat && computeType != ckBlasComputeTF32) || scaleType != ckBlasFloat)
    return invalidValue;
  *operation = calloc(1, sizeof(Operation));
  return *operation == NULL ? invalidValue : 0;
}

static int setOperation(void *operation, int attribute, const void *value, size_t byteCount) {
  if (byteCount != sizeof(int) || attribute < ckBlasTransposeLeft || attribute > ckBlasTransposeRight)
    return invalidValue;
  memcpy(&((Operation *)operation)->transposes[attribute - ckBlasTransposeLeft], value, sizeof(int));
  return 0;
}

static int createLayout(void **layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  if (type != ckBlasFloat || rows == 0 || columns == 0 || stride < (int64_t)rows) return invalidValue;
  Layout *made = malloc(sizeof *made);
  if (made == NULL) return invalidValue;
  *made = (Layout){rows, columns, stride};
  *layout = made;
  return 0;
}

static bool isInside(const void *matrix, const Layout *layout) {
  uint64_t count = (layout->columns - 1) * (uint64_t)layout->stride + layout->rows;
  return ck_isEmulatedMemory(matrix, count * sizeof(float));
}

static int multiply(void *handle, void *operation, const void *alpha, const void *a, void *layoutA, const void *b,
                    void *layoutB, const void *beta, const void *c, void *layoutC, void *d, void *layoutD,
                    const void *algorithm, void *workspace, size_t workspaceBytes, void *stream) {
  (void)algorithm, (void)workspace, (void)workspaceBytes;
  const Layout *left = layoutA, *right = layoutB, *output = layoutD;
  const int *transposes = ((Operation *)operation)->transposes;
  uint64_t rows = transposes[0] ? left->columns : left->rows, depth = transposes[0] ? left->rows : left->columns;
  uint64_t columns = transposes[1] ? right->rows : right->columns;
  if (handle == NULL || stream == NULL || *(const float *)alpha != 1 || c != d || layoutC != layoutD ||
      depth != (transposes[1] ? right->columns : right->rows) || rows != output->rows || columns != output->columns ||
      !isInside(a, left) || !isInside(b, right) || !isInside(d, output))
    return invalidValue;
  // The transpose of a column-major product is a row-major one with its factors exchanged.
  ck_product(&(CKProduct){.rows = (int32_t)columns,
                          .columns = (int32_t)rows,
                          .depth = (int32_t)depth,
                          .transposesLeft = transposes[1] != 0,
                          .transposesRight = transposes[0] != 0,
                          .left = b,
                          .leftStride = (int32_t)right->stride,
                          .right = a,
                          .rightStride = (int32_t)left->stride,
                          .beta = *(const float *)beta,
                          .output = d,
                          .outputStride = (int32_t)output->stride});
  return 0;
}

const CKDeviceBlas ck_emulatedBlas = {.create = create,
                                      .destroy = destroy,
                                      .createOperation = createOperation,
                                      .destroyOperation = destroy,
                                      .setOperation = setOperation,
                                      .createLayout = createLayout,
                                      .destroyLayout = destroy,
                                      .multiply = multiply};
