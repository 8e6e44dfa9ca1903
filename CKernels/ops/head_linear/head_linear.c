#include "head_linear.h"

#include "../../runtime/blas.h"
#include "../../runtime/parallel.h"

/// One head's part of the tensors, whose rows lie `stride` floats apart.
typedef struct {
  float *heads, *inputs, *weight;
  int32_t headsStride, inputsStride;
} Head;

static Head headAt(const CKHeadLinear *a, int64_t head) {
  return (Head){
      .heads = a->heads + head * a->headSize,
      .inputs = a->inputs + head * a->inputSize,
      .weight = a->weight + head * a->headSize * a->inputSize,
      .headsStride = a->headCount * a->headSize,
      .inputsStride = a->headCount * a->inputSize,
  };
}

static void forwardHead(void *context, int64_t head) {
  const CKHeadLinear *a = context;
  Head part = headAt(a, head);
  for (int64_t row = 0; a->biasInput != NULL && row < a->rowCount; row++) {
    const float *bias = a->bias + head * a->headSize;
    float one = a->biasInput[row * a->headCount + head];
    for (int64_t i = 0; i < a->headSize; i++)
      part.heads[row * part.headsStride + i] = one * bias[i];
  }
  ck_product(&(CKProduct){.rows = a->rowCount,
                          .columns = a->headSize,
                          .depth = a->inputSize,
                          .left = part.inputs,
                          .leftStride = part.inputsStride,
                          .transposesRight = true,
                          .right = part.weight,
                          .rightStride = a->inputSize,
                          .beta = a->biasInput == NULL ? 0 : 1,
                          .output = part.heads,
                          .outputStride = part.headsStride});
}

static void inputHead(void *context, int64_t head) {
  const CKHeadLinear *a = context;
  Head part = headAt(a, head);
  for (int64_t row = 0; a->biasInput != NULL && row < a->rowCount; row++) {
    const float *bias = a->bias + head * a->headSize;
    float sum = 0;
    for (int64_t i = 0; i < a->headSize; i++)
      sum += part.heads[row * part.headsStride + i] * bias[i];
    a->biasInput[row * a->headCount + head] = sum;
  }
  ck_product(&(CKProduct){.rows = a->rowCount,
                          .columns = a->inputSize,
                          .depth = a->headSize,
                          .left = part.heads,
                          .leftStride = part.headsStride,
                          .right = part.weight,
                          .rightStride = a->inputSize,
                          .output = part.inputs,
                          .outputStride = part.inputsStride});
}

static void weightHead(void *context, int64_t head) {
  const CKHeadLinear *a = context;
  Head part = headAt(a, head);
  for (int64_t i = 0; i < a->headSize; i++) {
    float sum = 0;
    for (int64_t row = 0; a->biasInput != NULL && row < a->rowCount; row++)
      sum += part.heads[row * part.headsStride + i] * a->biasInput[row * a->headCount + head];
    float *bias = a->bias + head * a->headSize + i;
    *bias = a->accumulates ? *bias + sum : sum;
  }
  ck_product(&(CKProduct){.rows = a->headSize,
                          .columns = a->inputSize,
                          .depth = a->rowCount,
                          .transposesLeft = true,
                          .left = part.heads,
                          .leftStride = part.headsStride,
                          .right = part.inputs,
                          .rightStride = part.inputsStride,
                          .beta = a->accumulates ? 1 : 0,
                          .output = part.weight,
                          .outputStride = a->inputSize});
}

// A product asked for inside a piece runs on that piece's thread: a head each, since one head's is
// too short to be shared.

void ck_headLinearForward(const CKHeadLinear *arguments) {
  ck_parallel(arguments->headCount, forwardHead, (void *)arguments);
}

void ck_headLinearInput(const CKHeadLinear *arguments) {
  ck_parallel(arguments->headCount, inputHead, (void *)arguments);
}

void ck_headLinearWeight(const CKHeadLinear *arguments) {
  ck_parallel(arguments->headCount, weightHead, (void *)arguments);
}
