internal import Checkpoints
internal import Tensors

/// The attention half of a layer: h = LayerNorm(x + dropout(attention(x) · Wo + bo)).
///
/// Only the [CLS] row of the last layer reaches any classifier, so that layer computes one query, output and
/// feed-forward row a text, and neither keys nor values (`firstTokenOnly`).
struct SelfAttention {
  let configuration: EncoderConfiguration
  let layer: Int
  let firstTokenOnly: Bool
  let options: PassOptions
  let sequences: PackedSequences
  let backend: any Backend

  /// What the backward pass reads.
  struct Saved {
    let attended: Attended
    let context: Tensor
    let sum: Tensor
    let statistics: LayerNormStatistics
  }

  /// What attention itself leaves for its backward pass.
  enum Attended {
    case everyToken(EveryToken)
    case firstToken(FirstToken)
  }

  /// Σ a² and, where a prefix is counted, Σ a of the [CLS] row, [texts, heads].
  typealias Trace = CLSAttention

  var hidden: Int { configuration.hiddenSize }

  private var outputDropout: Dropout {
    options.mask(
      .attentionOutput, layer: layer, probability: configuration.hiddenDropout,
      firstRow: firstTokenOnly ? \.firstText : \.firstToken)
  }

  /// Dropout of the attention weights.
  var weightDropout: Dropout {
    options.mask(
      .attention, layer: layer, probability: configuration.attentionDropout,
      firstRow: \.firstToken, rowsPerUnit: configuration.headCount)
  }

  func forward(_ input: Tensor, _ parameters: LayerParameters) throws(DeviceError) -> (
    output: Tensor, saved: Saved?, trace: Trace?
  ) {
    let trace = try makeTrace()
    let context: Tensor
    let residual: Tensor
    let attended: Attended?
    if firstTokenOnly {
      let first = try attendFirstToken(input, parameters.queryKeyValue, trace: trace)
      (context, residual, attended) = (first.context, first.saved.rows, .firstToken(first.saved))
    } else {
      let every = try attendEveryToken(input, parameters.queryKeyValue, trace: trace)
      (context, residual, attended) = (every.context, input, every.saved.map { .everyToken($0) })
    }

    let rows = context.shape[0]
    let sum = try Tensor([rows, hidden], on: backend)
    try backend.linear(context, weight: parameters.attentionOutput.weight, bias: nil, into: sum)
    let output = try Tensor(factors: [rows, hidden], on: backend)
    let statistics =
      try options.savesActivations ? LayerNormStatistics(rowCount: rows, on: backend) : nil
    try backend.layerNorm(
      sum, bias: parameters.attentionOutput.bias, residual: residual,
      inputDropout: outputDropout, gamma: parameters.attentionLayerNorm.gamma,
      beta: parameters.attentionLayerNorm.beta, epsilon: configuration.layerNormEpsilon,
      into: output,
      statistics: statistics)
    guard let attended, let statistics else { return (output, nil, trace) }
    return (
      output, Saved(attended: attended, context: context, sum: sum, statistics: statistics), trace
    )
  }

  /// Gradient of the layer's input, [tokens, hidden]; consumes `dOutput`. `clsCoefficient` adds the norm term.
  func backward(
    _ dOutput: Tensor, _ saved: Saved, _ parameters: LayerParameters, _ gradient: LayerParameters,
    clsCoefficient: Tensor?, adding: Bool
  ) throws(DeviceError) -> Tensor {
    let (dSum, dProjected) = try residualGradient(
      dOutput, sum: saved.sum, statistics: saved.statistics, norm: parameters.attentionLayerNorm,
      normGradient: gradient.attentionLayerNorm, dBias: gradient.attentionOutput.bias,
      dropout: outputDropout, adding: adding, on: backend)
    let dContext = try Tensor(saved.context.shape, on: backend)
    try backend.linearGradient(
      dProjected, input: saved.context, weight: parameters.attentionOutput.weight,
      dInput: dContext, dWeight: gradient.attentionOutput.weight, dBias: nil,
      addingToParameters: adding)
    switch saved.attended {
    case .everyToken(let every):
      return try everyTokenGradient(
        dContext, context: saved.context, every, parameters.queryKeyValue,
        gradient.queryKeyValue, dResidual: dSum, clsCoefficient: clsCoefficient, adding: adding)
    case .firstToken(let first):
      return try firstTokenGradient(
        dContext, first, parameters.queryKeyValue, gradient.queryKeyValue, dResidual: dSum,
        clsCoefficient: clsCoefficient, adding: adding)
    }
  }

  private func makeTrace() throws(DeviceError) -> Trace? {
    guard let trace = options.trace else { return nil }
    let shape = [sequences.sequenceCount, configuration.headCount]
    return CLSAttention(
      squareSum: try Tensor(shape, on: backend),
      sum: trace.prefix > 0 ? try Tensor(shape, on: backend) : nil, prefix: trace.prefix,
      afterDropout: trace.afterDropout)
  }
}

/// Gradients through output = LayerNorm(residual + dropout(projected + bias)): the residual's, which takes over the
/// memory of `dOutput`, and that of what was projected.
func residualGradient(
  _ dOutput: Tensor, sum: Tensor, statistics: LayerNormStatistics, norm: NormParameters,
  normGradient: NormParameters, dBias: Tensor, dropout: Dropout, adding: Bool,
  on backend: any Backend
) throws(DeviceError) -> (dSum: Tensor, dProjected: Tensor) {
  let dProjected = dropout.probability > 0 ? try Tensor(factors: dOutput.shape, on: backend) : nil
  try backend.layerNormGradient(
    dOutput, sum: sum, gamma: norm.gamma, statistics: statistics, inputDropout: dropout,
    dSum: dOutput, dInput: dProjected, dGamma: normGradient.gamma, dBeta: normGradient.beta,
    dBias: dBias, addingToParameters: adding)
  return (dOutput, dProjected ?? dOutput)
}
