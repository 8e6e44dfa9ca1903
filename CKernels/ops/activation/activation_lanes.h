/// Values and derivatives of the activations, sixteen at a time; the linear layer's epilogue uses
/// them too.
#ifndef CK_ACTIVATION_LANES_H
#define CK_ACTIVATION_LANES_H

#include "../../runtime/vector.h"
#include "activation.h"

/// Φ(x), the normal distribution function, and exp(−x² / 2), from which its density follows.
///
/// Φ(−t) = exp(−t² / 2) · Q(t), with Q a polynomial in 1 / (1 + 0.28 t) fitted over 0 ... 14 (the
/// form of Abramowitz and Stegun 26.2.17): one exponential serves both results. Φ(x) is within a
/// relative 4.3e-7 for x ≥ 0, within 9e-7 down to −5.
CK_INLINE void ck_normal(const CKLanes *x, CKLanes *distribution, CKLanes *exponential) {
  CKLanes t;
  CKIntegerLanes sign;
  ck_splitSign(x, &t, &sign);
  *exponential = *x * *x * -0.5f;
  ck_expOfNegative(exponential);
  CKLanes u = 1 / (0.28f * t + 1);
  CKLanes q =
      CK_POLYNOMIAL(u, 4.116456256e-02f, -2.239540498e-01f, 4.114198585e-01f, -2.669359878e-01f,
                    2.578114384e-01f, 4.802897575e-02f, 1.215186033e-01f, 1.109465981e-01f);
  CKLanes tail = *exponential * u * q, rest = 1 - tail;
  CKIntegerLanes isNegative = *x < 0;
  ck_select(distribution, &isNegative, &tail, &rest);
}

/// x ← x · Φ(x).
CK_INLINE void ck_gelu(CKLanes *x) {
  CKLanes distribution, exponential;
  ck_normal(x, &distribution, &exponential);
  *x *= distribution;
}

/// x ← x · Φ(x) and derivative = Φ(x) + x · φ(x), φ the density exp(−x² / 2) / sqrt(2π).
CK_INLINE void ck_geluWithDerivative(CKLanes *x, CKLanes *derivative) {
  CKLanes distribution, exponential;
  ck_normal(x, &distribution, &exponential);
  *derivative = distribution + *x * exponential * 0.398942280f;
  *x *= distribution;
}

/// x ← activation(x). NaN stays NaN.
CK_INLINE void ck_activate(CKActivation activation, CKLanes *x) {
  switch (activation) {
    case CKActivationIdentity:
      break;
    case CKActivationGELU:
      ck_gelu(x);
      break;
    case CKActivationTanh:
      ck_tanh(x);
      break;
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
    case CKActivationIdentity:
      break;
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
