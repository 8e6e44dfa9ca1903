import Files

/// The names of the classes as `config.json` gives them, and as transformers reads them.
struct LabelList {
  /// The name of each class, by its index; `LABEL_n` where there is none, as in transformers.
  let names: [String]
  /// The classes that `id2label` passes over although it names others.
  let unnamed: [Int]

  private static let largestCount = 1 << 14

  /// Reads `id2label` and `num_labels`.
  ///
  /// - Parameter outputCount: the outputs of the head that is stored. Where the two keys disagree,
  ///   transformers 4 believes the first and 5 the second; right is the one that the weights agree
  ///   with.
  /// - Throws: `InputError` that names the key if there is no reading it.
  init(_ config: JSONNode, outputCount: Int? = nil) throws(InputError) {
    let stated = try config.optional("num_labels")?.int(in: 1...Self.largestCount)
    var named = try LabelList.named(config)
    if let outputCount, stated == outputCount, named?.count != outputCount { named = nil }
    let indices = 0..<(named?.count ?? stated ?? 2)
    names = indices.map { named?[$0] ?? "LABEL_\($0)" }
    unnamed = named.map { named in indices.filter { named[$0] == nil } } ?? []
  }

  /// The members of `id2label`. Their number is that of the classes, also where their ids have a
  /// gap.
  private static func named(_ config: JSONNode) throws(InputError) -> [Int: String]? {
    guard let node = try config.optional("id2label") else { return nil }
    let members = try node.members()
    guard (1...largestCount).contains(members.count) else {
      throw node.error("names \(members.count) labels", remedy: "name each label")
    }
    var names: [Int: String] = [:]
    for (key, name) in members {
      guard let id = Int(key) else {
        throw name.error("is not the number of a label", remedy: "count labels from 0")
      }
      names[id] = try text(name)
    }
    return names
  }

  /// The label as Python prints it: scripts save the values of a data file's label column,
  /// whatever they are.
  private static func text(_ node: JSONNode) throws(InputError) -> String {
    switch node.value {
    case .null: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .number(let number):
      if number.int != nil { return number.text }
      return String(try node.double())
    default: return try node.string()
    }
  }
}
