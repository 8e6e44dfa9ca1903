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
    var labelCounts = Array(repeating: 0, count: dataset.labels.names.count)
    var unlabelled = 0
    var empty = 0
    var seen: Set<[UInt8]> = []
    for example in dataset.examples {
      if let label = example.label { labelCounts[label] += 1 } else { unlabelled += 1 }
      if example.text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { empty += 1 }
      seen.insert(Array(example.text.utf8))
    }
    self.labelCounts = labelCounts
    unlabelledCount = unlabelled
    emptyCount = empty
    duplicateCount = dataset.count - seen.count
  }
}
