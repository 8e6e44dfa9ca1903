internal import Files

/// The `${NAME}`s of a plan: folders that each user has somewhere else.
struct PlanVariables {
  private var values: [String: String] = [:]
  private let names: [String]
  private let directory: String

  /// - Parameters:
  ///   - node: the plan's `variables`, each with its default or null when there is none.
  ///   - settings: `NAME=value` texts from the command line.
  ///   - directory: the plan's own folder, where paths are looked for second.
  init(
    _ node: JSONNode?, settings: [String], directory: String
  ) throws(InputError) {
    self.directory = directory
    var names: [String] = []
    for member in try node?.members() ?? [] {
      names.append(member.key)
      if !member.node.value.isNull { values[member.key] = try member.node.string() }
    }
    self.names = names
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, names.contains(String(parts[0])) else {
        let nearest = nearestName(to: String(parts[0]), among: names)
        throw InputError(
          .usage, problem: "--set \(setting) names no variable of the plan",
          remedy: nearest.map { "did you mean \($0)=…?" }
            ?? (names.isEmpty
              ? "the plan has none" : "it has " + names.joined(separator: ", ") + " (NAME=value)"))
      }
      values[String(parts[0])] = String(parts[1])
    }
  }

  /// Which of the variables that a node lists have no value.
  func missing(_ node: JSONNode) throws(InputError) -> [String] {
    let wanted = try node.texts()
    try PlanAxes.requireKnown(wanted, among: names, at: node)
    return wanted.filter { values[$0] == nil }
  }

  /// What was used, for the plan's hash.
  var json: JSONValue {
    .object(JSONObject(names.sorted().map { ($0, values[$0].map(JSONValue.string) ?? .null) }))
  }

  /// The path with its variables filled in; a relative one is looked for in the working directory
  /// first and beside the plan second.
  func path(_ node: JSONNode) throws(InputError) -> String {
    let path = try substituted(node)
    if path.hasPrefix("/") || Path.exists(path) { return path }
    let beside = Path.join(directory, path)
    return Path.exists(beside) ? beside : path
  }

  private func substituted(_ node: JSONNode) throws(InputError) -> String {
    var result = ""
    var rest = Substring(try node.string())
    while let start = rest.firstRange(of: "${") {
      result += rest[..<start.lowerBound]
      rest = rest[start.upperBound...]
      guard let end = rest.firstIndex(of: "}") else {
        throw node.error("has a ${ without its }", remedy: "close it")
      }
      let name = String(rest[..<end])
      guard names.contains(name) else {
        let nearest = nearestName(to: name, among: names)
        throw node.error(
          "uses ${\(name)}, which \"variables\" does not list",
          remedy: nearest.map { "did you mean \($0)?" } ?? "add it there, with a default or null")
      }
      guard let value = values[name] else {
        throw InputError(
          .usage, file: node.file, place: .key(node.path), problem: "needs a value for ${\(name)}",
          remedy: "give one with --set \(name)=VALUE")
      }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
