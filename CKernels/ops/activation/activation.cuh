/// Values and derivatives of the activations; the linear layer's epilogue uses them too.
#ifndef CK_ACTIVATION_CUH
#define CK_ACTIVATION_CUH

#include "../../cuda/common.cuh"
#include "activation.h"

/// Φ(x), the normal distribution function: by erfc, which keeps its relative accuracy in the lower
/// tail.
CK_DEVICE float normalDistribution(float x) { return 0.5f * erfcf(x * -0.707106781f); }

CK_DEVICE float activate(CKActivation activation, float x) {
  switch (activation) {
    case CKActivationGELU:
      return x * normalDistribution(x);
    case CKActivationTanh:
      return tanhf(x);
    case CKActivationReLU:
      return x < 0 ? 0 : x;
    default:
      return x;
  }
}

/// gradient ← gradient · activation′(x) and x ← activation(x).
CK_DEVICE void activateBackward(CKActivation activation, float &x, float &gradient) {
  switch (activation) {
    case CKActivationGELU: {
      const float distribution = normalDistribution(x);
      gradient *= distribution + x * expf(x * x * -0.5f) * 0.398942280f;
      x *= distribution;
      break;
    }
    case CKActivationTanh:
      x = tanhf(x);
      gradient *= 1 - x * x;
      break;
    case CKActivationReLU:
      if (x <= 0) x = gradient = 0;
      break;
    default:
      break;
  }
}

#endif
