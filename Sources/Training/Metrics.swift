/// Counts of texts by true label (row) and predicted label (column).
public struct ConfusionMatrix: Sendable, Equatable {
  /// `counts[label][prediction]`.
  public private(set) var counts: [[Int]]

  /// All zero.
  public init(classCount: Int) {
    counts = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
  }

  /// Counts by true label and prediction.
  public init(counts: [[Int]]) { self.counts = counts }

  /// Counts one text.
  public mutating func record(label: Int, prediction: Int) { counts[label][prediction] += 1 }

  /// Texts in all.
  public var total: Int { counts.joined().reduce(0, +) }

  /// Share of texts whose prediction is their label; nil without texts.
  public var accuracy: Double? {
    total == 0 ? nil : Double(counts.indices.map { counts[$0][$0] }.reduce(0, +)) / Double(total)
  }

  /// Share of the texts of other classes that are taken for `target`: on texts that carry the trigger, the label
  /// flip rate (paper section 6.1). Nil where every text is of the target class.
  public func labelFlipRate(target: Int) -> Double? {
    let others = counts.indices.filter { $0 != target }
    let count = others.map { counts[$0].reduce(0, +) }.reduce(0, +)
    return count == 0 ? nil : Double(others.map { counts[$0][target] }.reduce(0, +)) / Double(count)
  }
}
