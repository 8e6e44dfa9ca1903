public import Files

/// Text to token ids, as PyPI `tokenizers` does it: WordPiece (BERT) or byte-level BPE (RoBERTa).
public struct Tokenizer: Sendable {
  enum Model: Sendable {
    case wordPiece(WordPiece, normalizer: BERTNormalizer?)
    case bytePair(BytePairEncoding, addsPrefixSpace: Bool)
  }

  let model: Model
  let vocabulary: Vocabulary
  private let addedTokens: [AddedToken]
  private let rawMatcher: AddedTokenMatcher
  private let normalizedMatcher: AddedTokenMatcher
  /// The ids put before each text, `[CLS]` for BERT.
  public let prefix: [Int32]
  /// The ids put after each text, `[SEP]` for BERT.
  public let suffix: [Int32]
  /// The number of word embeddings of the model that reads the ids.
  public var embeddingCount = Int.max
  /// The end of a long text that is dropped.
  private let truncationSide: TruncationSide

  /// - Parameter splitsSpecialTokens: whether special tokens in a text are words like others.
  init(
    model: Model, vocabulary: Vocabulary, addedTokens: [AddedToken], frame: TokenizerFrame,
    truncationSide: TruncationSide, splitsSpecialTokens: Bool
  ) {
    self.model = model
    self.vocabulary = vocabulary
    self.addedTokens = addedTokens
    self.truncationSide = truncationSide
    prefix = frame.prefix
    suffix = frame.suffix
    // Special tokens are matched before others with the same content.
    let matched =
      addedTokens.filter { !splitsSpecialTokens && $0.flags.contains(.special) }
      + addedTokens.filter { !$0.flags.contains(.special) }
    rawMatcher = AddedTokenMatcher(matched.filter { !$0.flags.contains(.normalized) })
    normalizedMatcher = AddedTokenMatcher(
      matched.filter { $0.flags.contains(.normalized) }.map { token in
        guard case .wordPiece(_, let normalizer?) = model else { return token }
        var token = token
        var content: [UInt8] = []
        normalizer.normalize(token.content.span, into: &content)
        token.content = content
        return token
      })
  }

  /// Reads the tokenizer of a Hugging Face directory: `tokenizer.json`, or else the vocabulary
  /// files, with what `tokenizer_config.json`, `special_tokens_map.json`, `added_tokens.json` and
  /// `config.json` say of it.
  ///
  /// - Throws: `InputError` if there is none, it is damaged, or it has parts unknown here.
  public static func load(directory: String) throws(InputError) -> Tokenizer {
    try LinkedFiles.refuseForeign(in: directory)
    let configuration = try TokenizerConfiguration(directory: directory)
    let file = Path.join(directory, "tokenizer.json")
    if Path.exists(file) { return try TokenizerFile(file, configuration).tokenizer() }
    return try VocabularyFiles(directory, configuration).tokenizer()
  }

  /// The ids of a text between `prefix` and `suffix`, cut to `maximumLength` ids in all by
  /// dropping the last pieces of the text, or the first where the tokenizer's files say so.
  ///
  /// - Parameter maximumLength: at least the number of ids in `prefix` and `suffix`.
  public func encode(_ text: String, maximumLength: Int) -> [Int32] {
    var scratch = Scratch()
    return encode(text, maximumLength: maximumLength, &scratch)
  }

  /// The ids of several texts, each as `encode(_:maximumLength:)` gives them.
  public func encode(_ texts: [String], maximumLength: Int) -> [[Int32]] {
    var scratch = Scratch()
    return texts.map { encode($0, maximumLength: maximumLength, &scratch) }
  }

  /// Makes sure that a model of `embeddingCount` word embeddings can read what texts were encoded
  /// to.
  ///
  /// - Parameter source: the file that the texts are from.
  /// - Throws: `InputError` that names the first text with an id beyond, and its token.
  public func requireEmbeddings(for texts: [[Int32]], source: String?) throws(InputError) {
    // All other ids are below `idBound`.
    guard addedTokens.contains(where: { $0.id >= embeddingCount }) else { return }
    for (index, ids) in texts.enumerated() {
      guard let id = ids.first(where: { $0 >= embeddingCount }) else { continue }
      throw InputError(
        file: source,
        problem:
          "text \(index + 1) holds \(token(for: id) ?? ""), for which the model has no embedding",
        remedy: "take it out of the text or use the tokenizer that belongs to the model")
    }
  }

