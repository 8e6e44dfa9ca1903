internal import Checkpoints
internal import Tensors

/// The feed-forward half of a layer: y = LayerNorm(h + dropout(gelu(h · W1 + b1) · W2 + b2)).
struct FeedForward {
  let configuration: EncoderConfiguration
  let layer: Int
  let firstTokenOnly: Bool
  let options: PassOptions
  let backend: any Backend

  /// What the backward pass reads. The activation itself is not kept: its gradient recomputes it for free.
  struct Saved {
    let input: Tensor
    let preActivation: Tensor
    let sum: Tensor
    let statistics: LayerNormStatistics
  }

  private var dropout: Dropout {
    options.mask(
      .feedForward, layer: layer, probability: configuration.hiddenDropout,
      firstRow: firstTokenOnly ? \.firstText : \.firstToken)
  }

  func forward(_ input: Tensor, _ parameters: LayerParameters) throws(DeviceError) -> (
    output: Tensor, saved: Saved?
  ) {
    let rows = input.shape[0]
    let shape = [rows, configuration.intermediateSize]
    let activated = try Tensor(factors: shape, on: backend)
    // The backward pass turns it into the activation, for the product that reads that.
    let preActivation = try options.savesActivations ? Tensor(factors: shape, on: backend) : nil
    try backend.linear(
      input, weight: parameters.intermediate.weight, bias: parameters.intermediate.bias,
      activation: .gelu, preActivation: preActivation, into: activated)
    let sum = try Tensor(input.shape, on: backend)
    try backend.linear(activated, weight: parameters.output.weight, bias: nil, into: sum)
    let output = try Tensor(factors: input.shape, on: backend)
    let statistics =
      try options.savesActivations ? LayerNormStatistics(rowCount: rows, on: backend) : nil
    try backend.layerNorm(
      sum, bias: parameters.output.bias, residual: input, inputDropout: dropout,
      gamma: parameters.feedForwardNorm.gamma, beta: parameters.feedForwardNorm.beta,
      epsilon: configuration.layerNormEpsilon, into: output, statistics: statistics)
    guard let preActivation, let statistics else { return (output, nil) }
    return (
      output,
      Saved(input: input, preActivation: preActivation, sum: sum, statistics: statistics)
    )
  }

  /// Gradient of the input; consumes `dOutput` and the saved pre-activation.
  func backward(
    _ dOutput: Tensor, _ saved: Saved, _ parameters: LayerParameters, _ gradient: LayerParameters,
    adding: Bool
  ) throws(DeviceError) -> Tensor {
    let (dSum, dProjected) = try residualGradient(
      dOutput, sum: saved.sum, statistics: saved.statistics, norm: parameters.feedForwardNorm,
      normGradient: gradient.feedForwardNorm, dBias: gradient.output.bias, dropout: dropout,
      adding: adding, on: backend)
    let dActivated = try Tensor(factors: saved.preActivation.shape, on: backend)
    try backend.linearGradient(
      dProjected, input: saved.preActivation, weight: parameters.output.weight,
      dInput: dActivated, dWeight: nil, dBias: nil)
    try backend.activationGradient(
      .gelu, preActivation: saved.preActivation, gradient: dActivated)
    let activated = saved.preActivation
    try backend.linearGradient(
      dProjected, input: activated, weight: parameters.output.weight, dInput: nil,
      dWeight: gradient.output.weight, dBias: nil, addingToParameters: adding)
    try backend.linearGradient(
      dActivated, input: saved.input, weight: parameters.intermediate.weight, dInput: dSum,
      dWeight: gradient.intermediate.weight, dBias: gradient.intermediate.bias,
      addingToInput: true, addingToParameters: adding)
    return dSum
  }
}
