public import Files

extension EncoderConfiguration {
  /// Sizes beyond which a file is a mistake or an attack. The largest BERT and RoBERTa models that
  /// were ever published stay below a quarter of each.
  private enum Limit {
    static let layers = 256
    static let heads = 512
    static let width = 1 << 15
    static let vocabulary = 1 << 22
    static let positions = 1 << 18
  }

  /// Reads a `config.json`; nothing in it is ever executed, `auto_map` included.
  ///
  /// - Throws: `InputError` that names the key if one is missing, absurd, at odds with another, or
  ///   asks for arithmetic that this encoder does not have.
  public init(_ config: JSONNode) throws(InputError) {
    try self.init(encoderOf: config)
    labels = try LabelList(config).names
  }

  /// The same for the encoder alone, whatever the file says about labels.
  init(encoderOf config: JSONNode) throws(InputError) {
    let family = try EncoderConfiguration.family(of: config)
    let keys = HubKeys(family)
    try EncoderConfiguration.requireSupported(config, keys)

    let hiddenSize = try config.required(keys.hiddenSize).int(in: 1...Limit.width)
    let headCount = try config.required(keys.headCount).int(in: 1...Limit.heads)
    guard hiddenSize % headCount == 0 else {
      throw try config.required(keys.headCount).error(
        "is \(headCount), which does not divide \(keys.hiddenSize) \(hiddenSize)",
        remedy: "get the file again")
    }
    let dropout = 0.0...1.0.nextDown
    let hiddenDropout = try config.optional(keys.hiddenDropout)?.double(in: dropout) ?? 0.1
    self.init(
      family: family,
      layerCount: try config.required(keys.layerCount).int(in: 1...Limit.layers),
      headCount: headCount, hiddenSize: hiddenSize,
      intermediateSize: try config.required(keys.intermediateSize).int(in: 1...Limit.width),
      vocabularySize: try config.required("vocab_size").int(in: 1...Limit.vocabulary),
      maximumPositionCount: try config.required("max_position_embeddings").int(
        in: 1...Limit.positions),
      tokenTypeCount: try EncoderConfiguration.tokenTypeCount(config, keys),
      padTokenID: try EncoderConfiguration.padTokenID(config, family),
      layerNormEpsilon: try EncoderConfiguration.layerNormEpsilon(config, keys),
      hiddenDropout: hiddenDropout,
      attentionDropout: try config.optional(keys.attentionDropout)?.double(in: dropout) ?? 0.1,
      classifierDropout: try config.optional(keys.classifierDropout)?.double(in: dropout),
      initializerRange: try config.optional("initializer_range")?.double(in: 0...1) ?? 0.02)

    guard padTokenID < vocabularySize else {
      throw try config.required("pad_token_id").error(
        "is \(padTokenID), beyond vocab_size \(vocabularySize)", remedy: "correct it")
    }
    guard maximumTokenCount > 2 else {
      throw try config.required("max_position_embeddings").error(
        "leaves room for \(max(0, maximumTokenCount)) tokens only", remedy: "correct it")
    }
  }

  static func family(of config: JSONNode) throws(InputError) -> ModelFamily {
    guard let node = try config.optional("model_type") else {
      throw config.error(
        "has no model_type, so its layout is not known",
        remedy: "add \"model_type\": \"bert\", \"roberta\" or \"distilbert\"")
    }
    guard let family = ModelFamily(rawValue: try node.string()) else {
      throw node.error(
        "is \(Terminal.abbreviated(try node.string()))",
        remedy: "only bert, roberta and distilbert models can be read")
    }
    return family
  }

  /// Refuses what would load and then compute something else.
  private static func requireSupported(_ config: JSONNode, _ keys: HubKeys) throws(InputError) {
    func require(_ key: String, is expected: String, or same: String? = nil) throws(InputError) {
      guard let node = try config.optional(key) else { return }
      let found = try node.string()
      guard [expected, same].contains(where: { $0?.utf8.elementsEqual(found.utf8) == true }) else {
        throw node.error(
          "is \(Terminal.abbreviated(found))", remedy: "only \(expected) is supported")
      }
    }
    try require("position_embedding_type", is: "absolute")
    // The same function, written in Python instead of C++.
    try require(keys.activation, is: "gelu", or: "gelu_python")
    for key in ["is_decoder", "add_cross_attention"] {
      if let node = try config.optional(key), try node.bool() {
        throw node.error("is true", remedy: "only encoders can be read, not decoders")
      }
    }
    if let node = try config.optional("quantization_config") {
      throw node.error("is present", remedy: "use the weights from before quantization")
    }
    if let node = try config.optional("pruned_heads"), try node.object().count > 0 {
      throw node.error(
        "says that heads were cut out, which changes the shape of weights",
        remedy: "use the model from before, or one whose pruned heads are zeros")
    }
  }

  private static func padTokenID(
    _ config: JSONNode, _ family: ModelFamily
  ) throws(InputError) -> Int? {
    let key = "pad_token_id"
    guard let node = try config.optional(key) else {
      guard family == .roberta, try config.object()[key] != nil else { return nil }
      throw config.error(
        "says that pad_token_id is null, and RoBERTa's positions begin behind it",
        remedy: "set it to the id of the padding token, which most RoBERTa models have as 1")
    }
    return try node.int(in: -1...Limit.vocabulary)
  }

  private static func tokenTypeCount(
    _ config: JSONNode, _ keys: HubKeys
  ) throws(InputError) -> Int? {
    guard let key = keys.tokenTypeCount else { return nil }
    return try config.optional(key)?.int(in: 1...1024)
  }

  private static func layerNormEpsilon(
    _ config: JSONNode, _ keys: HubKeys
  ) throws(InputError) -> Double {
    guard let key = keys.layerNormEpsilon, let node = try config.optional(key) else {
      return 1e-12
    }
    // Zero would divide by zero on a constant row.
    return try node.double(in: Double.leastNonzeroMagnitude...1)
  }
}