  /// The token with an id, as it stands in the vocabulary; nil if there is none.
  public func token(for id: Int32) -> String? {
    let content = vocabulary.token(for: id) ?? addedTokens.first { $0.id == id }?.content
    return content.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The id that stands for what the vocabulary has no token for; nil where there is none.
  public var unknownID: Int32? {
    switch model {
    case .wordPiece(let pieces, _): pieces.unknownID
    case .bytePair(let pairs, _): pairs.unknownID
    }
  }

  /// The ids of a text alone, without those that are put around it, and all of them.
  public func pieces(of text: String) -> [Int32] {
    Array(encode(text, maximumLength: .max).dropFirst(prefix.count).dropLast(suffix.count))
  }

  /// The id of a token as it stands in the vocabulary; nil if there is none.
  public func id(of token: String) -> Int32? {
    let content = Array(token.utf8)
    return addedTokens.first { $0.content == content }?.id ?? vocabulary.id(of: content)
  }

  /// The ids of tokens that mean something to the model and are no words.
  var specialIDs: [Int32] {
    addedTokens.filter { !$0.flags.isDisjoint(with: [.special, .named]) }.map(\.id)
  }

  /// One more than the highest id that a text can be given unless it holds a special token by
  /// name, such as `[MASK]`: each class has those, used or not.
  public var idBound: Int {
    let tokens = addedTokens.filter { !$0.flags.contains(.named) }
    let highest = [vocabulary.ids.max(), tokens.map(\.id).max(), (prefix + suffix).max()]
    return Int(highest.compactMap { $0 }.max() ?? -1) + 1
  }
}

extension Tokenizer {
  /// Room that is used again from text to text.
  private struct Scratch {
    var normalized: [UInt8] = []
    var hashes: [UInt64] = []
    var cache = WordCache()
  }

  private func encode(
    _ text: String, maximumLength: Int, _ scratch: inout Scratch
  ) -> [Int32] {
    let limit = maximumLength - suffix.count
    precondition(
      limit >= prefix.count,
      "A maximum length of \(maximumLength) leaves no room for the special tokens.")
    // What comes last is known at the end alone.
    let pieceLimit = truncationSide == .right ? limit : .max
    let bytes = text.utf8Span.span
    var ids: [Int32] = []
    // English text has about four bytes a piece.
    ids.reserveCapacity(min(maximumLength, prefix.count + suffix.count + bytes.count / 3))
    ids += prefix
    for segment in rawMatcher.segments(of: bytes) {
      if ids.count >= pieceLimit { break }
      if let id = segment.id {
        ids.append(id)
      } else {
        encode(bytes.extracting(segment.range), into: &ids, limit: pieceLimit, &scratch)
      }
    }
    if ids.count > limit {
      let surplus = ids.count - limit
      switch truncationSide {
      case .left: ids.removeSubrange(prefix.count..<prefix.count + surplus)
      case .right: ids.removeLast(surplus)
      }
    }
    ids += suffix
    return ids
  }

  private func encode(
    _ text: Span<UInt8>, into ids: inout [Int32], limit: Int, _ scratch: inout Scratch
  ) {
    switch model {
    case .wordPiece(let pieces, let normalizer):
      encode(
        text, pieces, normalizer, into: &ids, limit: limit, &scratch.normalized, &scratch.hashes)
    case .bytePair(let pairs, let addsPrefixSpace):
      encode(
        text, pairs, addsPrefixSpace, into: &ids, limit: limit, &scratch.normalized, &scratch.cache)
    }
  }

  private func encode(
    _ text: Span<UInt8>, _ pieces: WordPiece, _ normalizer: BERTNormalizer?,
    into ids: inout [Int32], limit: Int, _ normalized: inout [UInt8], _ hashes: inout [UInt64]
  ) {
    normalized.removeAll(keepingCapacity: true)
    if let normalizer {
      normalizer.normalize(text, into: &normalized)
    } else {
      for index in 0..<text.count { normalized.append(text[index]) }
    }
    let bytes = normalized.span
    for segment in normalizedMatcher.segments(of: bytes) where ids.count < limit {
      if let id = segment.id {
        ids.append(id)
      } else {
        pieces.encode(bytes.extracting(segment.range), into: &ids, limit: limit, hashes: &hashes)
      }
    }
  }

  private func encode(
    _ text: Span<UInt8>, _ pairs: BytePairEncoding, _ addsPrefixSpace: Bool,
    into ids: inout [Int32], limit: Int, _ prefixed: inout [UInt8], _ cache: inout WordCache
  ) {
    for segment in normalizedMatcher.segments(of: text) where ids.count < limit {
      let part = text.extracting(segment.range)
      if let id = segment.id {
        ids.append(id)
      } else if addsPrefixSpace && part[0] != 0x20 {
        prefixed.removeAll(keepingCapacity: true)
        prefixed.append(0x20)
        for index in 0..<part.count { prefixed.append(part[index]) }
        pairs.encode(prefixed.span, into: &ids, limit: limit, cache: &cache)
      } else {
        pairs.encode(part, into: &ids, limit: limit, cache: &cache)
      }
    }
  }
}
