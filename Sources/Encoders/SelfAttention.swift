internal import Checkpoints
internal import Tensors

/// The attention half of a layer: h = LayerNorm(x + dropout(attention(x) · Wo + bo)).
///
/// Only the [CLS] row of the last layer reaches any classifier, so that layer computes one query, output and
/// feed-forward row a text (`firstTokenOnly`); keys and values are still computed for every token.
struct SelfAttention {
  let configuration: EncoderConfiguration
  let layer: Int
  let firstTokenOnly: Bool
  let options: PassOptions
  let sequences: PackedSequences
  let backend: any Backend

  /// What the backward pass reads.
  struct Saved {
    let input: Tensor
    /// [texts, hidden] of the input when `firstTokenOnly`.
    let firstRows: Tensor?
    let attention: AttentionInputs
    let context: Tensor
    let logSumExp: Tensor
    let sum: Tensor
    let statistics: LayerNormStatistics
  }

  /// Σ a² and, where a prefix is counted, Σ a of the [CLS] row, [texts, heads].
  typealias Trace = CLSAttention

  private var hidden: Int { configuration.hiddenSize }
  private var rowKind: KeyPath<DropoutSource, Int> {
    firstTokenOnly ? \DropoutSource.firstText : \DropoutSource.firstToken
  }

  private var outputDropout: Dropout {
    options.mask(
      .attentionOutput, layer: layer, probability: configuration.hiddenDropout, firstRow: rowKind)
  }

  func forward(_ input: Tensor, _ parameters: LayerParameters) throws(DeviceError) -> (
    output: Tensor, saved: Saved?, trace: Trace?
  ) {
    let firstRows = try firstTokenOnly ? gatherFirstRows(input) : nil
    let inputs = try project(input, firstRows: firstRows, parameters.queryKeyValue)
    let context = try Tensor(inputs.contextShape, on: backend)
    let rows = context.shape[0]
    let logSumExp =
      try options.savesActivations
      ? Tensor([rows, configuration.headCount], on: backend) : nil
    let trace = try makeTrace()
    try backend.attention(inputs, into: context, logSumExp: logSumExp, cls: trace)

    let sum = try Tensor([rows, hidden], on: backend)
    try backend.linear(context, weight: parameters.attentionOutput.weight, bias: nil, into: sum)
    let output = try Tensor([rows, hidden], on: backend)
    let statistics =
      try options.savesActivations ? LayerNormStatistics(rowCount: rows, on: backend) : nil
    try backend.layerNorm(
      sum, bias: parameters.attentionOutput.bias, residual: firstRows ?? input,
      inputDropout: outputDropout, gamma: parameters.attentionNorm.gamma,
      beta: parameters.attentionNorm.beta, epsilon: configuration.layerNormEpsilon, into: output,
      statistics: statistics)
    guard let logSumExp, let statistics else { return (output, nil, trace) }
    return (
      output,
      Saved(
        input: input, firstRows: firstRows, attention: inputs, context: context,
        logSumExp: logSumExp, sum: sum, statistics: statistics), trace
    )
  }

