/// Values and derivatives of the activations, sixteen at a time; the linear layer's epilogue uses them too.
#ifndef CK_ACTIVATION_LANES_H
#define CK_ACTIVATION_LANES_H

#include "../../runtime/vector.h"
#include "activation.h"

/// x ← x · Φ(x).
CK_INLINE void ck_gelu(CKLanes *x) {
  CKLanes e = *x * 0.707106781f;
  ck_erf(&e);
  *x = *x * 0.5f * (e + 1);
}

/// x ← x · Φ(x) and derivative = Φ(x) + x · φ(x), φ the density exp(−x² / 2) / sqrt(2π).
CK_INLINE void ck_geluWithDerivative(CKLanes *x, CKLanes *derivative) {
  CKLanes e = *x * 0.707106781f;
  CKLanes density = -e * e;
  ck_erf(&e);
  ck_exp(&density);
  CKLanes half = (e + 1) * 0.5f;
  *derivative = half + *x * density * 0.398942280f;
  *x *= half;
}

/// x ← activation(x). NaN stays NaN.
CK_INLINE void ck_activate(CKActivation activation, CKLanes *x) {
  switch (activation) {
    case CKActivationIdentity: break;
    case CKActivationGELU: ck_gelu(x); break;
    case CKActivationTanh: ck_tanh(x); break;
    case CKActivationReLU: {
      CKLanes zero = {};
      CKIntegerLanes isNegative = *x < zero;
      ck_select(x, &isNegative, &zero, x);
      break;
    }
  }
}

/// gradient ← gradient · activation′(x) and x ← activation(x).
CK_INLINE void ck_activateBackward(CKActivation activation, CKLanes *x, CKLanes *gradient) {
  switch (activation) {
    case CKActivationIdentity: break;
    case CKActivationGELU: {
      CKLanes derivative;
      ck_geluWithDerivative(x, &derivative);
      *gradient *= derivative;
      break;
    }
    case CKActivationTanh:
      ck_tanh(x);
      *gradient *= 1 - *x * *x;
      break;
    case CKActivationReLU: {
      CKLanes zero = {};
      CKIntegerLanes isOff = *x <= zero;
      ck_select(gradient, &isOff, &zero, gradient);
      ck_select(x, &isOff, &zero, x);
      break;
    }
  }
}

#endif
