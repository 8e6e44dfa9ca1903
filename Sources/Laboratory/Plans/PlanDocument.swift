internal import Files

/// A plan's JSON: its own keys, and those of the plan that it extends where it has none.
struct PlanDocument {
  private let own: JSONNode
  private let base: JSONNode?

  private static let keys = [
    "name", "title", "layout", "variables", "defaults", "models", "scenarios", "attacks",
    "defenses", "seeds", "tables", "figures", "show", "paper",
  ]

  /// - Throws: `InputError` for a key that plans do not have, or a base that cannot be read.
  init(_ node: JSONNode) throws(InputError) {
    own = node
    try node.requireKeys(among: Self.keys + ["extends"])
    base = try node.optional("extends").map { name throws(InputError) in
      let base = try JSONNode(contentsOf: Self.neighbour(name))
      try base.requireKeys(among: Self.keys)
      return base
    }
  }

  /// A file that a plan names: beside the plan.
  static func neighbour(_ name: JSONNode) throws(InputError) -> String {
    let path = try name.string()
    return path.hasPrefix("/") ? path : Path.join(Path.parent(of: name.file), path)
  }

  /// The folder of the plan.
  var directory: String { Path.parent(of: own.file) }

  func optional(_ key: String) throws(InputError) -> JSONNode? {
    if let node = try own.optional(key) { return node }
    return try base?.optional(key)
  }

  func required(_ key: String) throws(InputError) -> JSONNode {
    if let node = try optional(key) { return node }
    return try own.required(key)
  }

  /// All that it says, for the plan's hash.
  func value() throws(InputError) -> JSONValue {
    guard let base else { return own.value }
    var members = try base.object()
    for member in try own.object().members where member.key != "extends" {
      members[member.key] = member.value
    }
    return .object(members)
  }
}
