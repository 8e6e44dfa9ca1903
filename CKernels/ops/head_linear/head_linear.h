/// A linear layer's heads taken one by one, each over an input of its own.
///
///   heads[r, h, i] = Σ_c inputs[r, h, c] · weight[h, i, c] + biasInput[r, h] · bias[h, i]
///
/// The three tensors of that product are the operation's three passes: each is written from the other two, which are
/// read alone. `bias` is the weight of one more input, whose value or gradient is `biasInput`; where that is null it
/// is zero, so that the bias adds nothing and has gradient zero, and its own gradient is not asked for.
#ifndef CK_HEAD_LINEAR_H
#define CK_HEAD_LINEAR_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKHeadLinear {
  int32_t rowCount, headCount, headSize, inputSize;
  float *CK_NONNULL heads;       // [rowCount, headCount · headSize]
  float *CK_NONNULL inputs;      // [rowCount, headCount, inputSize]
  float *CK_NULLABLE biasInput;  // [rowCount, headCount]
  float *CK_NONNULL weight;      // [headCount · headSize, inputSize]
  float *CK_NONNULL bias;        // [headCount · headSize]
  bool accumulates;              // the weight pass adds to weight and bias
} CKHeadLinear;

/// Writes heads, as above.
void ck_headLinearForward(const CKHeadLinear *CK_NONNULL arguments);
/// The gradient by the input: inputs[r, h, c] = Σ_i heads[r, h, i] · weight[h, i, c], and biasInput with bias alike.
void ck_headLinearInput(const CKHeadLinear *CK_NONNULL arguments);
/// The gradient by the weight: weight[h, i, c] (+)= Σ_r heads[r, h, i] · inputs[r, h, c], and bias with biasInput alike.
void ck_headLinearWeight(const CKHeadLinear *CK_NONNULL arguments);

CK_END
#endif
