internal import CKernels

/// Row statistics that layer norm's backward pass reads.
public struct LayerNormStatistics: Sendable {
  let mean: Tensor
  let reciprocalDeviation: Tensor

  /// Room for `rowCount` rows.
  public init(rowCount: Int, on backend: any Backend) throws(DeviceError) {
    mean = try Tensor([rowCount], on: backend)
    reciprocalDeviation = try Tensor([rowCount], on: backend)
  }
}

extension Backend {
  /// output = outputDropout(LayerNorm(residual + inputDropout(input + bias))), see `layer_norm.h`.
  ///
  /// - Parameters:
  ///   - input: [rows, size]; afterwards the sum that was normalised.
  ///   - bias: [size].
  ///   - residual: [rows, size].
  ///   - gamma: [size].
  ///   - beta: [size].
  ///   - output: [rows, size].
  ///   - statistics: filled for the backward pass when given.
  public func layerNorm(
    _ input: Tensor, bias: Tensor? = nil, residual: Tensor? = nil, inputDropout: Dropout = .none,
    gamma: Tensor, beta: Tensor, epsilon: Double, outputDropout: Dropout = .none,
    into output: Tensor, statistics: LayerNormStatistics? = nil
  ) throws(DeviceError) {
    let (rows, size) = (input.shape[0], input.shape[1])
    expect(bias, [size], "bias")
    expect(residual, [rows, size], "residual")
    expect(gamma, [size], "gamma")
    expect(beta, [size], "beta")
    expect(output, [rows, size], "output")
    expect(statistics?.mean, [rows], "statistics")
    unsafe try layerNormForward(
      CKLayerNormForward(
        rowCount: Int32(rows), size: Int32(size), epsilon: Float(epsilon),
        input: input.writableFloats,
        bias: bias?.floats, residual: residual?.floats, inputDropout: inputDropout.parameters,
        gamma: gamma.floats, beta: beta.floats, outputDropout: outputDropout.parameters,
        output: output.writableFloats, mean: statistics?.mean.writableFloats,
        reciprocalDeviation: statistics?.reciprocalDeviation.writableFloats,
        roundedOutput: output.factorAddress(on: self)))
    output.keepFactors(on: self)
  }

  /// Gradients of `layerNorm`. `dSum` is the residual's gradient and may be `dOutput` itself; `dInput` that of the
  /// input, needed only where the input has dropout; `dBias` its column sums.
  public func layerNormGradient(
    _ dOutput: Tensor, sum: Tensor, gamma: Tensor, statistics: LayerNormStatistics,
    inputDropout: Dropout = .none, outputDropout: Dropout = .none, dSum: Tensor, dInput: Tensor?,
    dGamma: Tensor, dBeta: Tensor, dBias: Tensor?, addingToParameters: Bool = false
  ) throws(DeviceError) {
    let (rows, size) = (sum.shape[0], sum.shape[1])
    expect(dOutput, [rows, size], "dOutput")
    expect(dSum, [rows, size], "dSum")
    expect(dInput, [rows, size], "dInput")
    for (tensor, name) in [(dGamma, "dGamma"), (dBeta, "dBeta")] { expect(tensor, [size], name) }
    expect(dBias, [size], "dBias")
    precondition(
      dInput != nil || inputDropout.probability == 0,
      "dInput differs from dSum where the input has dropout, and needs a tensor of its own")
    let inputGradient = dInput ?? dSum
    unsafe try layerNormBackward(
      CKLayerNormBackward(
        rowCount: Int32(rows), size: Int32(size), dOutput: dOutput.floats, sum: sum.floats,
        gamma: gamma.floats, mean: statistics.mean.floats,
        reciprocalDeviation: statistics.reciprocalDeviation.floats,
        inputDropout: inputDropout.parameters, outputDropout: outputDropout.parameters,
        dSum: dSum.writableFloats, dInput: dInput?.writableFloats, dGamma: dGamma.writableFloats,
        dBeta: dBeta.writableFloats, dBias: dBias?.writableFloats,
        accumulatesParameters: addingToParameters,
        roundedInputGradient: inputGradient.factorAddress(on: self)))
    inputGradient.keepFactors(on: self)
  }
}
