extension JSONNode {
  /// Refuses members that nobody will read: most of them are misspelt.
  public func requireKeys(among names: [String]) throws(InputError) {
    for (key, node) in try members() where !names.contains(key) {
      let nearest = nearestName(to: key, among: names)
      throw node.error(
        "is not a key that belongs here",
        remedy: nearest.map { "did you mean \"\($0)\"?" }
          ?? "known keys are " + names.joined(separator: ", "))
    }
  }

  /// One of the names of an enumeration.
  public func name<Name: RawRepresentable<String> & CaseIterable>() throws(InputError) -> Name {
    try named(among: Array(Name.allCases), \.rawValue)
  }

  /// The value of that name.
  ///
  /// - Parameter others: names that are right too, elsewhere.
  public func named<Value>(
    among values: [Value], _ name: (Value) -> String, _ others: [String] = []
  ) throws(InputError) -> Value {
    let text = try string()
    if let value = values.first(where: { name($0) == text }) { return value }
    let names = others + values.map(name)
    let nearest = nearestName(to: text, among: names)
    throw error(
      "is \"\(text)\"",
      remedy: nearest.map { "did you mean \"\($0)\"?" }
        ?? "use one of " + names.joined(separator: ", "))
  }

  /// A word that may stand in a path and in a cell's identifier.
  public func identifier() throws(InputError) -> String {
    let text = try string()
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isPlain, !text.isEmpty, text.utf8.first != UInt8(ascii: ".") else {
      throw error(
        "is \"\(text)\", which cannot name anything",
        remedy: "use small letters, digits, dots, hyphens and underscores")
    }
    return text
  }

  /// A list of strings.
  public func texts() throws(InputError) -> [String] {
    var texts: [String] = []
    for element in try elements() { texts.append(try element.string()) }
    return texts
  }
}
