/// Lower case and accent-free forms of scalars.
enum ScalarMapping {
  /// Hands over the lower case of one scalar by itself (no final sigma, no language).
  @inline(__always)
  static func lowercase(_ scalar: UInt32, _ body: (UInt32) -> Void) {
    if scalar < 0x80 {
      return body(scalar &- 0x41 < 26 ? scalar + 0x20 : scalar)
    }
    guard ScalarClass(of: scalar).contains(.lowercases) else { return body(scalar) }
    if scalar == 0x130 {  // the only one whose lower case is two scalars: I with a dot above
      body(0x69)
      return body(0x307)
    }
    let runs = UnicodeTables.lowercaseRuns
    let run = 4 * (partitionPoint(runs.count / 4) { runs[4 * $0] <= Int32(scalar) } - 1)
    body(UInt32(Int32(scalar) + runs[run + 3]))
  }

  /// Hands over what stays of a scalar that `ScalarClass.decomposes`, in order.
  static func withoutAccents(_ scalar: UInt32, _ body: (UInt32) -> Void) {
    let bases = UnicodeTables.baseScalars
    let pair = 2 * partitionPoint(bases.count / 2) { bases[2 * $0] < scalar }
    if pair < bases.count, bases[pair] == scalar { return body(bases[pair + 1]) }

    let sequences = UnicodeTables.baseSequences
    let four = 4 * partitionPoint(sequences.count / 4) { sequences[4 * $0] < scalar }
    for offset in 1...3 where sequences[four + offset] != 0 { body(sequences[four + offset]) }
  }

  static func isHangulSyllable(_ scalar: UInt32) -> Bool { 0xAC00..<0xD7A4 ~= scalar }

  /// Hands over the letters of a Hangul syllable (Unicode standard, section 3.12).
  static func hangulLetters(_ syllable: UInt32, _ body: (UInt32) -> Void) {
    let index = syllable - 0xAC00
    body(0x1100 + index / 588)
    body(0x1161 + index % 588 / 28)
    if index % 28 != 0 { body(0x11A7 + index % 28) }
  }

  /// The canonical combining class of a nonstarter that stripping accents keeps.
  static func combiningClass(_ scalar: UInt32) -> UInt32 {
    let runs = UnicodeTables.combiningRuns
    let run = 3 * (partitionPoint(runs.count / 3) { runs[3 * $0] <= scalar } - 1)
    precondition(run >= 0 && scalar <= runs[run + 1], "Only nonstarters that stay have an order.")
    return runs[run + 2]
  }
}
