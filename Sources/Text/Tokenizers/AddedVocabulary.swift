import Files

/// The added tokens of a tokenizer, which get their ids here as the tokenizers package counts them.
struct AddedVocabulary {
  let vocabulary: Vocabulary
  private(set) var tokens: [AddedToken] = []
  private var positions = ByteStringTable()
  private var nextID: Int32

  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
    nextID = Int32(vocabulary.count)
  }

  /// Adds a token under the id it has in the vocabulary, or else under the next one.
  ///
  /// - Parameter replacesFlags: whether this is the last word on a token that is there already.
  mutating func add(
    _ declaration: TokenDeclaration, replacesFlags: Bool = false
  ) throws(InputError) {
    let content = declaration.content
    if content.isEmpty { return }
    let position = positions.value(of: content.span).map(Int.init)
    let id = position.map { tokens[$0].id } ?? vocabulary.id(of: content) ?? nextID
    if let claim = declaration.claim, claim.id != id {
      // The package takes no notice of the file: which embedding was trained is anybody's guess.
      throw claim.node.error(
        "is \(claim.id) where tokenizers would count \(id)",
        remedy: "save the tokenizer again with the current tokenizers package")
    }
    if let position {
      if replacesFlags { tokens[position].flags = declaration.flags }
      return
    }
    positions.insert(content.span, value: Int32(tokens.count))
    tokens.append(AddedToken(content: content, id: id, flags: declaration.flags))
    nextID = max(nextID, id + 1)
  }

  /// Notes that a token has a name: few texts hold it.
  mutating func name(_ declaration: TokenDeclaration) throws(InputError) {
    try add(declaration)
    if let position = positions.value(of: declaration.content.span) {
      tokens[Int(position)].flags.formUnion([.special, .named])
    }
  }

  /// The id of a token that was added.
  func id(of declaration: TokenDeclaration) -> Int32? {
    positions.value(of: declaration.content.span).map { tokens[Int($0)].id }
  }
}
