import Files

/// Reads `tokenizer.json`. A part that is not known here is refused by name, never guessed at; the
/// file's own truncation and padding are left aside, they belong to whoever makes batches.
enum TokenizerFile {
  static func read(_ path: String) throws(InputError) -> Tokenizer {
    let root = try JSONNode(contentsOf: path)
    let model = try root.required("model")
    guard let type = try model.optional("type") else { return try untyped(root, model) }
    switch try type.string() {
    case "WordPiece": return try wordPiece(root, model)
    case "BPE": return try bytePair(root, model)
    default: throw unknown(type)
    }
  }

  /// Files of 2020, which many models still have, tell their kind by their settings alone.
  private static func untyped(
    _ root: JSONNode, _ model: JSONNode
  ) throws(InputError) -> Tokenizer {
    if try model.optional("merges") != nil { return try bytePair(root, model) }
    if try model.optional("max_input_chars_per_word") != nil { return try wordPiece(root, model) }
    throw unknown(model)
  }

  private static func unknown(_ node: JSONNode) -> InputError {
    let name = node.value.string.map { "the unknown part \"\($0)\"" } ?? "an unknown part"
    return node.error(
      "is \(name)",
      remedy: "use a model with BERT's WordPiece or with GPT-2's byte-level BPE tokenizer")
  }

  /// Refuses a setting unless it is absent, null or what is given here.
  private static func expect(
    _ node: JSONNode, _ key: String, _ neutral: JSONValue...
  ) throws(InputError) {
    guard let setting = try node.optional(key) else { return }
    if !neutral.contains(setting.value) { throw unknown(setting) }
  }

  private static func wordPiece(
    _ root: JSONNode, _ model: JSONNode
  ) throws(InputError) -> Tokenizer {
    let preTokenizer = try root.required("pre_tokenizer").required("type")
    guard try preTokenizer.string() == "BertPreTokenizer" else { throw unknown(preTokenizer) }
    let vocabulary = try vocabulary(model.required("vocab"))
    let unknown = try model.required("unk_token")
    guard let unknownID = vocabulary.id(of: try unknown.string()) else {
      throw unknown.error("is not in the vocabulary", remedy: "get the file again")
    }
    let pieces = WordPiece(
      vocabulary: vocabulary, unknownID: unknownID,
      continuingPrefix: try model.required("continuing_subword_prefix").string(),
      maximumWordLength: try model.required("max_input_chars_per_word").int(in: 0...1_000_000))
    return try tokenizer(
      root, .wordPiece(pieces, normalizer: normalizer(root)), vocabulary)
  }

  private static func normalizer(_ root: JSONNode) throws(InputError) -> BERTNormalizer? {
    guard let node = try root.optional("normalizer") else { return nil }
    let type = try node.required("type")
    guard try type.string() == "BertNormalizer" else { throw unknown(type) }
    let lowercases = try node.required("lowercase").bool()
    return BERTNormalizer(
      cleansText: try node.required("clean_text").bool(),
      spacesIdeographs: try node.required("handle_chinese_chars").bool(),
      stripsAccents: try node.optional("strip_accents")?.bool() ?? lowercases,
      lowercases: lowercases)
  }

  private static func bytePair(_ root: JSONNode, _ model: JSONNode) throws(InputError) -> Tokenizer
  {
    if let normalizer = try root.optional("normalizer") {
      throw unknown(try normalizer.required("type"))
    }
    let preTokenizer = try root.required("pre_tokenizer")
    let type = try preTokenizer.required("type")
    guard try type.string() == "ByteLevel" else { throw unknown(type) }
    try expect(preTokenizer, "use_regex", true)
    try expect(model, "dropout", 0.0, 0)
    try expect(model, "continuing_subword_prefix", "")
    try expect(model, "end_of_word_suffix", "")
    try expect(model, "byte_fallback", false)
    try expect(model, "ignore_merges", false)

    let vocabulary = try vocabulary(model.required("vocab"))
    var missingByte = BytePairEncoding.MissingByte.dropped
    if let node = try model.optional("unk_token"),
      let unknown = vocabulary.id(of: try node.string())
    {
      let fuses = try model.optional("fuse_unk")?.bool() ?? false
      missingByte = fuses ? .fusedUnknown(unknown) : .unknown(unknown)
    }
    var merges: [(left: Int32, right: Int32, product: Int32)] = []
    for node in try model.required("merges").elements() {
      merges.append(try merge(node, vocabulary))
    }
    let pairs = BytePairEncoding(
      byteIDs: ByteAlphabet.ids(in: vocabulary), merges: merges, missingByte: missingByte)
    let addsPrefixSpace = try preTokenizer.required("add_prefix_space").bool()
    return try tokenizer(root, .bytePair(pairs, addsPrefixSpace: addsPrefixSpace), vocabulary)
  }

