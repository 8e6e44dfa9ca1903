import Files

/// The tokens that the files beside a vocabulary declare.
struct ConfiguredTokens {
  /// The special tokens that have a name.
  private(set) var named: [SpecialTokenRole: TokenDeclaration]
  /// Further special tokens.
  private var further: [TokenDeclaration] = []
  /// Tokens with their ids, in the order of these.
  private var numbered: [TokenDeclaration] = []
  /// Whether the numbered tokens have the last word on what they are like; else `tokenizer.json`
  /// has.
  private let numberedWin: Bool
  private let directory: String

  /// Tokens of `tokenizer_config.json`, with its `added_tokens_decoder`.
  init(_ kind: TokenizerClass, _ settings: JSONNode, table: JSONNode) throws(InputError) {
    named = kind.specialTokens
    numberedWin = true
    directory = Path.parent(of: settings.file)
    _ = try read(settings, kind)
    for (key, node) in try table.members() {
      guard let id = Int(key) else {
        throw node.error("has a key that is no id", remedy: "save the tokenizer again")
      }
      numbered.append(try TokenDeclaration(object: node).claiming(id, at: node))
    }
    sortByID()
  }

  /// Tokens of `tokenizer_config.json`, `special_tokens_map.json`, which wins over it, and
  /// `added_tokens.json`.
  init(
    _ kind: TokenizerClass, _ settings: JSONNode, specialTokens: JSONNode, addedTokens: JSONNode
  ) throws(InputError) {
    named = kind.specialTokens
    numberedWin = false
    directory = Path.parent(of: settings.file)
    var stated: [[UInt8]: TokenDeclaration] = [:]
    for token in try read(settings, kind) + read(specialTokens, kind) {
      stated[token.content] = token
    }
    for (content, node) in try addedTokens.members() {
      // This file knows no flags: those that it does not call special are words.
      let word = TokenDeclaration(content, flags: .normalized)
      numbered.append(try (stated[word.content] ?? word).claiming(node.int(), at: node))
    }
    sortByID()
  }

  private mutating func sortByID() {
    numbered.sort { ($0.claim?.id ?? 0) < ($1.claim?.id ?? 0) }
  }

  /// Takes the special tokens of a file; returns them.
  private mutating func read(
    _ node: JSONNode, _ kind: TokenizerClass
  ) throws(InputError) -> [TokenDeclaration] {
    var stated: [TokenDeclaration] = []
    for (key, token) in try node.members() {
      if let role = SpecialTokenRole(rawValue: key) {
        named[role] =
          token.value.isNull
          ? nil : try TokenDeclaration(special: token, flags: kind.flags(of: role))
        if let declaration = named[role] { stated.append(declaration) }
      } else if let content = token.value.string, key.hasSuffix("_token") {
        further.append(TokenDeclaration(content))
      }
    }
    let before = further.count
    for key in ["additional_special_tokens", "extra_special_tokens"] {
      guard let list = try node.optional(key) else { continue }
      let tokens =
        list.value.object == nil ? try list.elements() : try list.members().map(\.node)
      for token in tokens { further.append(try TokenDeclaration(special: token)) }
    }
    return stated + further[before...]
  }

  /// Gives all tokens their ids, after those that `vocabulary` has already.
  func add(to vocabulary: inout AddedVocabulary) throws(InputError) {
    for token in numbered { try vocabulary.add(token, replacesFlags: numberedWin) }
    for role in SpecialTokenRole.allCases {
      if let token = named[role] { try vocabulary.name(token) }
    }
    for token in further { try vocabulary.add(token) }
  }

  /// The special token of a name that the class cannot do without.
  func required(_ role: SpecialTokenRole) throws(InputError) -> TokenDeclaration {
    guard let token = named[role], !token.content.isEmpty else {
      throw InputError(
        file: directory,
        problem: "has no \(role.rawValue), by its tokenizer_config.json or special_tokens_map.json",
        remedy: "name the model's own there")
    }
    return token
  }
}
