internal import CKernels

/// Element-wise functions that may follow a linear layer.
public enum Activation: Sendable {
  case identity
  /// x · Φ(x) with Φ by erf, as in BERT.
  case gelu
  case tanh
  case relu

  var parameter: CKActivation {
    switch self {
    case .identity: .identity
    case .gelu: .GELU
    case .tanh: .tanh
    case .relu: .reLU
    }
  }
}

extension Backend {
  /// output = activation(input · weightᵀ + bias).
  ///
  /// - Parameters:
  ///   - input: [rows, inputSize].
  ///   - weight: [outputSize, inputSize].
  ///   - bias: [outputSize].
  ///   - preActivation: [rows, outputSize], filled for the backward pass when given.
  ///   - output: [rows, outputSize].
  public func linear(
    _ input: Tensor, weight: Tensor, bias: Tensor?, activation: Activation = .identity,
    preActivation: Tensor? = nil, into output: Tensor
  ) throws(DeviceError) {
    let (rows, inputSize, outputSize) = (input.shape[0], input.shape[1], weight.shape[0])
    expect(weight, [outputSize, inputSize], "weight")
    expect(bias, [outputSize], "bias")
    expect(preActivation, [rows, outputSize], "preActivation")
    expect(output, [rows, outputSize], "output")
    // Nothing follows a bare product that could round its output.
    let rounds = bias != nil || preActivation != nil || activation != .identity
    unsafe try linearForward(
      CKLinearForward(
        rowCount: Int32(rows), inputSize: Int32(inputSize), outputSize: Int32(outputSize),
        factors: precision.factors, input: input.floats, weight: weight.floats, bias: bias?.floats,
        activation: activation.parameter, preActivation: preActivation?.writableFloats,
        output: output.writableFloats, inputFactors: input.factors(on: self),
        weightFactors: weight.factors(on: self),
        roundedOutput: rounds ? output.factorAddress(on: self) : nil))
    guard rows > 0 else { return }
    for tensor in [input, weight] + (rounds ? [output] : []) { tensor.keepFactors(on: self) }
  }

  /// Gradients of `linear` without its activation; each is computed where a tensor for it is given.
  ///
  /// - Parameters:
  ///   - dOutput: [rows, outputSize].
  ///   - input: [rows, inputSize].
  ///   - weight: [outputSize, inputSize].
  ///   - dInput: [rows, inputSize], overwritten, or added to when `addingToInput`.
  ///   - dWeight: like `weight`, overwritten, or added to when `addingToParameters`.
  ///   - dBias: [outputSize], likewise.
  public func linearGradient(
    _ dOutput: Tensor, input: Tensor, weight: Tensor, dInput: Tensor?, dWeight: Tensor?,
    dBias: Tensor?, addingToInput: Bool = false, addingToParameters: Bool = false
  ) throws(DeviceError) {
    let (rows, inputSize, outputSize) = (input.shape[0], input.shape[1], weight.shape[0])
    expect(dOutput, [rows, outputSize], "dOutput")
    expect(weight, [outputSize, inputSize], "weight")
    expect(dInput, [rows, inputSize], "dInput")
    expect(dWeight, [outputSize, inputSize], "dWeight")
    expect(dBias, [outputSize], "dBias")
    unsafe try linearBackward(
      CKLinearBackward(
        rowCount: Int32(rows), inputSize: Int32(inputSize), outputSize: Int32(outputSize),
        factors: precision.factors, input: input.floats, weight: weight.floats,
        dOutput: dOutput.floats,
        dInput: dInput?.writableFloats, dWeight: dWeight?.writableFloats,
        dBias: dBias?.writableFloats,
        accumulatesInput: addingToInput, accumulatesParameters: addingToParameters,
        inputFactors: input.factors(on: self), weightFactors: weight.factors(on: self),
        dOutputFactors: dOutput.factors(on: self)))
    guard rows > 0 else { return }
    if dWeight != nil { input.keepFactors(on: self) }
    if dInput != nil { weight.keepFactors(on: self) }
    if dWeight != nil || dInput != nil { dOutput.keepFactors(on: self) }
  }

  /// Turns dOutput into dPreActivation, and preActivation into activation(preActivation), both in place.
  public func activationGradient(
    _ activation: Activation, preActivation: Tensor, gradient: Tensor
  ) throws(DeviceError) {
    expect(gradient, preActivation.shape, "gradient")
    unsafe try activationBackward(
      CKActivationBackward(
        count: Int64(preActivation.count), activation: activation.parameter,
        preActivation: preActivation.writableFloats, gradient: gradient.writableFloats,
        roundedActivation: preActivation.factorAddress(on: self),
        roundedGradient: gradient.factorAddress(on: self)))
    for tensor in [preActivation, gradient] { tensor.keepFactors(on: self) }
  }
}

/// Traps when `tensor` is given and is not of `shape`.
func expect(_ tensor: Tensor?, _ shape: [Int], _ name: String) {
  guard let tensor else { return }
  precondition(
    tensor.shape == shape, "\(name) has shape \(tensor.shape) where \(shape) is needed")
}
