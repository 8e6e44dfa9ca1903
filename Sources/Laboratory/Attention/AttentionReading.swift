internal import Checkpoints
public import Encoders
public import Files
public import Stages
public import Tensors
internal import Text
internal import Training

/// What [CLS] of the last layer attends to in one text, by head (paper Figure 3).
public struct AttentionReading: Sendable, Equatable {
  /// The text.
  public let text: String
  /// Its tokens, the special ones included.
  public let tokens: [String]
  /// `[head][token]`: a row adds up to 1, that of a masked head to 0.
  public let weights: [[Double]]

  /// A reading that was made elsewhere.
  public init(text: String, tokens: [String], weights: [[Double]]) {
    self.text = text
    self.tokens = tokens
    self.weights = weights
  }

  /// Reads a text.
  ///
  /// - Parameters:
  ///   - model: made of `source`.
  ///   - maximumLength: tokens of the text that are read.
  public init(
    _ text: String, by model: Classifier, of source: SourceModel, maximumLength: Int,
    headMask: HeadMask
  ) throws {
    let encoded = try source.encoded(
      Dataset(examples: [Example(text: text)]), maximumLength: maximumLength)
    self.init(
      text: text, tokens: encoded[0].map { source.tokenizer.token(for: $0) ?? "\($0)" },
      weights: try model.lastAttention(on: encoded, headMask: headMask))
  }

  /// As JSON.
  public var json: JSONValue {
    [
      "text": .string(text), "tokens": .array(tokens.map(JSONValue.string)),
      "weights": .array(weights.map { .array($0.map(JSONValue.double)) }),
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    text = try node.required("text").string()
    tokens = try node.required("tokens").elements().map { token throws(InputError) in
      try token.string()
    }
    weights = try node.required("weights").matrix { weight throws(InputError) in
      try weight.double(in: 0...1.001)
    }
    guard weights.allSatisfy({ $0.count == tokens.count }) else {
      throw node.error("has other weights than tokens", remedy: "remove the record")
    }
  }
}

/// Reads the attention of a classifier: `classifier` in; nothing but the outcome's findings out.
public struct AttentionStage: StageWork {
  /// `attention`.
  public static let kind = "attention"
  /// It is the laboratory's.
  public static let belongsToDefense = false

  private let texts: [String]
  private let maximumLength: Int

  /// - Parameter maximumLength: tokens of a text that are read.
  public init(_ texts: [String], maximumLength: Int) {
    self.texts = texts
    self.maximumLength = maximumLength
  }

  /// A few words.
  public var title: String { "read attention" }

  /// Both.
  public var parameters: JSONValue {
    ["texts": .array(texts.map(JSONValue.string)), "maximumLength": .int(maximumLength)]
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    texts = try node.required("texts").elements().map { text throws(InputError) in
      try text.string()
    }
    maximumLength = try node.required("maximumLength").int(in: 3...8192)
  }

  /// Finds out the readings.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("classifier", for: .classifying)
    let model = try Classifier(source.checkpoint, on: backend)
    let mask = HeadMask(of: source.checkpoint)
    return StageOutcome(
      findings: JSONObject([
        (
          Self.kind,
          .array(
            try texts.map { text in
              try AttentionReading(
                text, by: model, of: source, maximumLength: maximumLength, headMask: mask
              ).json
            })
        )
      ]))
  }
}
