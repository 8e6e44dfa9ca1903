/// output = activation(input · weightᵀ + bias), weight as PyTorch stores it: [outputSize, inputSize].
#ifndef CK_LINEAR_H
#define CK_LINEAR_H

#include "../../runtime/types.h"
#include "../activation/activation.h"
CK_BEGIN

/// A matrix as the products of a GPU in bf16 multiply it: rounded, in memory of its own beside the
/// floats, which a product that finds it out of date rounds there. The CPU has none, since it packs
/// factors in any case.
typedef struct CKFactors {
  uint16_t *CK_NULLABLE values;     // null: there is none
  bool isCurrent;
} CKFactors;

typedef struct CKLinearForward {
  int32_t rowCount, inputSize, outputSize;
  CKFactorType factors;             // as products take them
  const float *CK_NONNULL input;    // [rowCount, inputSize]
  const float *CK_NONNULL weight;   // [outputSize, inputSize]
  const float *CK_NULLABLE bias;    // [outputSize]
  CKActivation activation;
  float *CK_NULLABLE preActivation; // [rowCount, outputSize], kept for the backward pass when given
  float *CK_NONNULL output;         // [rowCount, outputSize]
  CKFactors inputFactors, weightFactors;
  uint16_t *CK_NULLABLE roundedOutput; // on a GPU also the output in bf16, where something follows the product
} CKLinearForward;

/// dInput (+)= dOutput · weight; dWeight (+)= dOutputᵀ · input; dBias (+)= column sums of dOutput.
/// Each of the three is skipped when its pointer is null.
typedef struct CKLinearBackward {
  int32_t rowCount, inputSize, outputSize;
  CKFactorType factors;             // as products take them
  const float *CK_NULLABLE input;   // needed for dWeight
  const float *CK_NULLABLE weight;  // needed for dInput
  const float *CK_NONNULL dOutput;
  float *CK_NULLABLE dInput;
  float *CK_NULLABLE dWeight;
  float *CK_NULLABLE dBias;
  bool accumulatesInput;            // add to dInput instead of overwriting it
  bool accumulatesParameters;       // the same for dWeight and dBias
  CKFactors inputFactors, weightFactors, dOutputFactors;
} CKLinearBackward;

void ck_linearForward(const CKLinearForward *CK_NONNULL arguments);
void ck_linearBackward(const CKLinearBackward *CK_NONNULL arguments);

CK_END
#endif