  /// Gradient of the layer's input, [tokens, hidden]; consumes `dOutput`. `clsCoefficient` adds the norm term.
  func backward(
    _ dOutput: Tensor, _ saved: Saved, _ parameters: LayerParameters, _ gradient: LayerParameters,
    clsCoefficient: Tensor?, adding: Bool
  ) throws(DeviceError) -> Tensor {
    let rows = dOutput.shape[0]
    let (dSum, dProjected) = try residualGradient(
      dOutput, sum: saved.sum, statistics: saved.statistics, norm: parameters.attentionNorm,
      normGradient: gradient.attentionNorm, dBias: gradient.attentionOutput.bias,
      dropout: outputDropout, adding: adding, on: backend)
    let dContext = try Tensor([rows, hidden], on: backend)
    try backend.linearGradient(
      dProjected, input: saved.context, weight: parameters.attentionOutput.weight,
      dInput: dContext, dWeight: gradient.attentionOutput.weight, dBias: nil,
      addingToParameters: adding)

    let inputs = saved.attention
    let dProjection = try Projection(
      rowCount: sequences.tokenCount, firstRowCount: saved.firstRows?.shape[0], hidden: hidden,
      on: backend)
    try backend.attentionGradient(
      dContext, inputs: inputs, context: saved.context, logSumExp: saved.logSumExp,
      clsCoefficient: clsCoefficient, clsAfterDropout: options.trace?.afterDropout ?? false,
      dQuery: dProjection.query, dKey: dProjection.key, dValue: dProjection.value)

    guard let firstRows = saved.firstRows, let dQuery = dProjection.firstQuery else {
      try backend.linearGradient(
        dProjection.rows, input: saved.input, weight: parameters.queryKeyValue.weight,
        dInput: dSum, dWeight: gradient.queryKeyValue.weight,
        dBias: gradient.queryKeyValue.bias, addingToInput: true, addingToParameters: adding)
      return dSum
    }
    let queryOutputs = 0..<hidden
    let keyValueOutputs = hidden..<3 * hidden
    let dInput = try Tensor([sequences.tokenCount, hidden], on: backend)
    let dKeyValue = gradient.queryKeyValue.outputs(keyValueOutputs)
    try backend.linearGradient(
      dProjection.rows, input: saved.input,
      weight: parameters.queryKeyValue.outputs(keyValueOutputs).weight, dInput: dInput,
      dWeight: dKeyValue.weight, dBias: dKeyValue.bias, addingToParameters: adding)
    let dQueryParameters = gradient.queryKeyValue.outputs(queryOutputs)
    try backend.linearGradient(
      dQuery, input: firstRows, weight: parameters.queryKeyValue.outputs(queryOutputs).weight,
      dInput: dSum, dWeight: dQueryParameters.weight, dBias: dQueryParameters.bias,
      addingToInput: true, addingToParameters: adding)
    try backend.addToFirstRows(dSum, sequences: sequences, of: dInput)
    return dInput
  }

  /// Query, key and value, or their gradients: one matrix [tokens, 3 · hidden], or for the last layer [CLS]
  /// queries [texts, hidden] and keys and values [tokens, 2 · hidden].
  private struct Projection {
    let rows: Tensor
    let firstQuery: Tensor?
    let query: Columns
    let key: Columns
    let value: Columns

    init(rowCount: Int, firstRowCount: Int?, hidden: Int, on backend: any Backend)
      throws(DeviceError)
    {
      let keyOffset = firstRowCount == nil ? hidden : 0
      rows = try Tensor([rowCount, keyOffset + 2 * hidden], on: backend)
      if let firstRowCount {
        let first = try Tensor([firstRowCount, hidden], on: backend)
        firstQuery = first
        query = Columns(first, offset: 0, size: hidden)
      } else {
        firstQuery = nil
        query = Columns(rows, offset: 0, size: hidden)
      }
      key = Columns(rows, offset: keyOffset, size: hidden)
      value = Columns(rows, offset: keyOffset + hidden, size: hidden)
    }
  }

  private func project(
    _ input: Tensor, firstRows: Tensor?, _ parameters: LinearParameters
  ) throws(DeviceError) -> AttentionInputs {
    let projection = try Projection(
      rowCount: sequences.tokenCount, firstRowCount: firstRows?.shape[0], hidden: hidden,
      on: backend)
    if let firstRows, let query = projection.firstQuery {
      let forQuery = parameters.outputs(0..<hidden)
      try backend.linear(firstRows, weight: forQuery.weight, bias: forQuery.bias, into: query)
      let forKeyValue = parameters.outputs(hidden..<3 * hidden)
      try backend.linear(
        input, weight: forKeyValue.weight, bias: forKeyValue.bias, into: projection.rows)
    } else {
      try backend.linear(
        input, weight: parameters.weight, bias: parameters.bias, into: projection.rows)
    }
    return AttentionInputs(
      sequences: sequences, query: projection.query, key: projection.key,
      value: projection.value, headCount: configuration.headCount, firstTokenOnly: firstTokenOnly,
      headMask: options.layerMask(layer),
      dropout: options.mask(
        .attention, layer: layer, probability: configuration.attentionDropout,
        firstRow: \.firstToken, rowsPerUnit: configuration.headCount))
  }

  private func gatherFirstRows(_ input: Tensor) throws(DeviceError) -> Tensor {
    let rows = try Tensor([sequences.sequenceCount, hidden], on: backend)
    try backend.gatherFirstRows(input, sequences: sequences, into: rows)
    return rows
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
  let dProjected = dropout.probability > 0 ? try Tensor(dOutput.shape, on: backend) : nil
  try backend.layerNormGradient(
    dOutput, sum: sum, gamma: norm.gamma, statistics: statistics, inputDropout: dropout,
    dSum: dOutput, dInput: dProjected, dGamma: normGradient.gamma, dBeta: normGradient.beta,
    dBias: dBias, addingToParameters: adding)
  return (dOutput, dProjected ?? dOutput)
}
