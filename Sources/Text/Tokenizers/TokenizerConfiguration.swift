import Files

/// What the files beside a vocabulary say of a tokenizer: `tokenizer_config.json`,
/// `special_tokens_map.json`, `added_tokens.json`, and `config.json` where the first names no
/// class.
///
/// They are read as transformers reads them. Where 4.57 and 5.23 differ, 5.23 is followed but where
/// it loses something: tokens of `tokenizer.json` that `added_tokens_decoder` lacks; special ones
/// that `special_tokens_map.json` adds; that RoBERTa's mask strips the blank before it; and
/// settings of `tokenizer.json` that no switch speaks of (`clean_text`, `max_input_chars_per_word`,
/// BPE's `unk_token`). Files that contradict each other about ids or ends are refused.
struct TokenizerConfiguration {
  private let directory: String
  private let settings: JSONNode
  /// The class that the files ask for, and where; nil where no file says anything about it.
  private let request: (kind: TokenizerClass, node: JSONNode)?

  init(directory: String) throws(InputError) {
    self.directory = directory
    settings = try Self.object("tokenizer_config.json", in: directory)
    request = try Self.request(settings, directory)
  }

  /// The object in a file; an empty one if there is no such file.
  private static func object(
    _ name: String, in directory: String
  ) throws(InputError) -> JSONNode {
    let path = Path.join(directory, name)
    guard Path.exists(path) else { return JSONNode(.object(JSONObject()), file: path) }
    let node = try JSONNode(contentsOf: path)
    _ = try node.object()
    return node
  }

  private static func request(
    _ settings: JSONNode, _ directory: String
  ) throws(InputError) -> (TokenizerClass, JSONNode)? {
    let model = try object("config.json", in: directory)
    var named = try settings.optional("tokenizer_class")
    if named == nil { named = try model.optional("tokenizer_class") }
    let remedy =
      "use a model with BERT's or RoBERTa's tokenizer; if its tokenizer is one of them after all, "
      + "say in tokenizer_config.json: \"tokenizer_class\": \"BertTokenizer\" (RobertaTokenizer)"
    if let named {
      let name = try named.string()
      if let kind = TokenizerClass(name: name) { return (kind, named) }
      throw named.error(
        "is \(Terminal.abbreviated(name)), which splits texts in a way unknown here",
        remedy: remedy)
    }
    guard let node = try model.optional("model_type") else { return nil }
    let type = try node.string()
    if let kind = TokenizerClass(modelType: type) { return (kind, node) }
    throw node.error(
      "is \(Terminal.abbreviated(type)), whose tokenizer is unknown here", remedy: remedy)
  }
}

// MARK: - The class

extension TokenizerConfiguration {
  /// The class, for a `tokenizer.json` that holds a vocabulary of this kind.
  func tokenizerClass(ofFile kind: TokenizerClass) throws(InputError) -> TokenizerClass {
    guard let request else { return .generic }
    guard request.kind == kind || request.kind == .generic else {
      throw mismatch(request, "tokenizer.json is of \(kind.rawValue)'s kind", kind)
    }
    return request.kind
  }

  /// Refuses vocabulary files of this kind if the files ask for a class that reads others.
  func requireVocabularyFiles(of kind: TokenizerClass) throws(InputError) {
    guard let request, request.kind != kind else { return }
    throw mismatch(request, "there are the vocabulary files of \(kind.rawValue) alone", kind)
  }

  /// Whether the files ask for byte-level BPE.
  var asksForBytePairs: Bool { request?.kind == .roberta }

  private func mismatch(
    _ request: (kind: TokenizerClass, node: JSONNode), _ fact: String, _ kind: TokenizerClass
  ) -> InputError {
    request.node.error(
      "asks for \(request.kind.rawValue), and \(fact)",
      remedy: "write \"tokenizer_class\": \"\(kind.rawValue)\" into tokenizer_config.json, "
        + "or get the tokenizer again")
  }
}

// MARK: - Switches

extension TokenizerConfiguration {
  /// BERT's clean-up of text, as the switches have it.
  func normalizer(cleansText: Bool) throws(InputError) -> BERTNormalizer {
    let lowercases = try flag("do_lower_case", otherwise: true)
    return BERTNormalizer(
      cleansText: cleansText,
      spacesIdeographs: try flag("tokenize_chinese_chars", otherwise: true),
      stripsAccents: try settings.optional("strip_accents")?.bool() ?? lowercases,
      lowercases: lowercases)
  }

  /// Whether a text begins as if a blank stood before it.
  var addsPrefixSpace: Bool {
    get throws(InputError) { try flag("add_prefix_space", otherwise: false) }
  }

  /// Whether special tokens in a text are nothing special.
  var splitsSpecialTokens: Bool {
    get throws(InputError) { try flag("split_special_tokens", otherwise: false) }
  }

  /// The side on which a long text is cut; nil if that is not said.
  var truncationSide: TruncationSide? {
    get throws(InputError) {
      guard let node = try settings.optional("truncation_side") else { return nil }
      return try TruncationSide(node)
    }
  }

  private func flag(_ key: String, otherwise: Bool) throws(InputError) -> Bool {
    if let flag = try settings.optional(key) { return try flag.bool() }
    guard try settings.object()[key] == nil else {
      throw InputError(
        file: settings.file, place: .key(key), problem: "is null",
        remedy: "write true or false, or leave it out")
    }
    return otherwise
  }
}

// MARK: - Tokens

extension TokenizerConfiguration {
  /// The special tokens and the other added ones, for a class.
  func tokens(_ kind: TokenizerClass) throws(InputError) -> ConfiguredTokens {
    // Whoever wrote this table knew of all tokens; transformers reads the older files without it
    // alone.
    if let table = try settings.optional("added_tokens_decoder") {
      return try ConfiguredTokens(kind, settings, table: table)
    }
    return try ConfiguredTokens(
      kind, settings, specialTokens: Self.object("special_tokens_map.json", in: directory),
      addedTokens: Self.object("added_tokens.json", in: directory))
  }
}
