/// What a data set holds, for a report and for eyes that look for what is odd.
public struct DatasetSummary: Sendable, Equatable {
  /// The number of examples with each label, by its index.
  public let labelCounts: [Int]
  /// The number of examples without a label.
  public let unlabelledCount: Int
  /// The number of examples whose text has nothing but white space.
  public let emptyCount: Int
  /// The number of examples whose text occurred before, byte for byte.
  public let duplicateCount: Int
  /// The index of the first of the longest texts in bytes; nil if there are no examples.
  public let longestIndex: Int?
  /// The length of the longest text in bytes.
  public let longestByteCount: Int

  /// Counts once through all examples.
  public init(_ dataset: Dataset) {
    var labelCounts = Array(repeating: 0, count: dataset.labels.names.count)
    var unlabelled = 0
    var empty = 0
    var longest: (index: Int, byteCount: Int)?
    var seen: Set<[UInt8]> = []
    for (index, example) in dataset.examples.enumerated() {
      if let label = example.label { labelCounts[label] += 1 } else { unlabelled += 1 }
      if example.text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { empty += 1 }
      let bytes = Array(example.text.utf8)
      if bytes.count > longest?.byteCount ?? -1 { longest = (index, bytes.count) }
      seen.insert(bytes)
    }
    self.labelCounts = labelCounts
    unlabelledCount = unlabelled
    emptyCount = empty
    duplicateCount = dataset.count - seen.count
    longestIndex = longest?.index
    longestByteCount = longest?.byteCount ?? 0
  }
}