  /// A merge is written as `"a b"` or as `["a", "b"]`.
  private static func merge(
    _ node: JSONNode, _ vocabulary: Vocabulary
  ) throws(InputError) -> (left: Int32, right: Int32, product: Int32) {
    var parts: [[UInt8]] = []
    if let text = node.value.string {
      parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map(Array.init)
    } else {
      for part in try node.elements() { parts.append(Array(try part.string().utf8)) }
    }
    guard parts.count == 2, let merge = ByteAlphabet.merge(parts[0], parts[1], vocabulary) else {
      throw node.error(
        "is no pair of tokens that makes a token of the vocabulary", remedy: "get the file again")
    }
    return merge
  }

  private static func vocabulary(_ node: JSONNode) throws(InputError) -> Vocabulary {
    let members = try node.members()
    var vocabulary = Vocabulary(minimumCapacity: members.count)
    for (token, id) in members {
      vocabulary.insert(Array(token.utf8), id: Int32(try id.int(in: Vocabulary.idRange)))
    }
    return vocabulary
  }

  private static func tokenizer(
    _ root: JSONNode, _ model: Tokenizer.Model, _ vocabulary: Vocabulary
  ) throws(InputError) -> Tokenizer {
    let added = try addedTokens(root, vocabulary)
    let processor = try root.optional("post_processor")
    let frame = try TokenizerFrame.read(processor)
    if let processor, frame.prefix.count > 1 || frame.suffix.count > 1 {
      throw processor.error(
        "puts \(frame.prefix.count) tokens before a text and \(frame.suffix.count) after it",
        remedy: "use a tokenizer that puts one on each side")
    }
    return Tokenizer(
      model: model, vocabulary: vocabulary, addedTokens: added, prefix: frame.prefix,
      suffix: frame.suffix)
  }

  private static func addedTokens(
    _ root: JSONNode, _ vocabulary: Vocabulary
  ) throws(InputError) -> [AddedToken] {
    var tokens: [AddedToken] = []
    var nextID = vocabulary.count
    for node in try root.optional("added_tokens")?.elements() ?? [] {
      let content = Array(try node.required("content").string().utf8)
      if content.isEmpty { continue }
      let idNode = try node.required("id")
      let id = Int32(try idNode.int(in: Vocabulary.idRange))
      // The package numbers tokens itself and takes no notice of the file where they disagree.
      let known = vocabulary.id(of: content) ?? tokens.first { $0.content == content }?.id
      guard id == known ?? Int32(nextID) else {
        throw idNode.error(
          "is \(id) where tokenizers would count \(known ?? Int32(nextID))",
          remedy: "save the tokenizer again with the current tokenizers package")
      }
      nextID = max(nextID, Int(id) + 1)
      tokens.append(
        AddedToken(
          content: content, id: id, isSpecial: try node.required("special").bool(),
          isNormalized: try node.required("normalized").bool(),
          isSingleWord: try node.required("single_word").bool(),
          stripsLeft: try node.required("lstrip").bool(),
          stripsRight: try node.required("rstrip").bool()))
    }
    return tokens
  }
}

extension Vocabulary {
  /// Ids beyond this would ask for embeddings of many gigabytes.
  static let idRange = 0...0xFF_FFFF
}
