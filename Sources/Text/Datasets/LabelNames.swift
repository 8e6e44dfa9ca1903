import Files

/// The classes by name, and the one rule by which the labels of files are read.
///
/// Blanks around a label mean nothing. It is
/// 1. the class of that very name; otherwise the only class whose name is the same word in upper or
///    lower case, or the same number in another notation (1, 1.0, 1e0);
/// 2. where no name is a number or a truth value: the class that a whole number counts, from
///    `firstNumber` on; of two classes, `false` is the first and `true` the second;
/// 3. where two classes are named by 0 and 1, or by `false` and `true`: either for the other;
/// 4. unknown, which is an error.
///
/// Where `firstNumber` is not known, all files of a run decide it together: a 0 among their labels
/// says that they count from 0, and the number of classes that they count from 1. Without either, a
/// number could mean two classes, and is refused. Names such as `LABEL_0` count from 0 themselves.
public struct LabelNames: Sendable, Equatable {
  /// The name of each class, by index.
  public let names: [String]
  /// The number of the first class in files that count classes; nil if that is not known yet.
  public var firstNumber: Int?
  private let meanings: [[LabelMeaning]]

  /// Classes that a file writes by name, or by number where no name is one.
  public init(_ names: [String], firstNumber: Int? = nil) {
    self.init(names.map { [$0] }, firstNumber: firstNumber)
  }

  /// - Parameter words: the name of each class and what else it may be called.
  private init(_ words: [[String]], firstNumber: Int?) {
    names = words.map { $0[0] }
    meanings = words.map { $0.map(LabelMeaning.init) }
    self.firstNumber = firstNumber
    if areNumbered { self.firstNumber = firstNumber ?? 0 }
  }

  /// 0 is negative, 1 is positive; also written as `neg` and `pos`.
  public static let sentiment = LabelNames(
    [["negative", "neg"], ["positive", "pos"]], firstNumber: 0)

  /// 1 is negative, 2 is positive, as the polarity files of Yelp and Amazon write them.
  static var polarity: LabelNames {
    var labels = sentiment
    labels.firstNumber = 1
    return labels
  }

  /// Whether files may give numbers instead of names, because no name could be meant by one.
  public var mayBeCounted: Bool { numbers.allSatisfy { $0 == nil } }

  /// Whether the names say no more than the numbers of the classes: `LABEL_0` and `LABEL_1`, 0 and
  /// 1, or `false` and `true`.
  public var areNumbered: Bool {
    names.indices.allSatisfy { numbers[$0] == $0 || names[$0] == "LABEL_\($0)" }
  }

  private var numbers: [Int?] { meanings.map { $0[0].number } }

  /// The class of that name, as the first part of the rule has it.
  public func index(named label: String) -> Int? {
    if let index = names.firstIndex(where: { $0.utf8.elementsEqual(label.utf8) }) { return index }
    let meaning = LabelMeaning(label)
    let candidates = names.indices.filter { meanings[$0].contains(meaning) }
    return candidates.count == 1 ? candidates[0] : nil
  }

  /// The class of a label as a file or a user writes it; nil if that is none, or could be two.
  public func index(of label: String) -> Int? {
    if let index = index(named: label) { return index }
    let meaning = LabelMeaning(label)
    guard let number = meaning.number else { return nil }
    guard mayBeCounted else {
      return names.count == 2 && numbers.contains(0) && numbers.contains(1)
        ? numbers.firstIndex(of: number) : nil
    }
    if case .truth = meaning { return names.count == 2 ? number : nil }
    return settled(by: [label]).firstNumber.flatMap { first in
      names.indices.first { $0 + first == number }
    }
  }

  /// The same names with what all labels of a run say about the number of the first class.
  func settled(by labels: [String]) -> LabelNames {
    guard firstNumber == nil, mayBeCounted else { return self }
    let meanings = labels.filter { index(named: $0) == nil }.map(LabelMeaning.init)
    var settled = self
    // Wherever a truth value is a number, false is 0.
    if meanings.contains(.number(0)) || meanings.contains(where: \.isTruth) {
      settled.firstNumber = 0
    } else if meanings.contains(.number(names.count)) {
      settled.firstNumber = 1
    }
    return settled
  }

  /// How a class is written by default; `index(of:)` reads it back.
  func spelling(of index: Int) -> String {
    self == .sentiment ? String(index) : names[index]
  }
}

extension LabelNames {
  /// What a file may write, for a sentence: `NOT, OFF or their numbers from 0`.
  var expectation: String {
    guard mayBeCounted else { return Self.listed(names, "or") }
    let first = firstNumber.map(String.init) ?? "0 or 1"
    return names.joined(separator: ", ") + " or their numbers from " + first
  }

  /// Whether a number counts two classes, one from 0 and one from 1.
  func isAmbiguous(_ label: String) -> Bool {
    guard mayBeCounted, firstNumber == nil, case .number(let number) = LabelMeaning(label)
    else { return false }
    return (1..<names.count).contains(number)
  }

  /// Why a label has no index, and what to do about it.
  ///
  /// - Parameter labels: all that were read.
  func complaint(about label: String, among labels: [String]) -> (problem: String, remedy: String) {
    let read = Self.listed(Set(labels).sorted(), "and")
    let shown = Terminal.abbreviated(label)
    if isAmbiguous(label) {
      return (
        "has the label \"\(shown)\", which could mean two classes: the labels are \(read), and may "
          + "count the \(names.count) classes from 0 or from 1",
        "say which with --first-label 0 or 1 (in a plan, firstLabel), or write names"
      )
    }
    let options = mayBeCounted ? "--labels or --first-label" : "--labels"
    return (
      "has the unknown label \"\(shown)\" (the labels are \(read))",
      "write \(expectation), or say with \(options) what the file writes"
    )
  }

  private static func listed(_ texts: [String], _ conjunction: String) -> String {
    let limit = 12
    let shown = texts.prefix(limit).map { Terminal.abbreviated($0, limit: 30) }
    guard texts.count <= limit, texts.count > 1, let last = shown.last else {
      return shown.joined(separator: ", ") + (texts.count > limit ? ", …" : "")
    }
    return shown.dropLast().joined(separator: ", ") + " \(conjunction) " + last
  }
}
