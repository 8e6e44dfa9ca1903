internal import CKernels

/// Hyperparameters of AdamW; the defaults are torch.optim.AdamW's.
public struct AdamWParameters: Sendable, Equatable {
  /// Decay of the first moment.
  public var beta1 = 0.9
  /// Decay of the second moment.
  public var beta2 = 0.999
  /// Added to the root of the second moment.
  public var epsilon = 1e-8
  /// Decoupled weight decay, on every parameter as in the paper's code.
  public var weightDecay = 0.01

  /// torch's defaults but for the given weight decay.
  public init(weightDecay: Double = 0.01) { self.weightDecay = weightDecay }
}

extension Backend {
  /// Writes the norm of `values` and the clipping factor min(1, maximum / (norm + 1e-6)) into `result` [2].
  public func globalNorm(
    of values: Tensor, clippingAt maximum: Double = .infinity, into result: Tensor
  ) throws(DeviceError) {
    expect(result, [2], "result")
    unsafe try globalNorm(
      CKGlobalNorm(
        count: Int64(values.count), values: values.floats, maximumNorm: Float(maximum),
        result: result.floats))
  }

  /// One AdamW step (`adamw.h`) over tensors of equal size. `gradientScale` [1] multiplies the gradient.
  public func adamW(
    _ parameters: AdamWParameters, learningRate: Double, step: Int, gradientScale: Tensor?,
    gradient: Tensor, clearingGradient: Bool = false, parameter: Tensor, firstMoment: Tensor,
    secondMoment: Tensor
  ) throws(DeviceError) {
    for tensor in [gradient, firstMoment, secondMoment] {
      precondition(tensor.count == parameter.count, "AdamW works on tensors of equal size")
    }
    precondition(step >= 1, "AdamW counts its steps from 1")
    unsafe try adamW(
      CKAdamW(
        count: Int64(parameter.count), learningRate: learningRate, beta1: parameters.beta1,
        beta2: parameters.beta2, epsilon: parameters.epsilon, weightDecay: parameters.weightDecay,
        step: Int64(step), gradientScale: gradientScale?.floats, gradient: gradient.floats,
        clearsGradient: clearingGradient, parameter: parameter.floats,
        firstMoment: firstMoment.floats, secondMoment: secondMoment.floats))
  }
}
