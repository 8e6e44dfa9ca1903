// Matrix products by cuBLASLt, which counts in columns: the row-major output = left · right is its
// output = right · left, of the same memory.
//
// The layers of a model multiply matrices of the same shapes, and batches come in few sizes
// (`Backend.rowCount`), so a shape is described, and its algorithm chosen, once for a run.
#include <string.h>

#include "cuda_internal.h"

/// The largest power of two, up to 16, that divides an address: what an algorithm may count on.
static int32_t alignment(const void *address) {
  int32_t bytes = 16;
  while ((uintptr_t)address % (uintptr_t)bytes != 0) bytes /= 2;
  return bytes;
}

static CKBlasShape shapeOf(const CKCUDAProduct *p) {
  return (CKBlasShape){
      .factors = p->factors,
      .rows = p->rows,
      .columns = p->columns,
      .depth = p->depth,
      .transposesLeft = p->transposesLeft,
      .transposesRight = p->transposesRight,
      .strides = {p->leftStride, p->rightStride, p->outputStride},
      .alignments = {alignment(p->left), alignment(p->right), alignment(p->output)},
      .biasAlignment = p->bias == NULL ? 0 : alignment(p->bias)};
}

static int describe(const CKDeviceBlas *blas, CKBlasPlan *plan) {
  const CKBlasShape *s = &plan->shape;
  const uint64_t rows = (uint64_t)s->rows, columns = (uint64_t)s->columns,
                 depth = (uint64_t)s->depth;
  const int transposed = ckBlasTransposed;
  const int compute = s->factors == CKFactorTypeTF32 ? ckBlasComputeTF32 : ckBlasComputeFloat;
  const int type = s->factors == CKFactorTypeBFloat16 ? ckBlasBFloat16 : ckBlasFloat;
  int code = blas->createOperation(&plan->operation, compute, ckBlasFloat);
  if (code == 0 && s->transposesRight)
    code = blas->setOperation(plan->operation, ckBlasTransposeLeft, &transposed, sizeof transposed);
  if (code == 0 && s->transposesLeft)
    code =
        blas->setOperation(plan->operation, ckBlasTransposeRight, &transposed, sizeof transposed);
  if (code == 0)
    code = blas->createLayout(&plan->right, type, s->transposesRight ? depth : columns,
                              s->transposesRight ? columns : depth, s->strides[1]);
  if (code == 0)
    code = blas->createLayout(&plan->left, type, s->transposesLeft ? rows : depth,
                              s->transposesLeft ? depth : rows, s->strides[0]);
  if (code == 0)
    code = blas->createLayout(&plan->output, ckBlasFloat, columns, rows, s->strides[2]);
  return code;
}

/// Names the bias, a number for each row of what is a column-major matrix to cuBLASLt.
static int nameBias(const CKDeviceBlas *blas, const CKBlasPlan *plan, const float *bias) {
  return blas->setOperation(plan->operation, ckBlasBiasAddress, &bias, sizeof bias);
}

/// Where the bias lies is part of what an algorithm is chosen by.
static int addBias(const CKDeviceBlas *blas, const CKBlasPlan *plan, const float *bias) {
  const int epilogue = ckBlasEpilogueBias;
  const int code = blas->setOperation(plan->operation, ckBlasEpilogue, &epilogue, sizeof epilogue);
  return code == 0 ? nameBias(blas, plan, bias) : code;
}

static int choose(CKCUDAContext *context, CKBlasPlan *plan) {
  const CKDeviceBlas *blas = &context->platform->blas;
  const uint64_t workspace = ckWorkspaceBytes;
  const int32_t *alignments = plan->shape.alignments;
  const uint32_t bytes[] = {(uint32_t)alignments[1], (uint32_t)alignments[0],
                            (uint32_t)alignments[2], (uint32_t)alignments[2]};
  void *preference = NULL;
  int found = 0, code = blas->createPreference(&preference);
  if (code == 0)
    code = blas->setPreference(preference, ckBlasWorkspaceLimit, &workspace, sizeof workspace);
  for (int i = 0; code == 0 && i < 4; i++)
    code = blas->setPreference(preference, ckBlasAlignmentA + i, &bytes[i], sizeof bytes[i]);
  if (code == 0)
    code = blas->choose(context->blas, plan->operation, plan->right, plan->left, plan->output,
                        plan->output, preference, 1, &plan->choice, &found);
  if (preference != NULL) blas->destroyPreference(preference);
  if (code == 0 && found == 0) code = ckBlasNotSupported;
  return code == 0 ? plan->choice.state : code;
}

