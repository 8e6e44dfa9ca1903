public import Text

/// How much a stage computes, in tokens.
public struct StageEffort: Sendable, Hashable {
  /// Tokens of texts that are trained on, once for each time.
  public var trained: Int
  /// Tokens of texts that are read without training.
  public var read: Int

  /// Nothing, unless told otherwise.
  public init(trained: Int = 0, read: Int = 0) {
    self.trained = trained
    self.read = read
  }

  /// All tokens.
  public var tokens: Int { trained + read }

  /// The same as so many tokens that are trained on: going back through a model costs twice what
  /// going forward does.
  public var trainingTokens: Double { Double(trained) + Double(read) / 3 }

  /// So many times as much.
  public func times(_ count: Int) -> StageEffort {
    StageEffort(trained: trained * count, read: read * count)
  }

  /// Both.
  public static func + (first: StageEffort, second: StageEffort) -> StageEffort {
    StageEffort(trained: first.trained + second.trained, read: first.read + second.read)
  }
}

/// What is known of a stage before it runs.
public struct StagePreview {
  private let stage: Stage
  private let lengths: TextLengths
  private let model: String

  /// - Parameters:
  ///   - lengths: what is known of the user's texts.
  ///   - model: directory of the user's model that reads them, however it is trained meanwhile.
  public init(_ stage: Stage, _ lengths: TextLengths, model: String) {
    self.stage = stage
    self.lengths = lengths
    self.model = model
  }

  /// Heads of all layers.
  public var headCount: Int {
    get throws { try lengths.headCount(of: model) }
  }

  /// Tokens of the vocabulary that a text can spell.
  public var spellableTokenCount: Int {
    get throws { try lengths.spellableTokenCount(of: model) }
  }

  /// Texts of the user, with the way to them; nil where the stage has no such input, or the result
  /// of another stage.
  public func texts(_ name: String) throws -> (source: TextSource, data: Dataset)? {
    guard let source = source(name) else { return nil }
    return (source, try lengths.texts(source))
  }

  /// Tokens of an input that are read; 0 where it is none of the user's texts.
  ///
  /// - Parameters:
  ///   - limit: texts that are taken; nil: all.
  ///   - label: of a class that is left out.
  public func tokens(
    of name: String, maximumLength: Int, limit: Int? = nil, outside label: Int? = nil
  ) throws -> Int {
    guard let source = source(name) else { return 0 }
    let texts = try lengths.texts(source)
    let counts = try lengths.tokenCounts(of: source, by: model, maximumLength: maximumLength)
    let kept = zip(texts.examples, counts).filter { label == nil || $0.0.label != label }
      .map(\.1)
    let all = kept.reduce(0, +)
    guard let limit, limit < kept.count else { return all }
    return all * limit / kept.count
  }

  /// Tokens of texts that are made of the user's.
  public func tokens(of data: Dataset, maximumLength: Int) throws -> Int {
    try lengths.tokenCounts(of: data, by: model, maximumLength: maximumLength).reduce(0, +)
  }

  private func source(_ name: String) -> TextSource? {
    for input in stage.inputs where input.name == name {
      if case .texts(let source, _) = input.source { return source }
    }
    return nil
  }
}
