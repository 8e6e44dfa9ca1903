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

  /// The same data set with the examples at these indices, in their order.
  public func selecting(_ indices: some Sequence<Int>) -> Dataset {
    var selection = self
    selection.examples = indices.map { examples[$0] }
    return selection
  }
}

/// The names of labels and how they are written in files.
public struct LabelNames: Sendable, Equatable {
  /// The name of each label, by index.
  public let names: [String]
  private let spellings: [[String]]

  /// Labels that a file writes by name or by index.
  public init(_ names: [String]) {
    self.names = names
    spellings = names.enumerated().map { [$1, String($0)] }
  }

  private init(names: [String], spellings: [[String]]) {
    self.names = names
    self.spellings = spellings
  }

  /// 0 is negative, 1 is positive; written as digits, as words or as `neg` and `pos`.
  public static let sentiment = LabelNames(
    names: ["negative", "positive"],
    spellings: [["0", "negative", "neg"], ["1", "positive", "pos"]])

  /// 1 is negative, 2 is positive, as the polarity files of Yelp and Amazon write them.
  static let polarity = LabelNames(
    names: ["negative", "positive"], spellings: [["1"], ["2"]])

  /// The index of a label as a file writes it, in lower or upper case; names come before indices.
  public func index(of spelling: some StringProtocol) -> Int? {
    let wanted = spelling.lowercased()
    for rank in 0..<(spellings.map(\.count).max() ?? 0) {
      let index = spellings.firstIndex {
        rank < $0.count && $0[rank].lowercased().utf8.elementsEqual(wanted.utf8)
      }
      if let index { return index }
    }
    return nil
  }

  /// How a label is written by default; `index(of:)` reads it back.
  func spelling(of index: Int) -> String { spellings[index][0] }

  /// All spellings, for a sentence: `0, negative, neg, 1, positive or pos`.
  var list: String {
    let all = spellings.flatMap { $0 }
    return all.count < 2
      ? all.joined() : all.dropLast().joined(separator: ", ") + " or " + all[all.count - 1]
  }
}
