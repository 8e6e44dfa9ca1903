public import Files

/// Token ids of many texts end to end, with their labels.
public struct EncodedDataset: Sendable {
  /// The ids of all texts, one text after the other.
  public let tokenIDs: [Int32]
  /// Where each text begins in `tokenIDs`, and the end of the last one: `count + 1` values.
  public let offsets: [Int]
  /// The label of each text; -1 where it has none.
  public let labels: [Int32]
  /// What the padding token means where a text spells it; nil: what any other token means.
  public let padding: PaddingToken?

  /// Texts that are encoded already.
  ///
  /// - Parameter labels: one for each text, -1 for none.
  public init(_ texts: [[Int32]], labels: [Int32], padding: PaddingToken? = nil) {
    precondition(
      texts.count == labels.count, "\(texts.count) texts cannot have \(labels.count) labels.")
    var offsets = [0]
    offsets.reserveCapacity(texts.count + 1)
    for text in texts { offsets.append(offsets[offsets.count - 1] + text.count) }
    self.offsets = offsets
    self.labels = labels
    self.padding = padding
    tokenIDs = Array(texts.joined())
  }

  /// Encodes every text of a data set.
  ///
  /// - Parameters:
  ///   - maximumLength: the most ids of a text, special ones included.
  ///   - padding: what the encoder that reads the ids makes of its padding token.
  /// - Throws: `InputError` if a text holds a token that the model has no embedding for.
  public init(
    _ dataset: Dataset, tokenizer: Tokenizer, maximumLength: Int, padding: PaddingToken?
  ) throws(InputError) {
    let texts = tokenizer.encode(dataset.examples.map(\.text), maximumLength: maximumLength)
    try tokenizer.requireEmbeddings(for: texts, source: dataset.source)
    self.init(
      texts, labels: dataset.examples.map { Int32($0.label ?? -1) }, padding: padding)
  }

  /// The number of texts.
  public var count: Int { labels.count }

  /// The number of ids of each text.
  public var lengths: [Int] { (0..<count).map { offsets[$0 + 1] - offsets[$0] } }

  /// The ids of one text.
  public subscript(index: Int) -> ArraySlice<Int32> {
    tokenIDs[offsets[index]..<offsets[index + 1]]
  }
}
