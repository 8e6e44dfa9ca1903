import Files

/// Reads `tokenizer.json`. A part that is not known here is refused by name, never guessed at; the
/// file's own lengths and padding are left aside, they belong to whoever makes batches.
struct TokenizerFile {
  private let root: JSONNode
  private let model: JSONNode
  private let configuration: TokenizerConfiguration

  init(_ path: String, _ configuration: TokenizerConfiguration) throws(InputError) {
    // Twice the largest in use.
    root = try JSONNode(contentsOf: path, limit: 1 << 26)
    model = try root.required("model")
    self.configuration = configuration
  }

  func tokenizer() throws(InputError) -> Tokenizer {
    guard let type = try model.optional("type") else { return try untyped() }
    switch try type.string() {
    case "WordPiece": return try wordPiece()
    case "BPE": return try bytePair()
    default: throw unknown(type)
    }
  }

  /// Files of 2020, which many models still have, tell their kind by their settings alone.
  private func untyped() throws(InputError) -> Tokenizer {
    if try model.optional("merges") != nil { return try bytePair() }
    if try model.optional("max_input_chars_per_word") != nil { return try wordPiece() }
    throw unknown(model)
  }

  private func unknown(_ node: JSONNode) -> InputError {
    let name = node.value.string.map { "the unknown part \"\($0)\"" } ?? "an unknown part"
    return node.error(
      "is \(name)",
      remedy: "use a model with BERT's WordPiece or with GPT-2's byte-level BPE tokenizer")
  }

  /// Refuses a setting unless it is absent, null or what is given here.
  private func expect(
    _ node: JSONNode, _ key: String, _ neutral: JSONValue...
  ) throws(InputError) {
    guard let setting = try node.optional(key) else { return }
    if !neutral.contains(setting.value) { throw unknown(setting) }
  }

  private func wordPiece() throws(InputError) -> Tokenizer {
    let preTokenizer = try root.required("pre_tokenizer").required("type")
    guard try preTokenizer.string() == "BertPreTokenizer" else { throw unknown(preTokenizer) }
    let kind = try configuration.tokenizerClass(ofFile: .bert)
    let vocabulary = try Vocabulary(model.required("vocab"))
    let tokens = try configuration.tokens(kind)
    let unknown = try model.required("unk_token")
    guard let unknownID = vocabulary.id(of: try unknown.string()) else {
      throw unknown.error("is not in the vocabulary", remedy: "get the file again")
    }
    if kind != .generic {
      let token = try tokens.required(.unknown)
      guard token.content == Array(try unknown.string().utf8) else {
        throw unknown.error(
          "is \(try unknown.string()), and the tokenizer's configuration says \(token)",
          remedy: "write the right one as unk_token into tokenizer_config.json")
      }
    }
    let pieces = WordPiece(
      vocabulary: vocabulary, unknownID: unknownID,
      continuingPrefix: try model.required("continuing_subword_prefix").string(),
      maximumWordLength: try model.required("max_input_chars_per_word").int(in: 0...1_000_000))
    return try tokenizer(
      .wordPiece(pieces, normalizer: normalizer(kind)), vocabulary, kind, tokens)
  }

  private func normalizer(_ kind: TokenizerClass) throws(InputError) -> BERTNormalizer? {
    guard let node = try root.optional("normalizer") else {
      return kind == .generic ? nil : try configuration.normalizer(cleansText: true)
    }
    let type = try node.required("type")
    guard try type.string() == "BertNormalizer" else { throw unknown(type) }
    if kind != .generic {
      return try configuration.normalizer(cleansText: node.required("clean_text").bool())
    }
    let lowercases = try node.required("lowercase").bool()
    return BERTNormalizer(
      cleansText: try node.required("clean_text").bool(),
      spacesIdeographs: try node.required("handle_chinese_chars").bool(),
      stripsAccents: try node.optional("strip_accents")?.bool() ?? lowercases,
      lowercases: lowercases)
  }

  private func bytePair() throws(InputError) -> Tokenizer {
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

    let kind = try configuration.tokenizerClass(ofFile: .roberta)
    let vocabulary = try Vocabulary(model.required("vocab"))
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
    let addsPrefixSpace =
      try kind == .generic
      ? preTokenizer.required("add_prefix_space").bool() : configuration.addsPrefixSpace
    return try tokenizer(
      .bytePair(pairs, addsPrefixSpace: addsPrefixSpace), vocabulary, kind,
      configuration.tokens(kind))
  }

  /// A merge is written as `"a b"` or as `["a", "b"]`.
  private func merge(
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

  private func tokenizer(
    _ model: Tokenizer.Model, _ vocabulary: Vocabulary, _ kind: TokenizerClass,
    _ tokens: ConfiguredTokens
  ) throws(InputError) -> Tokenizer {
    var added = AddedVocabulary(vocabulary)
    for node in try root.optional("added_tokens")?.elements() ?? [] {
      let id = try node.required("id")
      try added.add(TokenDeclaration(object: node).claiming(id.int(), at: id))
    }
    try tokens.add(to: &added)
    var side = try configuration.truncationSide
    if side == nil, let node = try root.optional("truncation")?.optional("direction") {
      side = try TruncationSide(node)
    }
    return Tokenizer(
      model: model, vocabulary: vocabulary, addedTokens: added.tokens,
      frame: try frame(kind, tokens, added),
      truncationSide: side ?? .right,
      splitsSpecialTokens: try configuration.splitsSpecialTokens)
  }

  /// The special tokens around a text: the file's, or where that has none the class's.
  private func frame(
    _ kind: TokenizerClass, _ tokens: ConfiguredTokens, _ added: AddedVocabulary
  ) throws(InputError) -> TokenizerFrame {
    let processor = try root.optional("post_processor")
    let frame = try TokenizerFrame.read(processor)
    if let processor, frame.prefix.count > 1 || frame.suffix.count > 1 {
      throw processor.error(
        "puts \(frame.prefix.count) tokens before a text and \(frame.suffix.count) after it",
        remedy: "use a tokenizer that puts one on each side")
    }
    if kind == .generic { return frame }
    let own = try TokenizerFrame(tokens, added)
    if let processor, frame != TokenizerFrame(), frame != own {
      // transformers 4 would take the file's, 5 the class's.
      throw processor.error(
        "puts other tokens around a text than cls_token and sep_token, which are "
          + "\(try tokens.required(.classification)) and \(try tokens.required(.separator))",
        remedy: "write the right ones into tokenizer_config.json, or save the tokenizer again")
    }
    return own
  }
}
