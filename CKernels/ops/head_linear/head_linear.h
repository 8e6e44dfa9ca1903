/// A linear layer's heads taken one by one, each over an input of its own.
///
///   heads[r, h, i] = Σ_c inputs[r, h, c] · weight[h, i, c] + ones[r, h] · bias[h, i]
///
/// The three tensors of that product are the operation's three passes: each is made of the other two. `bias` is the
/// weight of one more input, whose value or gradient is `ones`; where that is null, it is zero and its gradient is not
/// asked for.
#ifndef CK_HEAD_LINEAR_H
#define CK_HEAD_LINEAR_H

#include "../../runtime/types.h"
CK_BEGIN

typedef struct CKHeadLinear {
  int32_t rowCount, headCount, headSize, inputSize;
  float *CK_NONNULL heads;   // [rowCount, headCount · headSize]
  float *CK_NONNULL inputs;  // [rowCount, headCount, inputSize]
  float *CK_NULLABLE ones;   // [rowCount, headCount]
  float *CK_NONNULL weight;  // [headCount · headSize, inputSize]
  float *CK_NONNULL bias;    // [headCount · headSize]
  bool accumulates;          // the weight pass adds to weight and bias
} CKHeadLinear;

/// Writes heads, as above.
void ck_headLinearForward(const CKHeadLinear *CK_NONNULL arguments);
/// The gradient by the input: inputs[r, h, c] = Σ_i heads[r, h, i] · weight[h, i, c], and ones with bias alike.
void ck_headLinearInput(const CKHeadLinear *CK_NONNULL arguments);
/// The gradient by the weight: weight[h, i, c] (+)= Σ_r heads[r, h, i] · inputs[r, h, c], and bias with ones alike.
void ck_headLinearWeight(const CKHeadLinear *CK_NONNULL arguments);

CK_END
#endif
