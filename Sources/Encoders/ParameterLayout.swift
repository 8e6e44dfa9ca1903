public import Checkpoints

/// Where each parameter lies in one flat block, so that clipping and AdamW are one operation over all of them.
/// Query, key and value of a layer lie side by side: one product computes all three.
public struct ParameterLayout: Sendable, Equatable {
  /// One parameter: its checkpoint name, shape and first element.
  public struct Slot: Sendable, Equatable {
    /// Its name in checkpoints.
    public let name: String
    /// Extents from the slowest to the fastest.
    public let shape: [Int]
    /// Its first element in the block.
    public let offset: Int
    /// Elements.
    public var count: Int { shape.reduce(1, *) }
  }

  /// In order of their offsets.
  public private(set) var slots: [Slot] = []
  /// Elements of the whole block, padding included.
  public private(set) var count = 0
  /// Elements of the three embedding tables, which come first: their gradient is sparse.
  public private(set) var embeddingCount = 0
  private var indices: [String: Int] = [:]

  /// Lays out an encoder and the classifier head on it.
  public init(_ configuration: EncoderConfiguration, classifier head: ClassifierKind) {
    let hidden = configuration.hiddenSize
    append(
      (ParameterName.wordEmbedding, [configuration.vocabularySize, hidden]),
      (ParameterName.positionEmbedding, [configuration.maximumPositionCount, hidden]))
    if configuration.tokenTypeCount > 0 {
      append((ParameterName.tokenTypeEmbedding, [configuration.tokenTypeCount, hidden]))
    }
    embeddingCount = count
    append(norm: ParameterName.embeddingNorm, size: hidden)
    for layer in 0..<configuration.layerCount {
      func name(_ module: ParameterName.LayerModule) -> String {
        ParameterName.layer(layer, module)
      }
      let projections = [name(.query), name(.key), name(.value)]
      appendGroup(projections.map { ($0 + ".weight", [hidden, hidden]) })
      appendGroup(projections.map { ($0 + ".bias", [hidden]) })
      append(linear: name(.attentionOutput), outputs: hidden, inputs: hidden)
      append(norm: name(.attentionLayerNorm), size: hidden)
      append(
        linear: name(.intermediate), outputs: configuration.intermediateSize, inputs: hidden)
      append(
        linear: name(.feedForwardOutput), outputs: hidden, inputs: configuration.intermediateSize)
      append(norm: name(.feedForwardNorm), size: hidden)
    }
    if ClassifierArchitecture(configuration, head).dense != nil {
      append(linear: ParameterName.headDense, outputs: hidden, inputs: hidden)
    }
    append(linear: ParameterName.headOutput, outputs: configuration.labels.count, inputs: hidden)
  }

  /// The slot of a parameter. The name must be one of this layout's.
  public subscript(name: String) -> Slot {
    guard let index = indices[name] else {
      preconditionFailure("this model has no parameter named \(name)")
    }
    return slots[index]
  }

  /// Whether the layout has a parameter of this name.
  public func contains(_ name: String) -> Bool { indices[name] != nil }

  private mutating func append(linear name: String, outputs: Int, inputs: Int) {
    append((name + ".weight", [outputs, inputs]), (name + ".bias", [outputs]))
  }

  private mutating func append(norm name: String, size: Int) {
    append((name + ".weight", [size]), (name + ".bias", [size]))
  }

  private mutating func append(_ parameters: (String, [Int])...) {
    for parameter in parameters { appendGroup([parameter]) }
  }

  /// Parameters without a gap between them; each group begins on a cache line.
  private mutating func appendGroup(_ parameters: [(name: String, shape: [Int])]) {
    count = (count + 15) / 16 * 16
    for parameter in parameters {
      let slot = Slot(name: parameter.name, shape: parameter.shape, offset: count)
      indices[slot.name] = slots.count
      slots.append(slot)
      count += slot.count
    }
  }
}
