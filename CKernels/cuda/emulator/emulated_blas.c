#include "emulated_blas.h"

#include <stdlib.h>
#include <string.h>

#include "../../runtime/blas.h"
#include "emulator.h"
#include "graphs.h"

enum { invalidValue = 7 };

typedef struct Operation {
  int computeType;
  int transposes[2];
  int epilogue;
  const float *bias;
} Operation;

/// A column-major matrix.
typedef struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t stride;
} Layout;

static int getProperty(int property, int *value) {
  *value = property == ckBlasMajorVersion ? 12 : 4;
  return property <= ckBlasMinorVersion ? 0 : invalidValue;
}

static int create(void **handle) {
  *handle = malloc(1);
  return *handle == NULL ? invalidValue : 0;
}

static int destroy(void *handle) {
  free(handle);
  return 0;
}

static int createOperation(void **operation, int computeType, int scaleType) {
  if ((computeType != ckBlasComputeFloat && computeType != ckBlasComputeTF32) ||
      scaleType != ckBlasFloat)
    return invalidValue;
  Operation *made = calloc(1, sizeof *made);
  if (made == NULL) return invalidValue;
  made->computeType = computeType;
  *operation = made;
  return 0;
}

static int setOperation(void *operation, int attribute, const void *value, size_t byteCount) {
  Operation *o = operation;
  if (attribute == ckBlasBiasAddress && byteCount == sizeof o->bias) {
    memcpy(&o->bias, value, byteCount);
    return 0;
  }
  if (attribute == ckBlasEpilogue && byteCount == sizeof o->epilogue) {
    memcpy(&o->epilogue, value, byteCount);
    return o->epilogue == ckBlasEpilogueBias ? 0 : invalidValue;
  }
  if (byteCount != sizeof(int) || attribute < ckBlasTransposeLeft ||
      attribute > ckBlasTransposeRight)
    return invalidValue;
  memcpy(&o->transposes[attribute - ckBlasTransposeLeft], value, sizeof(int));
  return 0;
}

static int createLayout(void **layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  if ((type != ckBlasFloat && type != ckBlasBFloat16) || rows == 0 || columns == 0 ||
      stride < (int64_t)rows)
    return invalidValue;
  Layout *made = malloc(sizeof *made);
  if (made == NULL) return invalidValue;
  *made = (Layout){type, rows, columns, stride};
  *layout = made;
  return 0;
}

static bool isInside(const void *matrix, const Layout *layout) {
  uint64_t count = (layout->columns - 1) * (uint64_t)layout->stride + layout->rows;
  return ck_isEmulatedMemory(matrix, count * (layout->type == ckBlasFloat ? 4 : 2));
}

