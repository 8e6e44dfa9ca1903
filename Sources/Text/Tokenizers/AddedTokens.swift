/// A token that is recognised in the text itself, before words are split.
struct AddedToken: Sendable {
  var content: [UInt8]
  var id: Int32
  var flags: Flags

  /// What a token is like.
  struct Flags: OptionSet, Sendable {
    let rawValue: Int

    static let special = Flags(rawValue: 1)
    /// Matched in the normalized text, not in the raw one.
    static let normalized = Flags(rawValue: 2)
    /// Not matched inside a longer word.
    static let singleWord = Flags(rawValue: 4)
    /// Takes the white space before it along.
    static let stripsLeft = Flags(rawValue: 8)
    /// Takes the white space after it along.
    static let stripsRight = Flags(rawValue: 16)
    /// Known by a name, such as `mask_token`: the class has it whether a text needs it or not.
    static let named = Flags(rawValue: 32)

    /// The flags by their keys in files.
    static let keys: [(key: String, flag: Flags)] = [
      ("special", .special), ("normalized", .normalized), ("single_word", .singleWord),
      ("lstrip", .stripsLeft), ("rstrip", .stripsRight),
    ]
  }
}

/// Finds added tokens in text: the leftmost, of those the longest, one after the other.
struct AddedTokenMatcher: Sendable {
  /// A part of a text: an added token, or text between them.
  struct Segment: Equatable {
    var range: Range<Int>
    var id: Int32?
  }

  private var tokens: [AddedToken] = []
  /// For each first byte the tokens that begin with it, longest first.
  private var candidates: [[Int]] = Array(repeating: [], count: 256)
  private let begins: [Bool]

  /// Earlier tokens win over later ones with the same content.
  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() {
      guard let first = token.content.first else { continue }
      let list = candidates[Int(first)]
      let position = list.firstIndex { tokens[$0].content.count < token.content.count }
      candidates[Int(first)].insert(index, at: position ?? list.count)
    }
    begins = candidates.map { !$0.isEmpty }
  }

  /// Splits text around the tokens in it; nothing is lost but white space that a token strips.
  func segments(of text: Span<UInt8>) -> [Segment] {
    if text.isEmpty { return [] }
    if tokens.isEmpty { return [Segment(range: 0..<text.count, id: nil)] }
    var segments: [Segment] = []
    var settled = 0
    var index = 0
    while index < text.count {
      guard begins[Int(text[index])], let token = match(text, at: index) else {
        index += 1
        continue
      }
      var start = index
      var end = index + token.content.count
      index = end
      if token.flags.contains(.singleWord) && touchesWord(text, start, end) { continue }
      if token.flags.contains(.stripsLeft) {
        start = max(settled, whitespaceStart(text, before: start))
      }
      if token.flags.contains(.stripsRight) { end = whitespaceEnd(text, from: end) }
      if settled < start { segments.append(Segment(range: settled..<start, id: nil)) }
      segments.append(Segment(range: start..<end, id: token.id))
      settled = end
    }
    if settled < text.count { segments.append(Segment(range: settled..<text.count, id: nil)) }
    return segments
  }

  private func match(_ text: Span<UInt8>, at index: Int) -> AddedToken? {
    for candidate in candidates[Int(text[index])] {
      let content = tokens[candidate].content
      guard content.count <= text.count - index else { continue }
      var matched = 1
      while matched < content.count && content[matched] == text[index + matched] { matched += 1 }
      if matched == content.count { return tokens[candidate] }
    }
    return nil
  }

  private func touchesWord(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    if start > 0, ScalarClass(of: text.scalar(before: start).scalar).contains(.word) { return true }
    return end < text.count && ScalarClass(of: text.scalar(at: end).scalar).contains(.word)
  }

  private func whitespaceStart(_ text: Span<UInt8>, before index: Int) -> Int {
    var start = index
    while start > 0 {
      let (scalar, length) = text.scalar(before: start)
      guard ScalarClass(of: scalar).contains(.whitespace) else { break }
      start -= length
    }
    return start
  }

  private func whitespaceEnd(_ text: Span<UInt8>, from index: Int) -> Int {
    var end = index
    while end < text.count {
      let (scalar, length) = text.scalar(at: end)
      guard ScalarClass(of: scalar).contains(.whitespace) else { break }
      end += length
    }
    return end
  }
}
