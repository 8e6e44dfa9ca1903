import Files

/// What a label says, apart from how it is written: `1`, `1.0` and `1e0` are one number, `NOT` and
/// `not` one word, and pandas' `True` is JSON's `true`.
enum LabelMeaning: Equatable {
  case number(Int)
  case truth(Bool)
  case word([UInt8])

  init(_ label: String) {
    let word = label.withoutOuterBlanks.lowercased()
    if let number = Self.wholeNumber(word) {
      self = .number(number)
    } else if word == "true" || word == "false" {
      self = .truth(word == "true")
    } else {
      self = .word(Array(word.utf8))
    }
  }

  /// The number, where a truth value is 0 or 1; nil for a word.
  var number: Int? {
    switch self {
    case .number(let number): number
    case .truth(let isTrue): isTrue ? 1 : 0
    case .word: nil
    }
  }

  var isTruth: Bool { if case .truth = self { true } else { false } }

  private static func wholeNumber(_ word: String) -> Int? {
    if let number = Int(word) { return number }
    // `Double` reads hexadecimal digits and the names of infinity too, and beyond 2⁵³ it reads
    // different integers as one.
    guard word.utf8.allSatisfy({ "0123456789+-.e".utf8.contains($0) }),
      let value = Double(word), value.magnitude < 0x1p53
    else { return nil }
    return Int(exactly: value)
  }
}
