import Checkpoints
import Files
import TestSupport
import Testing

/// Names and shapes against those that transformers gives to its own models.
@Suite struct NameMapTests {
  /// One layer by hand: our name, then Hugging Face's for BERT and RoBERTa, and for DistilBERT.
  static let layerNames = [
    ("attention.query", "attention.self.query", "attention.q_lin"),
    ("attention.key", "attention.self.key", "attention.k_lin"),
    ("attention.value", "attention.self.value", "attention.v_lin"),
    ("attention.output", "attention.output.dense", "attention.out_lin"),
    ("attention.norm", "attention.output.LayerNorm", "sa_layer_norm"),
    ("feedForward.intermediate", "intermediate.dense", "ffn.lin1"),
    ("feedForward.output", "output.dense", "ffn.lin2"),
    ("feedForward.norm", "output.LayerNorm", "output_layer_norm"),
  ]

  static func hubNames(_ family: ModelFamily, head: Bool) -> [String: String] {
    let isDistilled = family == .distilbert
    var names = [
      "embeddings.word.weight": "embeddings.word_embeddings.weight",
      "embeddings.position.weight": "embeddings.position_embeddings.weight",
    ]
    if !isDistilled {
      names["embeddings.tokenType.weight"] = "embeddings.token_type_embeddings.weight"
    }
    for part in ["weight", "bias"] {
      names["embeddings.norm.\(part)"] = "embeddings.LayerNorm.\(part)"
      for layer in 0..<2 {
        for (ours, bert, distilled) in layerNames {
          names["layers.\(layer).\(ours).\(part)"] =
            isDistilled
            ? "transformer.layer.\(layer).\(distilled).\(part)"
            : "encoder.layer.\(layer).\(bert).\(part)"
        }
      }
    }
    if head { names = names.mapValues { "\(family.rawValue).\($0)" } }
    guard head else { return names }
    let (dense, output) =
      switch family {
      case .bert: ("bert.pooler.dense", "classifier")
      case .roberta: ("classifier.dense", "classifier.out_proj")
      case .distilbert: ("pre_classifier", "classifier")
      }
    for part in ["weight", "bias"] {
      names["head.dense.\(part)"] = "\(dense).\(part)"
      names["head.output.\(part)"] = "\(output).\(part)"
    }
    return names
  }

  private func load(
    _ family: ModelFamily, _ tensors: [RawTensor], config: JSONObject? = nil
  ) throws -> ModelCheckpoint {
    let scratch = try Scratch()
    try TinyModel.write(family, tensors, to: scratch.file("model"), config: config)
    return try ModelCheckpoint.load(directory: scratch.file("model"))
  }

  private func expect(
    _ checkpoint: ModelCheckpoint, has names: [String: String], from tensors: [RawTensor],
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(Set(checkpoint.parameters.keys) == Set(names.keys), sourceLocation: location)
    for (ours, theirs) in names {
      let tensor = tensors.first { $0.name == theirs }
      #expect(checkpoint.parameters[ours]?.values == tensor?.values, sourceLocation: location)
      #expect(checkpoint.parameters[ours]?.shape == tensor?.shape, sourceLocation: location)
    }
  }

  @Test(arguments: ModelFamily.allCases)
  func `every parameter of a classifier is found`(family: ModelFamily) throws {
    let dictionary = try StateDictionary(family, .classifier)
    let checkpoint = try load(family, dictionary.tensors)
    #expect(checkpoint.classifierKind == .native)
    #expect(checkpoint.passthrough.isEmpty)
    expect(checkpoint, has: Self.hubNames(family, head: true), from: dictionary.tensors)
    let total = dictionary.tensors.reduce(0) { $0 + $1.values.count }
    #expect(checkpoint.parameters.values.reduce(0) { $0 + $1.values.count } == total)
  }

  @Test(arguments: ModelFamily.allCases)
  func `every parameter of a bare encoder is found and its pooler kept`(
    family: ModelFamily
  ) throws {
    let dictionary = try StateDictionary(family, .encoder)
    let checkpoint = try load(family, dictionary.tensors)
    #expect(checkpoint.classifierKind == nil)
    expect(checkpoint, has: Self.hubNames(family, head: false), from: dictionary.tensors)
    let pooler = family == .distilbert ? [] : ["pooler.dense.bias", "pooler.dense.weight"]
    #expect(checkpoint.passthrough.keys.sorted() == pooler)
    for name in pooler {
      #expect(checkpoint.passthrough[name]?.values == dictionary[name]?.values)
    }
  }