static void drop(const CKDeviceBlas *blas, CKBlasPlan *plan) {
  if (plan->right != NULL) blas->destroyLayout(plan->right);
  if (plan->left != NULL) blas->destroyLayout(plan->left);
  if (plan->output != NULL) blas->destroyLayout(plan->output);
  if (plan->operation != NULL) blas->destroyOperation(plan->operation);
  *plan = (CKBlasPlan){};
}

void ck_cudaDropPlans(CKCUDAContext *context) {
  for (int i = 0; i < ckMostPlans; i++) drop(&context->platform->blas, &context->plans[i]);
}

static uint32_t hash(const CKBlasShape *shape) {
  const uint8_t *bytes = (const uint8_t *)shape;
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < sizeof *shape; i++) hash = (hash ^ bytes[i]) * 16777619u;
  return hash ^ hash >> 16;
}

/// The place of this shape's plan: with it, else a free one, else one whose plan is dropped.
static CKBlasPlan *placeOf(CKCUDAContext *context, const CKBlasShape *shape) {
  const uint32_t first = hash(shape);
  CKBlasPlan *free = NULL;
  for (uint32_t i = 0; i < ckPlanPlaces; i++) {
    CKBlasPlan *plan = &context->plans[(first + i) % ckMostPlans];
    if (memcmp(&plan->shape, shape, sizeof *shape) == 0) return plan;
    if (free == NULL && plan->operation == NULL) free = plan;
  }
  if (free != NULL) return free;
  context->nextPlan = (context->nextPlan + 1) % ckPlanPlaces;
  CKBlasPlan *oldest = &context->plans[(first + (uint32_t)context->nextPlan) % ckMostPlans];
  drop(&context->platform->blas, oldest);
  return oldest;
}

/// The plan for products of this shape; null with cuBLASLt's code.
static CKBlasPlan *findPlan(CKCUDAContext *context, CKBlasShape shape, const float *bias,
                            int *code) {
  CKBlasPlan *plan = placeOf(context, &shape);
  if (plan->operation != NULL) return plan;
  for (bool addsBias = bias != NULL;; addsBias = false) {
    plan->shape = shape;
    plan->addsBias = addsBias;
    *code = describe(&context->platform->blas, plan);
    if (*code == 0 && addsBias) *code = addBias(&context->platform->blas, plan, bias);
    if (*code == 0) *code = choose(context, plan);
    if (*code == 0) return plan;
    drop(&context->platform->blas, plan);
    if (!addsBias) return NULL;
  }
}

bool ck_cudaProduct(CKCUDAContext *context, const CKCUDAProduct *p, bool *hasBias) {
  *hasBias = false;
  if (p->rows == 0 || p->columns == 0) return true;
  if (!ck_cudaEnter(context)) return ck_cudaLeave(context, false);
  const float alpha = 1;
  int code = 0;
  CKBlasPlan *plan = findPlan(context, shapeOf(p), p->bias, &code);
  if (plan != NULL && plan->addsBias) {
    code = nameBias(&context->platform->blas, plan, p->bias);
    *hasBias = true;
  }
  if (plan != NULL && code == 0)
    code = context->platform->blas.multiply(
        context->blas, plan->operation, &alpha, p->right, plan->right, p->left, plan->left,
        &p->beta, p->output, plan->output, p->output, plan->output, plan->choice.algorithm,
        context->workspace, ckWorkspaceBytes, context->stream);
  if (code != 0)
    ck_cudaFail(code == ckBlasExecutionFailed ? CKCUDAFailureFault : CKCUDAFailureCall, code,
                "cublasLtMatmul", "", "a product of %d × %d × %d failed", p->rows, p->columns,
                p->depth);
  return ck_cudaLeave(context, code == 0);
}
