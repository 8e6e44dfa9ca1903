/// What a data set holds, for eyes that look for what is odd.
public struct DatasetSummary: Sendable, Equatable {
  /// The number of examples with each label, by its index.
  public let labelCounts: [Int]
  /// The number of examples without a label.
  public let unlabelledCount: Int
  /// The number of examples whose text has nothing but white space.
  public let emptyCount: Int
  /// The number of examples whose text occurred before, byte for byte.
  public let duplicateCount: Int

  /// Counts once through all examples.
  public init(_ dataset: Dataset) {
    var empty = 0
    var seen: Set<[UInt8]> = []
    for example in dataset.examples {
      if example.text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { empty += 1 }
      seen.insert(Array(example.text.utf8))
    }
    labelCounts = dataset.labelCounts
    unlabelledCount = dataset.examples.count { $0.label == nil }
    emptyCount = empty
    duplicateCount = dataset.count - seen.count
  }
}
