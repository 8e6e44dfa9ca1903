import Files

/// An added token as a file declares it; its id follows from the vocabulary and those before it.
struct TokenDeclaration {
  let content: [UInt8]
  var flags: AddedToken.Flags
  /// The id that the file gives, and where it says so.
  var claim: (id: Int32, node: JSONNode)?

  init(_ content: String, flags: AddedToken.Flags = .special) {
    self.content = Array(content.utf8)
    self.flags = flags
  }

  /// A special token written as its content alone or as an object.
  ///
  /// - Parameter flags: those of a token that is written as its content alone.
  init(special node: JSONNode, flags: AddedToken.Flags = .special) throws(InputError) {
    if let content = node.value.string {
      self.init(content, flags: flags)
    } else {
      try self.init(object: node, isSpecial: true)
    }
  }

  /// A token written as an object: `{"content": "<e>", "lstrip": false, …}`.
  ///
  /// - Parameter isSpecial: whether it is special by its place, whatever the object says.
  init(object node: JSONNode, isSpecial: Bool = false) throws(InputError) {
    var flags: AddedToken.Flags = isSpecial ? .special : []
    for (key, flag) in AddedToken.Flags.keys where try node.optional(key)?.bool() ?? false {
      flags.insert(flag)
    }
    // What is not special is looked for in the normalized text unless the file says otherwise.
    if try node.optional("normalized") == nil, !flags.contains(.special) {
      flags.insert(.normalized)
    }
    self.init(try node.required("content").string(), flags: flags)
  }

  /// The same token with the id that a file gives it.
  func claiming(_ id: Int, at node: JSONNode) throws(InputError) -> TokenDeclaration {
    guard Vocabulary.idRange.contains(id) else {
      throw node.error(
        "has the id \(id), outside 0 to \(Vocabulary.idRange.upperBound)", remedy: "correct it")
    }
    var declaration = self
    declaration.claim = (Int32(id), node)
    return declaration
  }
}

extension TokenDeclaration: CustomStringConvertible {
  /// The token itself, cut to a readable length.
  var description: String { Terminal.abbreviated(String(decoding: content, as: UTF8.self)) }
}
