internal import Files

/// Single pieces, as a program sees them that puts some into texts by id.
extension Tokenizer {
  /// The ids that a text can be given without spelling a special token, ascending: words that the
  /// tokenizer gives back as themselves, and pieces that continue a word.
  public var spellableIDs: [Int32] {
    let excluded = Set((prefix + suffix + [unknownID].compactMap(\.self)) + specialIDs)
    return vocabulary.ids.sorted().filter { id in
      guard !excluded.contains(id), Int(id) < embeddingCount else { return false }
      let text = text(of: [id])
      // Half of a character, or nothing at all.
      guard !text.isEmpty, !text.unicodeScalars.contains("\u{FFFD}") else { return false }
      return continuesWord(id) || pieces(of: text) == [id] || pieces(of: " " + text) == [id]
    }
  }

  /// Whether a piece belongs to the word of the piece before it.
  public func continuesWord(_ id: Int32) -> Bool {
    guard let token = vocabulary.token(for: id) else { return false }
    switch model {
    case .wordPiece(let pieces, _):
      return token.count > pieces.continuingPrefix.count
        && token.starts(with: pieces.continuingPrefix)
    case .bytePair: return !token.starts(with: Self.blank)
    }
  }

  /// What pieces spell: words with a blank between them.
  public func text(of ids: some Sequence<Int32>) -> String {
    var bytes: [UInt8] = []
    for id in ids {
      guard let token = vocabulary.token(for: id) else {
        bytes += (bytes.isEmpty ? [] : [0x20]) + Array((self.token(for: id) ?? "").utf8)
        continue
      }
      switch model {
      case .wordPiece(let pieces, _):
        if continuesWord(id) {
          bytes += token.dropFirst(pieces.continuingPrefix.count)
        } else {
          bytes += (bytes.isEmpty ? [] : [0x20]) + token
        }
      case .bytePair: bytes += ByteAlphabet.bytes(of: token)
      }
    }
    if case .bytePair = model, bytes.first == 0x20 { bytes.removeFirst() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The token that stands for one that is not known; nil where there is none.
  public var maskID: Int32? { id(of: "[MASK]") ?? id(of: "<mask>") }

  /// The character of a blank in the alphabet of bytes.
  private static let blank = Array("Ġ".utf8)
}
