internal import CKernels

/// The heads of a linear layer: weight [headCount · headSize, inputSize], bias [headCount · headSize].
public struct HeadWeights: Sendable {
  /// [headCount · headSize, inputSize].
  public let weight: Tensor
  /// [headCount · headSize].
  public let bias: Tensor
  /// Heads; the head size is the weight's rows divided by it.
  public let headCount: Int

  /// Takes a layer's outputs as heads of equal size.
  public init(weight: Tensor, bias: Tensor, headCount: Int) {
    precondition(
      weight.shape.count == 2 && headCount > 0 && weight.shape[0] % headCount == 0,
      "a weight of shape \(weight.shape) does not divide into \(headCount) heads")
    expect(bias, [weight.shape[0]], "bias")
    self.weight = weight
    self.bias = bias
    self.headCount = headCount
  }
}

/// An input of its own for each head, or its gradient.
public struct HeadInputs: Sendable {
  /// [rows, headCount, inputSize].
  public let values: Tensor
  /// [rows, headCount]: what the bias is multiplied by; nil for zeros.
  public let biasInput: Tensor?

  /// Names the tensors.
  public init(values: Tensor, biasInput: Tensor? = nil) {
    precondition(values.shape.count == 3, "inputs of heads are [rows, heads, features]")
    expect(biasInput, Array(values.shape.prefix(2)), "biasInput")
    self.values = values
    self.biasInput = biasInput
  }
}

extension Backend {
  /// heads[r, h] = inputs[r, h] · weight[h]ᵀ + biasInput[r, h] · bias[h] (`head_linear.h`).
  ///
  /// - Parameter heads: [rows, headCount · headSize], written.
  public func headLinear(
    _ inputs: HeadInputs, _ weights: HeadWeights, into heads: Tensor
  ) throws(DeviceError) {
    heads.dropFactors()
    unsafe try headLinearForward(headLinearParameters(heads, inputs, weights))
  }

  /// inputs[r, h] = heads[r, h] · weight[h], and biasInput[r, h] = heads[r, h] · bias[h] where they are given: the gradient of `headLinear` by
  /// its inputs, and what carries a query back through the weight of the keys.
  public func headLinearInput(
    _ heads: Tensor, _ weights: HeadWeights, into inputs: HeadInputs
  ) throws(DeviceError) {
    for tensor in [inputs.values, inputs.biasInput] { tensor?.dropFactors() }
    unsafe try headLinearInput(headLinearParameters(heads, inputs, weights))
  }

  /// weight[h] (+)= heads[h]ᵀ · inputs[h], and bias with biasInput alike: the gradient of `headLinear` by its weights, and
  /// that of `headLinearInput`.
  public func headLinearWeight(
    _ heads: Tensor, _ inputs: HeadInputs, into weights: HeadWeights, adding: Bool = false
  ) throws(DeviceError) {
    for tensor in [weights.weight, weights.bias] { tensor.dropFactors() }
    unsafe try headLinearWeight(headLinearParameters(heads, inputs, weights, adding: adding))
  }

  /// One struct for three operations, each of which writes one of its matrices.
  private func headLinearParameters(
    _ heads: Tensor, _ inputs: HeadInputs, _ weights: HeadWeights, adding: Bool = false
  ) -> CKHeadLinear {
    let shape = weights.weight.shape
    let rows = heads.shape[0]
    expect(heads, [rows, shape[0]], "heads")
    expect(inputs.values, [rows, weights.headCount, shape[1]], "inputs")
    return unsafe CKHeadLinear(
      rowCount: Int32(rows), headCount: Int32(weights.headCount),
      headSize: Int32(shape[0] / weights.headCount), inputSize: Int32(shape[1]),
      heads: UnsafeMutablePointer(mutating: heads.floats),
      inputs: UnsafeMutablePointer(mutating: inputs.values.floats),
      biasInput: inputs.biasInput.map { unsafe UnsafeMutablePointer(mutating: $0.floats) },
      weight: UnsafeMutablePointer(mutating: weights.weight.floats),
      bias: UnsafeMutablePointer(mutating: weights.bias.floats), accumulates: adding)
  }
}
