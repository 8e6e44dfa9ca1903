/// Texts in the order of their file, with the names of their labels.
public struct Dataset: Sendable, Equatable {
  /// The texts.
  public var examples: [Example]
  /// What the label indices mean.
  public var labels: LabelNames
  /// The path of the file or folder that the examples come from; empty if they were made.
  public var source: String

  /// Examples whose labels, where they have any, index `labels`.
  public init(examples: [Example], labels: LabelNames = .sentiment, source: String = "") {
    precondition(
      examples.allSatisfy { $0.label.map(labels.names.indices.contains) ?? true },
      "A label is an index into the label names.")
    self.examples = examples
    self.labels = labels
    self.source = source
  }

  /// The number of examples.
  public var count: Int { examples.count }

  /// The number of examples with each label, by its index.
  public var labelCounts: [Int] {
    examples.reduce(into: Array(repeating: 0, count: labels.names.count)) { counts, example in
      if let label = example.label { counts[label] += 1 }
    }
  }

  /// The same data set with the examples at these indices, in their order.
  public func selecting(_ indices: some Sequence<Int>) -> Dataset {
    var selection = self
    selection.examples = indices.map { examples[$0] }
    return selection
  }
}
