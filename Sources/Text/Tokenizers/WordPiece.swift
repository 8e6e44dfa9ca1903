/// BERT's words (split at white space and around punctuation) cut greedily into the longest pieces.
struct WordPiece: Sendable {
  let vocabulary: Vocabulary
  /// What stands before a piece that continues a word, `##` for BERT.
  let continuingPrefix: [UInt8]
  let unknownID: Int32
  /// Longer words, in Unicode scalars, become one unknown token.
  let maximumWordLength: Int
  private let continuingHash: ByteHash

  init(
    vocabulary: Vocabulary, unknownID: Int32, continuingPrefix: String = "##",
    maximumWordLength: Int = 100
  ) {
    self.vocabulary = vocabulary
    self.unknownID = unknownID
    self.continuingPrefix = Array(continuingPrefix.utf8)
    self.maximumWordLength = maximumWordLength
    var hash = ByteHash()
    for byte in self.continuingPrefix { hash.combine(byte) }
    continuingHash = hash
  }

  /// Appends the ids of normalized text and stops soon after there are `limit` of them.
  func encode(
    _ text: Span<UInt8>, into ids: inout [Int32], limit: Int, hashes: inout [UInt64]
  ) {
    let ascii = ScalarClass.ascii
    var wordStart = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      var length = 1
      let kind: ScalarClass
      if byte < 0x80 {
        kind = ascii[Int(byte)]
      } else {
        let (scalar, count) = text.scalar(at: index)
        kind = ScalarClass(of: scalar)
        length = count
      }
      if !kind.isDisjoint(with: [.whitespace, .punctuation]) {
        if wordStart < index { encodeWord(text, wordStart, index, into: &ids, &hashes) }
        if kind.contains(.punctuation) {
          encodeWord(text, index, index + length, into: &ids, &hashes)
        }
        if ids.count >= limit { return }
        wordStart = index + length
      }
      index += length
    }
    if wordStart < index { encodeWord(text, wordStart, index, into: &ids, &hashes) }
  }

  private func encodeWord(
    _ text: Span<UInt8>, _ wordStart: Int, _ wordEnd: Int, into ids: inout [Int32],
    _ hashes: inout [UInt64]
  ) {
    if wordEnd - wordStart > maximumWordLength {
      var scalars = 0
      for index in wordStart..<wordEnd where text[index] & 0xC0 != 0x80 { scalars += 1 }
      if scalars > maximumWordLength { return ids.append(unknownID) }
    }
    let countBefore = ids.count
    var start = wordStart
    while start < wordEnd {
      guard let (id, end) = longestPiece(text, start, wordEnd, start > wordStart, &hashes) else {
        ids.removeSubrange(countBefore...)
        return ids.append(unknownID)
      }
      ids.append(id)
      start = end
    }
  }

  private func longestPiece(
    _ text: Span<UInt8>, _ start: Int, _ wordEnd: Int, _ continues: Bool, _ hashes: inout [UInt64]
  ) -> (id: Int32, end: Int)? {
    var hash = continues ? continuingHash : ByteHash()
    let prefix = continues ? continuingPrefix : []
    let last = min(wordEnd, start + vocabulary.longestToken)
    hashes.removeAll(keepingCapacity: true)
    for index in start..<last {
      hash.combine(text[index])
      hashes.append(hash.state)
    }
    var end = last
    while end > start {
      // Pieces end where a scalar ends.
      if end == wordEnd || text[end] & 0xC0 != 0x80,
        let id = vocabulary.id(
          prefix: prefix, text, start, end,
          hash: ByteHash(state: hashes[end - start - 1]).value)
      {
        return (id, end)
      }
      end -= 1
    }
    return nil
  }
}
