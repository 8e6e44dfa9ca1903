internal import Checkpoints
internal import Tensors

/// With one query a text, keys and values of all tokens would be most of the layer's work: the query is carried back
/// through the weight of the keys instead, and what it attends to forward through that of the values
/// (`first_token_attention.h`). The bias of the keys adds the same to every score of a row, so nothing depends on it.
extension SelfAttention {
  /// What the backward pass of the first tokens' attention reads.
  struct FirstToken {
    /// The input's [CLS] rows, [texts, hidden].
    let rows: Tensor
    /// [texts, hidden].
    let query: Tensor
    let inputs: FirstTokenInputs
    let probabilities: Tensor
    /// The attended input.
    let attended: HeadInputs
  }

  /// Context [texts, hidden] of each text's first token over all of its tokens.
  func attendFirstToken(
    _ input: Tensor, _ parameters: LinearParameters, trace: Trace?
  ) throws(DeviceError) -> (context: Tensor, saved: FirstToken) {
    let perText = [sequences.sequenceCount, hidden]
    let rows = try Tensor(perText, on: backend)
    try backend.gatherFirstRows(input, sequences: sequences, into: rows)
    let query = try Tensor(perText, on: backend)
    let forQuery = parameters.outputs(0..<hidden)
    try backend.linear(rows, weight: forQuery.weight, bias: forQuery.bias, into: query)

    let carried = try Tensor(perHead, on: backend)
    try backend.headLinearInput(query, keyWeights(parameters), into: HeadInputs(values: carried))
    let inputs = FirstTokenInputs(
      sequences: sequences, query: carried, input: input,
      scale: 1 / Double(hidden / configuration.headCount).squareRoot(),
      headMask: options.layerMask(layer), dropout: weightDropout)
    let attended = try attendedInput()
    let probabilities = try Tensor(
      [sequences.tokenCount, configuration.headCount], on: backend)
    try backend.firstTokenAttention(
      inputs, into: attended, probabilities: probabilities, cls: trace)

    let context = try Tensor(perText, on: backend)
    try backend.headLinear(attended, valueWeights(parameters), into: context)
    return (
      context,
      FirstToken(
        rows: rows, query: query, inputs: inputs, probabilities: probabilities, attended: attended)
    )
  }

  /// Gradient of the layer's input: that of its [CLS] rows, `dResidual` and what comes through the query, added to
  /// that of all tokens as they are attended to.
  func firstTokenGradient(
    _ dContext: Tensor, _ saved: FirstToken, _ parameters: LinearParameters,
    _ gradient: LinearParameters, dResidual: Tensor, clsCoefficient: Tensor?, adding: Bool
  ) throws(DeviceError) -> Tensor {
    try backend.headLinearWeight(
      dContext, saved.attended, into: valueWeights(gradient), adding: adding)
    let dAttended = try attendedInput()
    try backend.headLinearInput(dContext, valueWeights(parameters), into: dAttended)
    let dCarried = HeadInputs(values: try Tensor(perHead, on: backend))
    let dInput = try Tensor(saved.inputs.input.shape, on: backend)
    try backend.firstTokenAttentionGradient(
      dAttended, inputs: saved.inputs, probabilities: saved.probabilities,
      clsCoefficient: clsCoefficient, clsAfterDropout: options.trace?.afterDropout ?? false,
      dQuery: dCarried.values, dInput: dInput)

    try backend.headLinearWeight(
      saved.query, dCarried, into: keyWeights(gradient), adding: adding)
    let dQuery = try Tensor(saved.query.shape, on: backend)
    try backend.headLinear(dCarried, keyWeights(parameters), into: dQuery)
    let queryGradient = gradient.outputs(0..<hidden)
    try backend.linearGradient(
      dQuery, input: saved.rows, weight: parameters.outputs(0..<hidden).weight,
      dInput: dResidual, dWeight: queryGradient.weight, dBias: queryGradient.bias,
      addingToInput: true, addingToParameters: adding)
    try backend.addToFirstRows(dResidual, sequences: sequences, of: dInput)
    return dInput
  }

  private var perHead: [Int] { [sequences.sequenceCount, configuration.headCount, hidden] }

  private func attendedInput() throws(DeviceError) -> HeadInputs {
    HeadInputs(
      values: try Tensor(perHead, on: backend),
      biasInput: try Tensor(Array(perHead.prefix(2)), on: backend))
  }

  private func keyWeights(_ parameters: LinearParameters) -> HeadWeights {
    heads(of: parameters.outputs(hidden..<2 * hidden))
  }

  private func valueWeights(_ parameters: LinearParameters) -> HeadWeights {
    heads(of: parameters.outputs(2 * hidden..<3 * hidden))
  }

  private func heads(of parameters: LinearParameters) -> HeadWeights {
    HeadWeights(
      weight: parameters.weight, bias: parameters.bias, headCount: configuration.headCount)
  }
}