  @Test(arguments: ModelFamily.allCases)
  func `heads of pre-training and buffers are passed over`(family: ModelFamily) throws {
    let dictionary = try StateDictionary(family, .maskedLanguageModel)
    let extra = [
      RawTensor("\(family.rawValue).embeddings.position_ids", [1, 9]),
      RawTensor("\(family.rawValue).embeddings.token_type_ids", [1, 9]),
    ]
    let checkpoint = try load(family, dictionary.tensors + extra)
    #expect(checkpoint.classifierKind == nil)
    let names = Self.hubNames(family, head: false).mapValues { "\(family.rawValue).\($0)" }
    expect(checkpoint, has: names, from: dictionary.tensors)
  }

  @Test(arguments: ModelFamily.allCases)
  func `old names of layer norms and a missing prefix are understood`(
    family: ModelFamily
  ) throws {
    let dictionary = try StateDictionary(family, .classifier)
    let old = dictionary.tensors.map { tensor in
      var tensor = tensor
      tensor.name = tensor.name.replacing("\(family.rawValue).", with: "")
      let isNorm = tensor.name.contains("LayerNorm") || tensor.name.contains("layer_norm")
      if isNorm {
        tensor.name = tensor.name.replacing(".weight", with: ".gamma")
          .replacing(".bias", with: ".beta")
      }
      return tensor
    }
    #expect(
      Set(old.map(\.name)).isDisjoint(
        with: dictionary.tensors.map(\.name).filter {
          $0.hasPrefix(family.rawValue)
        }))
    let checkpoint = try load(family, old)
    expect(checkpoint, has: Self.hubNames(family, head: true), from: dictionary.tensors)
  }

  @Test(arguments: ModelFamily.allCases)
  func `each missing tensor is named`(family: ModelFamily) throws {
    let dictionary = try StateDictionary(family, .classifier)
    for (index, tensor) in dictionary.tensors.enumerated() {
      var rest = dictionary.tensors
      rest.remove(at: index)
      // Without its last layer a head counts as absent, and what is left of it as unknown.
      let error = try #require(throws: InputError.self) { try load(family, rest) }
      #expect(error.problem == "is missing" || error.problem.hasPrefix("is no part of the model"))
      if tensor.name.hasPrefix(family.rawValue) {
        let bare = String(tensor.name.dropFirst(family.rawValue.count + 1))
        #expect(error.place == .tensor(bare))
      }
    }
  }

  @Test(arguments: ModelFamily.allCases)
  func `each tensor of a wrong shape is named`(family: ModelFamily) throws {
    let dictionary = try StateDictionary(family, .classifier)
    for (index, tensor) in dictionary.tensors.enumerated() {
      var wrong = dictionary.tensors
      wrong[index] = RawTensor(tensor.name, [tensor.shape[0] + 1] + tensor.shape.dropFirst())
      let error = try #require(throws: InputError.self) { try load(family, wrong) }
      #expect(error.place == .tensor(tensor.name))
      #expect(error.problem.hasPrefix("has the shape"))
    }
  }

  @Test(arguments: [
    "encoder.layer.2.output.dense.weight", "qa_outputs.weight", "extra", "encoder.layer.00.x",
    "bert.encoder.layer.0.attention.output.LayerNorm.gamma",
  ])
  func `an unknown tensor is named`(name: String) throws {
    let dictionary = try StateDictionary(.bert, .classifier)
    let error = try #require(throws: InputError.self) {
      try load(.bert, dictionary.tensors + [RawTensor(name, [6])])
    }
    #expect(error.place == .tensor(name))
    #expect(error.problem.hasPrefix("is no part of the model"))
  }

  @Test func `a tensor with and without its prefix is refused`() throws {
    let dictionary = try StateDictionary(.bert, .classifier)
    let error = try #require(throws: InputError.self) {
      try load(.bert, dictionary.tensors + [RawTensor("embeddings.LayerNorm.bias", [6])])
    }
    #expect(error.problem == "is there with and without the prefix bert.")
  }

  @Test func `a configuration of more layers than the weights names the first missing`() throws {
    let dictionary = try StateDictionary(.bert, .encoder)
    var config = TinyModel.config(.bert)
    config["num_hidden_layers"] = 3
    let error = try #require(throws: InputError.self) {
      try load(.bert, dictionary.tensors, config: config)
    }
    #expect(error.place == .tensor("encoder.layer.2.attention.self.query.weight"))
  }
}
