/// The printable characters that stand for bytes in the vocabulary of byte-level BPE.
enum ByteAlphabet {
  /// The character of each byte: itself where it is printable in Latin-1, else the next free one
  /// from U+0100 on (`bytes_to_unicode` of GPT-2).
  static let characters: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { (byte: UInt32) in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
      default:
        defer { next += 1 }
        return next
      }
    }
  }()

  /// The bytes that a token stands for; characters of no byte are left out.
  static func bytes(of token: [UInt8]) -> [UInt8] {
    String(decoding: token, as: UTF8.self).unicodeScalars.compactMap { bytes[$0.value] }
  }

  private static let bytes = Dictionary(
    uniqueKeysWithValues: zip(characters, 0...UInt8.max).map { ($0, $1) })

  /// The id of each byte's character, nil where the vocabulary lacks it.
  static func ids(in vocabulary: Vocabulary) -> [Int32?] {
    characters.map { character in
      var token: [UInt8] = []
      token.append(scalar: character)
      return vocabulary.id(of: token)
    }
  }

  /// A merge by ids; nil unless both parts and their product are tokens.
  static func merge(
    _ left: [UInt8], _ right: [UInt8], _ vocabulary: Vocabulary
  ) -> (left: Int32, right: Int32, product: Int32)? {
    guard let leftID = vocabulary.id(of: left), let rightID = vocabulary.id(of: right),
      let product = vocabulary.id(of: left + right)
    else { return nil }
    return (leftID, rightID, product)
  }
}
