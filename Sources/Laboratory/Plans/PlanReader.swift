public import Files

extension Plan {
  /// Reads a plan strictly: an unknown key, name or identifier is an error with a suggestion.
  /// - Parameters:
  ///   - path: a JSON file.
  ///   - settings: values of the plan's variables, each `NAME=value`.
  /// - Throws: `InputError` that names the key.
  public init(contentsOf path: String, setting settings: [String] = []) throws(InputError) {
    try self.init(JSONNode(contentsOf: path), setting: settings)
  }

  /// Reads a plan from JSON that is in memory already.
  /// - Throws: `InputError` that names the key.
  public init(_ node: JSONNode, setting settings: [String] = []) throws(InputError) {
    try node.requireKeys(among: [
      "name", "title", "layout", "variables", "defaults", "models", "scenarios", "attacks",
      "defenses", "seeds", "paper",
    ])
    let variables = try PlanVariables(
      node.optional("variables"), settings: settings, directory: Path.parent(of: node.file))
    let axes = try PlanAxes(node, variables)
    name = try node.required("name").identifier()
    title = try node.optional("title")?.string() ?? name
    layout = try node.optional("layout")?.name() ?? .rows
    notes = axes.absent.map(\.note)
    models = axes.models.map(\.value)
    defenses = axes.defenses.map(\.value)
    seeds = axes.seeds
    cells = try axes.cells()
    let paper = try node.optional("paper")
    try paper?.requireKeys(among: ["source", "cells"])
    expectedSource = try paper?.required("source").string() ?? ""
    expected = try axes.expectations(paper?.required("cells"), of: cells)
    let identity: JSONValue = ["plan": node.value, "variables": variables.json]
    hash = SHA256.hex(of: identity.serialized(.canonical))
  }
}
