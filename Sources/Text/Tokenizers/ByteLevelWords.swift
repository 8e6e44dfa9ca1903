/// GPT-2's split of text into words, which keep the blank before them:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
enum ByteLevelWords {
  /// The end of the word that begins at `start`, which is within the text.
  @inline(__always)
  static func end(_ text: Span<UInt8>, from start: Int) -> Int {
    let first = text[start]
    if first == UInt8(ascii: "'"), let end = contractionEnd(text, start) { return end }
    let begin = first == 0x20 && start + 1 < text.count ? start + 1 : start
    let kind = kind(text.scalar(at: begin).scalar)
    if kind == .whitespace { return whitespaceEnd(text, start) }
    return runEnd(text, from: begin, of: kind)
  }

  private enum Kind { case letter, number, whitespace, other }

  @inline(__always)
  private static func kind(_ scalar: UInt32) -> Kind {
    let kind = ScalarClass(of: scalar)
    if kind.contains(.letter) { return .letter }
    if kind.contains(.number) { return .number }
    return kind.contains(.whitespace) ? .whitespace : .other
  }

  @inline(__always)
  private static func runEnd(_ text: Span<UInt8>, from start: Int, of kind: Kind) -> Int {
    var index = start
    while index < text.count {
      let (scalar, length) = text.scalar(at: index)
      if self.kind(scalar) != kind { break }
      index += length
    }
    return index
  }

  /// White space leaves its last scalar to the word that follows.
  private static func whitespaceEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    let end = runEnd(text, from: start, of: .whitespace)
    if end == text.count { return end }
    let last = end - text.scalar(before: end).length
    return last > start ? last : end
  }

  private static func contractionEnd(_ text: Span<UInt8>, _ start: Int) -> Int? {
    guard start + 1 < text.count else { return nil }
    let second = text[start + 1]
    switch second {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    default:
      guard start + 2 < text.count else { return nil }
      let third = text[start + 2]
      let isPair =
        third == UInt8(ascii: "e") && (second == UInt8(ascii: "r") || second == UInt8(ascii: "v"))
        || third == UInt8(ascii: "l") && second == UInt8(ascii: "l")
      return isPair ? start + 3 : nil
    }
  }
}
