internal import Checkpoints
public import Tensors

/// One value for each parameter of a model, in one flat tensor: the parameters themselves, their gradient, or a
/// moment of the optimiser.
public struct ParameterBlock: Sendable {
  /// Where each parameter lies.
  public let layout: ParameterLayout
  /// All of them, [layout.count].
  public let flat: Tensor

  /// Zeros.
  ///
  /// - Parameter areFactors: products read them: a model's parameters.
  public init(
    _ layout: ParameterLayout, areFactors: Bool = false, on backend: any Backend
  ) throws(DeviceError) {
    self.layout = layout
    flat =
      areFactors
      ? try Tensor(factors: [layout.count], from: layout.embeddingCount, on: backend)
      : try Tensor([layout.count], on: backend)
    try backend.fill(flat, with: 0)
  }

  /// The parameter of this name.
  public subscript(name: String) -> Tensor {
    let slot = layout[name]
    return flat.slice(at: slot.offset, shape: slot.shape)
  }

  /// Embedding tables, whose gradient is sparse.
  public var embeddings: Tensor { flat.slice(at: 0, shape: [layout.embeddingCount]) }
  /// The table of word embeddings, [vocabulary, hidden]: a batch reads few rows of it.
  public var words: Tensor { self[ParameterName.wordEmbedding] }
  /// Everything after the table of word embeddings.
  public var afterWords: Tensor {
    flat.slice(at: words.count, shape: [layout.count - words.count])
  }
  /// The other embedding tables.
  public var positions: Tensor {
    flat.slice(at: words.count, shape: [layout.embeddingCount - words.count])
  }
  /// Everything after the embedding tables.
  public var rest: Tensor {
    flat.slice(at: layout.embeddingCount, shape: [layout.count - layout.embeddingCount])
  }

  /// An independent copy.
  public func copy() throws(DeviceError) -> ParameterBlock {
    let copy = try ParameterBlock(layout, on: flat.backend)
    try flat.backend.copy(flat, into: copy.flat)
    return copy
  }

  func linear(_ name: String) -> LinearParameters {
    LinearParameters(weight: self[name + ".weight"], bias: self[name + ".bias"])
  }

  func norm(_ name: String) -> NormParameters {
    NormParameters(gamma: self[name + ".weight"], beta: self[name + ".bias"])
  }

  func layer(_ index: Int) -> LayerParameters { LayerParameters(self, index) }
}

/// Weight [outputs, inputs] and bias [outputs] of a linear layer, or their gradients.
struct LinearParameters: Sendable {
  let weight: Tensor
  let bias: Tensor

  /// The outputs in `range` alone.
  func outputs(_ range: Range<Int>) -> LinearParameters {
    LinearParameters(weight: weight.rows(range), bias: bias.rows(range))
  }
}

/// Scale and offset of a layer norm, or their gradients.
struct NormParameters: Sendable {
  let gamma: Tensor
  let beta: Tensor
}

/// One transformer layer's parameters, or their gradients.
struct LayerParameters: Sendable {
  /// Query, key and value as one linear layer of 3 · hidden outputs.
  let queryKeyValue: LinearParameters
  let attentionOutput: LinearParameters
  let attentionLayerNorm: NormParameters
  let intermediate: LinearParameters
  let output: LinearParameters
  let feedForwardNorm: NormParameters

  init(_ block: ParameterBlock, _ index: Int) {
    func name(_ module: ParameterName.LayerModule) -> String { ParameterName.layer(index, module) }
    let weight = block.layout[name(.query) + ".weight"]
    let bias = block.layout[name(.query) + ".bias"]
    let hidden = bias.count
    queryKeyValue = LinearParameters(
      weight: block.flat.slice(at: weight.offset, shape: [3 * hidden, hidden]),
      bias: block.flat.slice(at: bias.offset, shape: [3 * hidden]))
    attentionOutput = block.linear(name(.attentionOutput))
    attentionLayerNorm = block.norm(name(.attentionLayerNorm))
    intermediate = block.linear(name(.intermediate))
    output = block.linear(name(.feedForwardOutput))
    feedForwardNorm = block.norm(name(.feedForwardNorm))
  }
}
