/// sum    = residual + dropout(input + bias)
/// output = outputDropout((sum − mean) · reciprocalDeviation · gamma + beta)
/// with mean and biased variance over the row by two passes, reciprocalDeviation = 1 / sqrt(variance + epsilon).
#ifndef CK_LAYER_NORM_H
#define CK_LAYER_NORM_H

#include "../../runtime/types.h"
#include "../dropout/dropout.h"
CK_BEGIN

typedef struct CKLayerNormForward {
  int32_t rowCount, size;
  float epsilon;
  float *CK_NONNULL input;             // [rowCount, size]; out: the sum, which the backward pass reads
  const float *CK_NULLABLE bias;       // [size]
  const float *CK_NULLABLE residual;   // [rowCount, size]
  CKDropout inputDropout;
  const float *CK_NONNULL gamma, *CK_NONNULL beta; // [size]
  CKDropout outputDropout;
  float *CK_NONNULL output;            // [rowCount, size]
  float *CK_NULLABLE mean, *CK_NULLABLE reciprocalDeviation; // [rowCount]; may be null without a backward pass
  uint16_t *CK_NULLABLE roundedOutput; // on a GPU also the output in bf16
} CKLayerNormForward;

/// dSum is the gradient of `residual`; dInput that of `input` before dropout, dBias its column sums.
typedef struct CKLayerNormBackward {
  int32_t rowCount, size;
  const float *CK_NONNULL dOutput;
  const float *CK_NONNULL sum;
  const float *CK_NONNULL gamma;
  const float *CK_NONNULL mean, *CK_NONNULL reciprocalDeviation;
  CKDropout inputDropout, outputDropout;
  float *CK_NONNULL dSum;              // [rowCount, size]; may be dOutput itself
  float *CK_NULLABLE dInput;           // [rowCount, size]; null when it equals dSum (no input dropout)
  float *CK_NONNULL dGamma, *CK_NONNULL dBeta; // [size]
  float *CK_NULLABLE dBias;            // [size]
  bool accumulatesParameters;          // add to dGamma, dBeta, dBias instead of overwriting them
  uint16_t *CK_NULLABLE roundedInputGradient; // on a GPU also the gradient of `input` in bf16
} CKLayerNormBackward;

void ck_layerNormForward(const CKLayerNormForward *CK_NONNULL arguments);
void ck_layerNormBackward(const CKLayerNormBackward *CK_NONNULL arguments);

CK_END
#endif
