/// One parameter of a model: our name, its extents, and what Hugging Face calls it.
public struct ParameterSpecification: Equatable, Sendable {
  /// Our name, such as `layers.0.attention.query.weight`.
  public let name: String
  /// The extents, outermost first.
  public let shape: [Int]
  /// Hugging Face's name, without the family's prefix.
  let hubName: String
  /// Whether the family's prefix may stand before it.
  let isInEncoder: Bool
  /// An old spelling of `hubName`, if it has one.
  let oldHubName: String?
}

/// All parameters of a model, in the order of its computation; written down once.
public struct ParameterTable: Sendable {
  /// The encoder's parameters, then the head's.
  public let parameters: [ParameterSpecification]

  /// The parameters of an encoder, and of a head if there is one.
  public init(_ configuration: EncoderConfiguration, classifier head: ClassifierKind? = nil) {
    var builder = Builder(names: HubNames(configuration.family))
    builder.addEncoder(configuration)
    if let head { builder.addHead(head, configuration) }
    parameters = builder.parameters
  }

  private struct Builder {
    let names: HubNames
    var parameters: [ParameterSpecification] = []

    mutating func addEncoder(_ configuration: EncoderConfiguration) {
      let hidden = configuration.hiddenSize
      add(
        ParameterName.wordEmbedding, [configuration.vocabularySize, hidden],
        "embeddings.word_embeddings.weight")
      add(
        ParameterName.positionEmbedding, [configuration.maximumPositionCount, hidden],
        "embeddings.position_embeddings.weight")
      if configuration.tokenTypeCount > 0 {
        add(
          ParameterName.tokenTypeEmbedding, [configuration.tokenTypeCount, hidden],
          "embeddings.token_type_embeddings.weight")
      }
      addNorm(ParameterName.embeddingNorm, hidden, names.embeddingNorm)
      for index in 0..<configuration.layerCount { addLayer(index, configuration) }
    }

    private mutating func addLayer(_ index: Int, _ configuration: EncoderConfiguration) {
      let hidden = configuration.hiddenSize
      for module in ParameterName.LayerModule.allCases {
        guard let suffix = names.modules[module] else {
          preconditionFailure("no family lacks \(module)")
        }
        let name = ParameterName.layer(index, module)
        let hubName = "\(names.layers).\(index).\(suffix)"
        switch module {
        case .query, .key, .value, .attentionOutput: addLinear(name, hidden, hidden, hubName)
        case .intermediate: addLinear(name, configuration.intermediateSize, hidden, hubName)
        case .feedForwardOutput: addLinear(name, hidden, configuration.intermediateSize, hubName)
        case .attentionLayerNorm, .feedForwardNorm: addNorm(name, hidden, hubName)
        }
      }
    }

    mutating func addHead(_ head: ClassifierKind, _ configuration: EncoderConfiguration) {
      let hidden = configuration.hiddenSize
      let labels = configuration.labels.count
      switch head {
      case .native:
        addLinear(
          ParameterName.headDense, hidden, hidden, names.headDense,
          isInEncoder: names.headDenseIsInEncoder)
        addLinear(ParameterName.headOutput, labels, hidden, names.headOutput, isInEncoder: false)
      case .linear:
        // A file of its own holds nothing but these two.
        add("\(ParameterName.headOutput).weight", [labels, hidden], "weight", isInEncoder: false)
        add("\(ParameterName.headOutput).bias", [labels], "bias", isInEncoder: false)
      }
    }

    private mutating func addLinear(
      _ name: String, _ out: Int, _ into: Int, _ hubName: String, isInEncoder: Bool = true
    ) {
      add("\(name).weight", [out, into], "\(hubName).weight", isInEncoder: isInEncoder)
      add("\(name).bias", [out], "\(hubName).bias", isInEncoder: isInEncoder)
    }

    private mutating func addNorm(_ name: String, _ size: Int, _ hubName: String) {
      for parameter in ["weight", "bias"] {
        add(
          "\(name).\(parameter)", [size], "\(hubName).\(parameter)",
          old: HubNames.oldParameters[parameter].map { "\(hubName).\($0)" })
      }
    }

    private mutating func add(
      _ name: String, _ shape: [Int], _ hubName: String, isInEncoder: Bool = true,
      old: String? = nil
    ) {
      parameters.append(
        ParameterSpecification(
          name: name, shape: shape, hubName: hubName, isInEncoder: isInEncoder, oldHubName: old))
    }
  }
}
