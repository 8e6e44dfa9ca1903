internal import Checkpoints
public import Files
public import Text

/// The user's texts and how many tokens models read of them; each is read and counted once.
public final class TextLengths {
  private struct Counted: Hashable {
    let source: TextSource
    let model: String
    let maximumLength: Int
  }

  private var data: [TextSource: Dataset] = [:]
  private var counts: [Counted: [Int]] = [:]
  private var vocabularies: [String: Int] = [:]
  private var models: [String: (tokenizer: Tokenizer, configuration: EncoderConfiguration)] = [:]

  /// Knows nothing yet.
  public init() {}

  /// The texts.
  public func texts(_ source: TextSource) throws(InputError) -> Dataset {
    if let known = data[source] { return known }
    let texts = try source.load()
    data[source] = texts
    return texts
  }

  /// Tokens of each text that the model of a directory reads, the special ones included.
  func tokenCounts(
    of source: TextSource, by model: String, maximumLength: Int
  ) throws(InputError) -> [Int] {
    let key = Counted(source: source, model: model, maximumLength: maximumLength)
    if let known = counts[key] { return known }
    let found = try tokenCounts(of: texts(source), by: model, maximumLength: maximumLength)
    counts[key] = found
    return found
  }

  /// The same of texts that are no file.
  func tokenCounts(
    of data: Dataset, by model: String, maximumLength: Int
  ) throws(InputError) -> [Int] {
    let reader = try reader(model)
    return reader.tokenizer.encode(
      data.examples.map(\.text), maximumLength: reader.configuration.tokenLimit(maximumLength)
    ).map(\.count)
  }

  func spellableTokenCount(of model: String) throws(InputError) -> Int {
    if let known = vocabularies[model] { return known }
    let count = try reader(model).tokenizer.spellableIDs.count
    vocabularies[model] = count
    return count
  }

  func headCount(of model: String) throws(InputError) -> Int {
    let configuration = try reader(model).configuration
    return configuration.layerCount * configuration.headCount
  }

  private func reader(
    _ model: String
  ) throws(InputError) -> (tokenizer: Tokenizer, configuration: EncoderConfiguration) {
    if let known = models[model] { return known }
    let reader = (
      try Tokenizer.load(directory: model),
      try EncoderConfiguration(JSONNode(contentsOf: Path.join(model, "config.json")))
    )
    models[model] = reader
    return reader
  }
}
