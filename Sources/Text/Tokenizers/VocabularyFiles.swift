import Files

/// Reads tokenizers from `vocab.txt`, or from `vocab.json` with `merges.txt`, where a directory has no
/// `tokenizer.json`; `tokenizer_config.json` supplies names of special tokens and switches.
enum VocabularyFiles {
  static func read(_ directory: String) throws(InputError) -> Tokenizer {
    let configurationPath = Path.join(directory, "tokenizer_config.json")
    let configuration =
      Path.exists(configurationPath)
      ? try JSONNode(contentsOf: configurationPath)
      : JSONNode(.object(JSONObject()), file: configurationPath)
    let words = Path.join(directory, "vocab.txt")
    if Path.exists(words) { return try wordPiece(words, configuration) }
    let tokens = Path.join(directory, "vocab.json")
    let merges = Path.join(directory, "merges.txt")
    if Path.exists(tokens) && Path.exists(merges) {
      return try bytePair(tokens, merges, configuration)
    }
    throw InputError(
      file: directory,
      problem: "has no tokenizer.json, no vocab.txt and no vocab.json with merges.txt",
      remedy: "copy the tokenizer of the model there")
  }

  private static func wordPiece(
    _ path: String, _ configuration: JSONNode
  ) throws(InputError) -> Tokenizer {
    let lines = try lines(of: path)
    var vocabulary = Vocabulary(minimumCapacity: lines.count)
    for (id, line) in lines.enumerated() { vocabulary.insert(line, id: Int32(id)) }

    let lowercases = try configuration.optional("do_lower_case")?.bool() ?? true
    let normalizer = BERTNormalizer(
      spacesIdeographs: try configuration.optional("tokenize_chinese_chars")?.bool() ?? true,
      stripsAccents: try configuration.optional("strip_accents")?.bool() ?? lowercases,
      lowercases: lowercases)
    let names = [
      ("unk_token", "[UNK]"), ("sep_token", "[SEP]"), ("pad_token", "[PAD]"),
      ("cls_token", "[CLS]"), ("mask_token", "[MASK]"),
    ]
    let special = try specialTokens(names, configuration, vocabulary, path)
    let pieces = WordPiece(vocabulary: vocabulary, unknownID: special[0].id)
    return Tokenizer(
      model: .wordPiece(pieces, normalizer: normalizer), vocabulary: vocabulary,
      addedTokens: special, prefix: [special[3].id], suffix: [special[1].id])
  }

  private static func bytePair(
    _ path: String, _ mergesPath: String, _ configuration: JSONNode
  ) throws(InputError) -> Tokenizer {
    let members = try JSONNode(contentsOf: path).members()
    var vocabulary = Vocabulary(minimumCapacity: members.count)
    for (token, id) in members {
      vocabulary.insert(Array(token.utf8), id: Int32(try id.int(in: Vocabulary.idRange)))
    }
    let names = [
      ("bos_token", "<s>"), ("pad_token", "<pad>"), ("eos_token", "</s>"), ("unk_token", "<unk>"),
      ("mask_token", "<mask>"), ("cls_token", "<s>"), ("sep_token", "</s>"),
    ]
    var special = try specialTokens(names, configuration, vocabulary, path)
    special[4].stripsLeft = true
    let pairs = BytePairEncoding(
      byteIDs: ByteAlphabet.ids(in: vocabulary), merges: try merges(mergesPath, vocabulary),
      missingByte: .unknown(special[3].id))
    let addsPrefixSpace = try configuration.optional("add_prefix_space")?.bool() ?? false
    return Tokenizer(
      model: .bytePair(pairs, addsPrefixSpace: addsPrefixSpace), vocabulary: vocabulary,
      addedTokens: special, prefix: [special[5].id], suffix: [special[6].id])
  }

  private static func merges(
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

  /// The special tokens of the family, by the names that the configuration gives them.
  private static func specialTokens(
    _ names: [(key: String, name: String)], _ configuration: JSONNode, _ vocabulary: Vocabulary,
    _ path: String
  ) throws(InputError) -> [AddedToken] {
    var tokens: [AddedToken] = []
    for (key, standardName) in names {
      var name = standardName
      if let node = try configuration.optional(key) {
        // Written as the token itself or as an object with its content.
        if let plain = node.value.string {
          name = plain
        } else {
          name = try node.required("content").string()
        }
      }
      guard let id = vocabulary.id(of: name) else {
        throw InputError(
          file: path, problem: "has no token \(name) for \(key)",
          remedy: "name the model's own in tokenizer_config.json")
      }
      tokens.append(AddedToken(content: Array(name.utf8), id: id))
    }
    return tokens
  }

  private static func lines(of path: String) throws(InputError) -> [[UInt8]] {
    let bytes = try ByteFile.nonEmptyContents(of: path)
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
