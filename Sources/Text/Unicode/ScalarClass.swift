/// The properties of a Unicode scalar that tokenizers ask for, as PyPI `tokenizers` has them.
struct ScalarClass: OptionSet {
  let rawValue: UInt32

  /// Removed when text is cleaned: controls, formats, private use.
  static let control = ScalarClass(rawValue: 1 << 0)
  static let whitespace = ScalarClass(rawValue: 1 << 1)
  /// Stands alone for BERT: every ASCII symbol, elsewhere general category P.
  static let punctuation = ScalarClass(rawValue: 1 << 2)
  /// A mark that stripping accents removes.
  static let dropped = ScalarClass(rawValue: 1 << 3)
  /// Becomes something else when accents are stripped (Hangul syllables apart, which do by rule).
  static let decomposes = ScalarClass(rawValue: 1 << 4)
  /// Canonical combining class above zero.
  static let nonstarter = ScalarClass(rawValue: 1 << 5)
  static let lowercases = ScalarClass(rawValue: 1 << 6)
  static let letter = ScalarClass(rawValue: 1 << 7)
  static let number = ScalarClass(rawValue: 1 << 8)
  /// `\w` of regular expressions.
  static let word = ScalarClass(rawValue: 1 << 9)
  /// Set apart by blanks before BERT splits words.
  static let ideograph = ScalarClass(rawValue: 1 << 10)

  /// The classes of the ASCII characters.
  static let ascii: [ScalarClass] = (0..<128).map { ScalarClass(searching: $0) }

  /// The class of a scalar value.
  init(of scalar: UInt32) {
    self = scalar < 128 ? Self.ascii[Int(scalar)] : ScalarClass(searching: scalar)
  }

  private init(searching scalar: UInt32) {
    let runs = UnicodeTables.classRuns
    let index = partitionPoint(runs.count) { runs[$0] >> 11 <= scalar }
    self.init(rawValue: runs[index - 1] & 0x7FF)
  }

  init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// The first of `count` indices for which `belongsBefore` is false; it must not turn true again.
func partitionPoint(_ count: Int, where belongsBefore: (Int) -> Bool) -> Int {
  var low = 0
  var high = count
  while low < high {
    let middle = (low + high) / 2
    if belongsBefore(middle) { low = middle + 1 } else { high = middle }
  }
  return low
}
