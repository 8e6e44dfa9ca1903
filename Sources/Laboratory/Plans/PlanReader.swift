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
    let document = try PlanDocument(node)
    let variables = try PlanVariables(
      document.optional("variables"), settings: settings, directory: document.directory)
    let axes = try PlanAxes(document, variables)
    name = try document.required("name").identifier()
    title = try document.optional("title")?.string() ?? name
    notes = axes.absent.map(\.note)
    models = axes.models.map(\.value)
    defenses = axes.defenses.map(\.value)
    seeds = axes.seeds
    let product = try axes.cells()
    let views = try axes.views(document, of: product)
    tables = views.tables
    figures = views.figures
    cells = product.filter(views.include)
    let published = try axes.published(document.optional("paper"), for: product)
    expected = published.expected
    expectedSource = published.source
    expectedSeedCount = published.seedCount
    let value = try document.value()
    let identity: JSONValue = ["plan": value, "variables": variables.json]
    hash = SHA256.hex(of: identity.serialized(.canonical))
  }
}
