/// BERT's clean-up of raw text (`BertNormalizer` of PyPI `tokenizers`).
struct BERTNormalizer: Sendable {
  /// Whether controls go and every white space becomes a blank.
  let cleansText: Bool
  /// Whether blanks set CJK ideographs apart.
  let spacesIdeographs: Bool
  let stripsAccents: Bool
  let lowercases: Bool
  /// What each ASCII character becomes: one character or nothing.
  private let ascii: [UInt8]
  private static let removed: UInt8 = 0xFF

  init(
    cleansText: Bool = true, spacesIdeographs: Bool = true, stripsAccents: Bool, lowercases: Bool
  ) {
    self.cleansText = cleansText
    self.spacesIdeographs = spacesIdeographs
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
    ascii = ScalarClass.ascii.enumerated().map { code, kind in
      let byte = UInt8(code)
      if cleansText {
        if kind.contains(.control) { return Self.removed }
        if kind.contains(.whitespace) { return 0x20 }
      }
      return lowercases && 0x41...0x5A ~= byte ? byte + 0x20 : byte
    }
  }

  /// Appends the normalized form of valid UTF-8 to `output`.
  func normalize(_ text: Span<UInt8>, into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count)
    var marks = PendingMarks()
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte < 0x80 {
        if !marks.isEmpty { flush(&marks, into: &output) }
        let replacement = ascii[Int(byte)]
        if replacement != Self.removed { output.append(replacement) }
        index += 1
      } else {
        let (scalar, length) = text.scalar(at: index)
        index += length
        clean(scalar, &marks, into: &output)
      }
    }
    flush(&marks, into: &output)
  }

  private func clean(_ scalar: UInt32, _ marks: inout PendingMarks, into output: inout [UInt8]) {
    let kind = ScalarClass(of: scalar)
    if cleansText {
      if kind.contains(.control) { return }
      if kind.contains(.whitespace) {
        flush(&marks, into: &output)
        return output.append(0x20)
      }
    }
    if spacesIdeographs && kind.contains(.ideograph) {
      flush(&marks, into: &output)
      output.append(0x20)
      strip(scalar, kind, &marks, into: &output)
      flush(&marks, into: &output)
      output.append(0x20)
    } else {
      strip(scalar, kind, &marks, into: &output)
    }
  }

  private func strip(
    _ scalar: UInt32, _ kind: ScalarClass, _ marks: inout PendingMarks, into output: inout [UInt8]
  ) {
    guard stripsAccents else { return fold(scalar, into: &output) }
    if kind.contains(.dropped) {
      // A mark that goes still ends a run of marks unless it would be sorted among them.
      if !kind.contains(.nonstarter) { flush(&marks, into: &output) }
    } else if kind.contains(.decomposes) {
      ScalarMapping.withoutAccents(scalar) {
        settle($0, ScalarClass(of: $0), &marks, into: &output)
      }
    } else if ScalarMapping.isHangulSyllable(scalar) {
      flush(&marks, into: &output)
      ScalarMapping.hangulLetters(scalar) { fold($0, into: &output) }
    } else {
      settle(scalar, kind, &marks, into: &output)
    }
  }

  private func settle(
    _ scalar: UInt32, _ kind: ScalarClass, _ marks: inout PendingMarks, into output: inout [UInt8]
  ) {
    if kind.contains(.nonstarter) {
      marks.append(scalar)
    } else {
      flush(&marks, into: &output)
      fold(scalar, into: &output)
    }
  }

  private func flush(_ marks: inout PendingMarks, into output: inout [UInt8]) {
    marks.drain { fold($0, into: &output) }
  }

  private func fold(_ scalar: UInt32, into output: inout [UInt8]) {
    if lowercases {
      ScalarMapping.lowercase(scalar) { output.append(scalar: $0) }
    } else {
      output.append(scalar: scalar)
    }
  }
}

/// A run of marks that canonical decomposition puts in the order of their combining classes.
private struct PendingMarks {
  private var marks: [(order: UInt32, scalar: UInt32)] = []

  var isEmpty: Bool { marks.isEmpty }

  mutating func append(_ scalar: UInt32) {
    let order = ScalarMapping.combiningClass(scalar)
    // Marks of one class keep the order of the text.
    let index = marks.lastIndex { $0.order <= order }.map { $0 + 1 } ?? 0
    marks.insert((order, scalar), at: index)
  }

  mutating func drain(_ body: (UInt32) -> Void) {
    if marks.isEmpty { return }
    for mark in marks { body(mark.scalar) }
    marks.removeAll(keepingCapacity: true)
  }
}
