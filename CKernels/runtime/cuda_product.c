#include "cuda_internal.h"

/// What one product is described by. cuBLASLt counts in columns: the row-major output = left ·
/// right is its output = right · left, of the same memory.
typedef struct Description {
  void *operation, *preference;
  void *right, *left, *output;  // layouts
} Description;

/// The largest power of two, up to 16, that divides an address: what an algorithm may count on.
static uint32_t alignment(const void *address) {
  uint32_t bytes = 16;
  while ((uintptr_t)address % bytes != 0) bytes /= 2;
  return bytes;
}

static int describeLayouts(const CKDeviceBlas *blas, const CKCUDAProduct *p, Description *d) {
  uint64_t rows = (uint64_t)p->rows, columns = (uint64_t)p->columns, depth = (uint64_t)p->depth;
  const int type = p->factors == CKFactorTypeBFloat16 ? ckBlasBFloat16 : ckBlasFloat;
  int code = blas->createLayout(&d->right, type, p->transposesRight ? depth : columns,
                                p->transposesRight ? columns : depth, p->rightStride);
  if (code == 0)
    code = blas->createLayout(&d->left, type, p->transposesLeft ? rows : depth,
                              p->transposesLeft ? depth : rows, p->leftStride);
  if (code == 0) code = blas->createLayout(&d->output, ckBlasFloat, columns, rows, p->outputStride);
  return code;
}

static int describe(const CKDeviceBlas *blas, const CKCUDAProduct *p, Description *d) {
  const int transposed = ckBlasTransposed;
  const uint64_t workspace = ckWorkspaceBytes;
  const int compute = p->factors == CKFactorTypeTF32 ? ckBlasComputeTF32 : ckBlasComputeFloat;
  const void *const matrices[] = {p->right, p->left, p->output, p->output};
  int code = blas->createOperation(&d->operation, compute, ckBlasFloat);
  if (code == 0 && p->transposesRight)
    code = blas->setOperation(d->operation, ckBlasTransposeLeft, &transposed, sizeof transposed);
  if (code == 0 && p->transposesLeft)
    code = blas->setOperation(d->operation, ckBlasTransposeRight, &transposed, sizeof transposed);
  if (code == 0) code = describeLayouts(blas, p, d);
  if (code == 0) code = blas->createPreference(&d->preference);
  if (code == 0)
    code = blas->setPreference(d->preference, ckBlasWorkspaceLimit, &workspace, sizeof workspace);
  for (int i = 0; code == 0 && i < 4; i++) {
    const uint32_t bytes = alignment(matrices[i]);
    code = blas->setPreference(d->preference, ckBlasAlignmentA + i, &bytes, sizeof bytes);
  }
  return code;
}

static int multiply(CKCUDAContext *context, const CKCUDAProduct *p, const Description *d) {
  const CKDeviceBlas *blas = &context->platform->blas;
  const float alpha = 1;
  CKBlasChoice choice = {.state = ckBlasNotSupported};
  int found = 0;
  int code = blas->choose(context->blas, d->operation, d->right, d->left, d->output, d->output,
                          d->preference, 1, &choice, &found);
  if (code == 0 && found == 0) code = choice.state;
  if (code != 0) return code;
  return blas->multiply(context->blas, d->operation, &alpha, p->right, d->right, p->left, d->left,
                        &p->beta, p->output, d->output, p->output, d->output, choice.algorithm,
                        context->workspace, ckWorkspaceBytes, context->stream);
}

static void drop(const CKDeviceBlas *blas, const Description *d) {
  if (d->preference != NULL) blas->destroyPreference(d->preference);
  if (d->right != NULL) blas->destroyLayout(d->right);
  if (d->left != NULL) blas->destroyLayout(d->left);
  if (d->output != NULL) blas->destroyLayout(d->output);
  if (d->operation != NULL) blas->destroyOperation(d->operation);
}

bool ck_cudaProduct(CKCUDAContext *context, const CKCUDAProduct *product) {
  if (product->rows == 0 || product->columns == 0) return true;
  if (!ck_cudaEnter(context)) return ck_cudaLeave(context, false);
  const CKDeviceBlas *blas = &context->platform->blas;
  Description description = {};
  int code = describe(blas, product, &description);
  if (code == 0) code = multiply(context, product, &description);
  drop(blas, &description);
  if (code != 0)
    ck_cudaFail(code == ckBlasExecutionFailed ? CKCUDAFailureFault : CKCUDAFailureCall, code,
                "cublasLtMatmul", "", "a product of %d × %d × %d failed",
                product->rows, product->columns, product->depth);
  return ck_cudaLeave(context, code == 0);
}
