/// Element-wise activations. GELU is the exact form x · Φ(x) with Φ by erf, as in BERT.
#ifndef CK_ACTIVATION_H
#define CK_ACTIVATION_H

#include "../../runtime/types.h"
CK_BEGIN

typedef CK_ENUM(CKActivation) {
  CKActivationIdentity = 0,
  CKActivationGELU = 1,
  CKActivationTanh = 2,
  CKActivationReLU = 3,
} CKActivation;

/// gradient: in dOutput, out dPreActivation. preActivation: in x, out activation(x), which the linear layer
/// above needs for its weight gradient and which costs nothing extra here. Both in place.
typedef struct CKActivationBackward {
  int64_t count;
  CKActivation activation;
  float *CK_NONNULL preActivation;
  float *CK_NONNULL gradient;
  uint16_t *CK_NULLABLE roundedActivation, *CK_NULLABLE roundedGradient; // on a GPU also in bf16
} CKActivationBackward;

void ck_activationBackward(const CKActivationBackward *CK_NONNULL arguments);

CK_END
#endif