/// A factor as a tensor core takes it: bf16 is exact in fp32; tf32 is rounded to nearest, halves
/// away from zero. A NaN stays one.
static float roundedFactor(const void *matrix, const Layout *layout, uint64_t index, bool toTF32) {
  uint32_t bits = layout->type == ckBlasBFloat16 ? (uint32_t)((const uint16_t *)matrix)[index] << 16
                                                 : ((const uint32_t *)matrix)[index];
  if (toTF32 && (bits & 0x7FFFFFFF) < 0x7F800000) bits = (bits + 0x1000) & ~0x1FFFu;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// A copy without gaps, which the caller gives back; null without memory.
static float *roundedFactors(const void *matrix, const Layout *layout, bool toTF32) {
  float *copy = malloc(layout->rows * layout->columns * sizeof *copy);
  for (uint64_t column = 0; copy != NULL && column < layout->columns; column++)
    for (uint64_t row = 0; row < layout->rows; row++)
      copy[column * layout->rows + row] =
          roundedFactor(matrix, layout, column * (uint64_t)layout->stride + row, toTF32);
  return copy;
}

/// What the caller promises of its matrices.
typedef struct Preference {
  uint64_t workspaceBytes;
  uint32_t alignments[4];
} Preference;

static int createPreference(void **preference) {
  *preference = calloc(1, sizeof(Preference));
  return *preference == NULL ? invalidValue : 0;
}

static int setPreference(void *preference, int attribute, const void *value, size_t byteCount) {
  Preference *p = preference;
  if (attribute == ckBlasWorkspaceLimit && byteCount == sizeof p->workspaceBytes) {
    memcpy(&p->workspaceBytes, value, byteCount);
    return 0;
  }
  if (attribute < ckBlasAlignmentA || attribute > ckBlasAlignmentA + 3 ||
      byteCount != sizeof *p->alignments)
    return invalidValue;
  memcpy(&p->alignments[attribute - ckBlasAlignmentA], value, byteCount);
  return 0;
}

/// The one algorithm there is relies on the promised alignments, which it carries with it.
static int choose(void *handle, void *operation, void *layoutA, void *layoutB, void *layoutC,
                  void *layoutD, void *preference, int requested, CKBlasChoice *choices,
                  int *found) {
  const Preference *p = preference;
  if (handle == NULL || operation == NULL || layoutA == NULL || layoutB == NULL ||
      layoutC != layoutD || requested < 1)
    return invalidValue;
  *choices = (CKBlasChoice){.workspaceBytes = p->workspaceBytes};
  for (int i = 0; i < 4; i++) choices->algorithm[i] = p->alignments[i];
  *found = 1;
  return 0;
}

/// A product with all that describes it.
typedef struct Product {
  Operation operation;
  Layout left, right, output;
  const void *a, *b;
  float *d;
  float beta;
} Product;

static int runProduct(const void *arguments) {
  const Product *p = arguments;
  const Layout *left = &p->left, *right = &p->right, *output = &p->output;
  const uint64_t rows = output->rows, columns = output->columns;
  const int *transposes = p->operation.transposes;
  const bool toTF32 = p->operation.computeType == ckBlasComputeTF32;
  float *leftCopy = roundedFactors(p->a, left, toTF32),
        *rightCopy = roundedFactors(p->b, right, toTF32);
  // The transpose of a column-major product is a row-major one with its factors exchanged.
  if (leftCopy != NULL && rightCopy != NULL)
    ck_product(&(CKProduct){.rows = (int32_t)columns,
                            .columns = (int32_t)rows,
                            .depth = (int32_t)(transposes[0] ? left->rows : left->columns),
                            .transposesLeft = transposes[1] != 0,
                            .transposesRight = transposes[0] != 0,
                            .left = rightCopy,
                            .leftStride = (int32_t)right->rows,
                            .right = leftCopy,
                            .rightStride = (int32_t)left->rows,
                            .beta = p->beta,
                            .output = p->d,
                            .outputStride = (int32_t)output->stride});
  const bool addsBias = p->operation.epilogue == ckBlasEpilogueBias;
  for (uint64_t column = 0; addsBias && column < columns; column++)
    for (uint64_t row = 0; row < rows; row++)
      p->d[column * (uint64_t)output->stride + row] += p->operation.bias[row];
  const bool isDone = leftCopy != NULL && rightCopy != NULL;
  free(leftCopy);
  free(rightCopy);
  return isDone ? 0 : invalidValue;
}

static int multiply(void *handle, void *operation, const void *alpha, const void *a, void *layoutA,
                    const void *b, void *layoutB, const void *beta, const void *c, void *layoutC,
                    void *d, void *layoutD, const void *algorithm, void *workspace,
                    size_t workspaceBytes, void *stream) {
  const uint64_t *alignments = algorithm;
  const void *const matrices[] = {a, b, c, d};
  for (int i = 0; i < 4; i++)
    if (alignments[i] < sizeof(float) || (uintptr_t)matrices[i] % alignments[i] != 0)
      return invalidValue;
  if (!ck_isEmulatedMemory(workspace, workspaceBytes)) return invalidValue;
  const Layout *left = layoutA, *right = layoutB, *output = layoutD;
  const int *transposes = ((Operation *)operation)->transposes;
  uint64_t rows = transposes[0] ? left->columns : left->rows,
           depth = transposes[0] ? left->rows : left->columns;
  uint64_t columns = transposes[1] ? right->rows : right->columns;
  if (handle == NULL || stream == NULL || *(const float *)alpha != 1 || c != d ||
      layoutC != layoutD || depth != (transposes[1] ? right->columns : right->rows) ||
      left->type != right->type || output->type != ckBlasFloat || rows != output->rows ||
      columns != output->columns || !isInside(a, left) || !isInside(b, right) ||
      !isInside(d, output))
    return invalidValue;
  const float *bias = ((Operation *)operation)->bias;
  const bool addsBias = ((Operation *)operation)->epilogue == ckBlasEpilogueBias;
  if (addsBias && !ck_isEmulatedMemory(bias, rows * sizeof *bias)) return invalidValue;
  const Product product = {*(Operation *)operation, *left, *right, *output, a, b, d,
                           *(const float *)beta};
  return ck_isCapturing() ? ck_capture(runProduct, &product, sizeof product) : runProduct(&product);
}

const CKDeviceBlas ck_emulatedBlas = {.property = getProperty,
                                      .create = create,
                                      .destroy = destroy,
                                      .createOperation = createOperation,
                                      .destroyOperation = destroy,
                                      .setOperation = setOperation,
                                      .createLayout = createLayout,
                                      .destroyLayout = destroy,
                                      .createPreference = createPreference,
                                      .destroyPreference = destroy,
                                      .setPreference = setPreference,
                                      .choose = choose,
                                      .multiply = multiply};
