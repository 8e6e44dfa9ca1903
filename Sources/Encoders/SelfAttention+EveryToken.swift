internal import Checkpoints
internal import Tensors

extension SelfAttention {
  /// What the backward pass of every token's attention reads.
  struct EveryToken {
    let input: Tensor
    let inputs: AttentionInputs
    let logSumExp: Tensor
  }

  /// Context [rows, hidden] of every token of a text over all of them.
  func attendEveryToken(
    _ input: Tensor, _ parameters: LinearParameters, trace: Trace?
  ) throws(DeviceError) -> (context: Tensor, saved: EveryToken?) {
    // Query, key and value side by side.
    let projected = try Tensor([sequences.rowCount, 3 * hidden], on: backend)
    try backend.linear(
      input, weight: parameters.weight, bias: parameters.bias, into: projected)
    let inputs = AttentionInputs(
      sequences: sequences, query: columns(0, of: projected), key: columns(1, of: projected),
      value: columns(2, of: projected), headCount: configuration.headCount,
      headMask: options.layerMask(layer), dropout: weightDropout)
    let context = try Tensor(factors: inputs.contextShape, on: backend)
    let logSumExp =
      try options.savesActivations
      ? Tensor([sequences.rowCount, configuration.headCount], on: backend) : nil
    try backend.attention(inputs, into: context, logSumExp: logSumExp, cls: trace)
    return (
      context, logSumExp.map { EveryToken(input: input, inputs: inputs, logSumExp: $0) }
    )
  }

  /// Gradient of the layer's input: that through query, key and value, added to `dResidual`, whose memory it takes over.
  func everyTokenGradient(
    _ dContext: Tensor, context: Tensor, _ saved: EveryToken, _ parameters: LinearParameters,
    _ gradient: LinearParameters, dResidual: Tensor, clsCoefficient: Tensor?, adding: Bool
  ) throws(DeviceError) -> Tensor {
    let dProjected = try Tensor(factors: [sequences.rowCount, 3 * hidden], on: backend)
    try backend.attentionGradient(
      dContext, inputs: saved.inputs, context: context, logSumExp: saved.logSumExp,
      clsCoefficient: clsCoefficient, clsAfterDropout: options.trace?.afterDropout ?? false,
      dQuery: columns(0, of: dProjected), dKey: columns(1, of: dProjected),
      dValue: columns(2, of: dProjected))
    try backend.linearGradient(
      dProjected, input: saved.input, weight: parameters.weight, dInput: dResidual,
      dWeight: gradient.weight, dBias: gradient.bias, addingToInput: true,
      addingToParameters: adding)
    return dResidual
  }

  private func columns(_ index: Int, of projected: Tensor) -> Columns {
    Columns(projected, offset: index * hidden, size: hidden)
  }
}
