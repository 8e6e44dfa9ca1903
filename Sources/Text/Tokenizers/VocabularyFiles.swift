import Files

/// Reads tokenizers from `vocab.txt`, or from `vocab.json` with `merges.txt`, where a directory
/// has no `tokenizer.json`.
struct VocabularyFiles {
  private let directory: String
  private let configuration: TokenizerConfiguration

  init(_ directory: String, _ configuration: TokenizerConfiguration) {
    self.directory = directory
    self.configuration = configuration
  }

  func tokenizer() throws(InputError) -> Tokenizer {
    let words = Path.join(directory, "vocab.txt")
    let tokens = Path.join(directory, "vocab.json")
    let merges = Path.join(directory, "merges.txt")
    let hasPairs = Path.exists(tokens) && Path.exists(merges)
    if Path.exists(words), !(hasPairs && configuration.asksForBytePairs) {
      try configuration.requireVocabularyFiles(of: .bert)
      return try wordPiece(words)
    }
    if hasPairs {
      try configuration.requireVocabularyFiles(of: .roberta)
      return try bytePair(tokens, merges)
    }
    throw InputError(
      file: directory,
      problem: "has no tokenizer.json, no vocab.txt and no vocab.json with merges.txt",
      remedy: "copy the tokenizer of the model there")
  }

  private func wordPiece(_ path: String) throws(InputError) -> Tokenizer {
    let lines = try lines(of: path)
    var vocabulary = Vocabulary(minimumCapacity: lines.count)
    for (id, line) in lines.enumerated() { vocabulary.insert(line, id: Int32(id)) }
    let tokens = try configuration.tokens(.bert)
    let unknown = try tokens.required(.unknown)
    guard let unknownID = vocabulary.id(of: unknown.content) else {
      throw InputError(
        file: path, problem: "has no token \(unknown) for unk_token",
        remedy: "name the model's own in tokenizer_config.json")
    }
    let pieces = WordPiece(vocabulary: vocabulary, unknownID: unknownID)
    return try tokenizer(
      .wordPiece(pieces, normalizer: configuration.normalizer(cleansText: true)), vocabulary,
      tokens)
  }

  private func bytePair(_ path: String, _ mergesPath: String) throws(InputError) -> Tokenizer {
    let vocabulary = try Vocabulary(JSONNode(contentsOf: path, limit: Self.largestSize))
    // RoBERTa's class gives the package no unknown token: what the vocabulary lacks is dropped.
    let pairs = BytePairEncoding(
      byteIDs: ByteAlphabet.ids(in: vocabulary), merges: try merges(mergesPath, vocabulary))
    return try tokenizer(
      .bytePair(pairs, addsPrefixSpace: configuration.addsPrefixSpace), vocabulary,
      configuration.tokens(.roberta))
  }

  private func tokenizer(
    _ model: Tokenizer.Model, _ vocabulary: Vocabulary, _ tokens: ConfiguredTokens
  ) throws(InputError) -> Tokenizer {
    var added = AddedVocabulary(vocabulary)
    try tokens.add(to: &added)
    return Tokenizer(
      model: model, vocabulary: vocabulary, addedTokens: added.tokens,
      frame: try TokenizerFrame(tokens, added),
      truncationSide: try configuration.truncationSide ?? .right,
      splitsSpecialTokens: try configuration.splitsSpecialTokens)
  }

  private func merges(
    _ path: String, _ vocabulary: Vocabulary
  ) throws(InputError) -> [(left: Int32, right: Int32, product: Int32)] {
    var merges: [(left: Int32, right: Int32, product: Int32)] = []
    for (index, line) in try lines(of: path).enumerated() {
      if line.isEmpty || line.starts(with: "#version".utf8) { continue }
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init)
      guard parts.count == 2, let merge = ByteAlphabet.merge(parts[0], parts[1], vocabulary) else {
        throw InputError(
          file: path, place: .line(index + 1),
          problem: "is no pair of tokens that makes a token of vocab.json",
          remedy: "get both files from the same model")
      }
      merges.append(merge)
    }
    return merges
  }

  /// Ten times the largest in use; lines and values take far more memory than their bytes.
  private static let largestSize = 1 << 25

  private func lines(of path: String) throws(InputError) -> [[UInt8]] {
    let bytes = try ByteFile.nonEmptyContents(of: path, limit: Self.largestSize)
    if let offset = UTF8Validation.firstInvalidByte(in: bytes) {
      throw InputError(
        file: path, place: .byte(offset), problem: "is not valid UTF-8",
        remedy: "get the file again")
    }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      Array(line.last == 0x0D ? line.dropLast() : line)
    }
    if lines.last == [] { lines.removeLast() }
    return lines
  }
}
