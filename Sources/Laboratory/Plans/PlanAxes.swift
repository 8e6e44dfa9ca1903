internal import Defenses
internal import Files
internal import Stages
internal import Text

/// The axes of a plan with the settings that each entry brings along.
struct PlanAxes {
  /// An entry of an axis; its layers apply to every cell that it takes part in.
  struct Entry<Value> {
    let value: Value
    /// Where the plan says so.
    let node: JSONNode
    var attackLayer: SettingsLayer?
    var defenseLayer: SettingsLayer?
    /// The entries of other axes that this one meets, by axis; all where it says nothing.
    var only: [String: [String]] = [:]
    /// Of an entry that does not attack: the attack whose triggers alone test the model.
    var triggerID: String?

    /// An entry without settings.
    init(_ value: Value, _ node: JSONNode) {
      self.value = value
      self.node = node
    }

    init(
      _ value: Value, _ node: JSONNode, _ variables: PlanVariables
    ) throws(InputError) {
      self.init(value, node)
      if let layer = try node.optional("attack") {
        attackLayer = try SettingsLayer(layer, keys: SettingsLayer.attackKeys, variables)
      }
      if let layer = try node.optional("defense") {
        defenseLayer = try SettingsLayer(layer, keys: SettingsLayer.defenseKeys, variables)
      }
    }
  }

  /// A scenario that is left out, because variables that it needs have no value.
  struct Absent {
    let id: String
    let variables: [String]

    /// For the user.
    var note: String { "the scenario \"\(id)\" is left out; \(remedy) brings it in" }

    var remedy: String { variables.map { "--set \($0)=VALUE" }.joined(separator: " ") }
  }

  let defaults: Entry<Void>?
  let models: [Entry<Plan.Model>]
  let scenarios: [Entry<Plan.Scenario>]
  let absent: [Absent]
  let attacks: [Entry<Plan.Attack>]
  let defenses: [Entry<Plan.Defense>]
  let seeds: [Int]

  init(_ node: PlanDocument, _ variables: PlanVariables) throws(InputError) {
    defaults = try node.optional("defaults").map { node throws(InputError) in
      try node.requireKeys(among: ["attack", "defense"])
      return try Entry((), node, variables)
    }
    models = try Self.entries(node.required("models")) { entry throws(InputError) in
      try Self.model(entry, variables)
    }
    let scenarioNode = try node.required("scenarios")
    var absent: [Absent] = []
    scenarios = try Self.entries(scenarioNode) { entry throws(InputError) in
      try entry.requireKeys(among: Self.scenarioKeys)
      let missing = try entry.optional("needs").map(variables.missing) ?? []
      guard missing.isEmpty else {
        absent.append(Absent(id: try entry.required("id").identifier(), variables: missing))
        return nil
      }
      return try Self.scenario(entry, variables)
    }
    self.absent = absent
    guard !scenarios.isEmpty else {
      throw scenarioNode.error(
        "are all left out, because variables that they need have no value",
        remedy: "give one with " + absent.map(\.remedy).joined(separator: ", or "))
    }
    attacks = try Self.attacks(node.required("attacks"), variables)
    defenses = try Self.entries(node.required("defenses")) { entry throws(InputError) in
      try Self.defense(entry, variables)
    }
    seeds = try Self.seeds(node.required("seeds"))
    for attack in attacks {
      for (axis, known) in [
        ("models", models.map(\.value.id)), ("scenarios", scenarioIDs),
        ("defenses", defenses.map(\.value.id)),
      ] {
        try Self.requireKnown(attack.only[axis], among: known, at: attack.node)
      }
    }
  }

  /// Those that are left out too.
  var scenarioIDs: [String] { scenarios.map(\.value.id) + absent.map(\.id) }

  /// Reads the entries of an axis, of which no two may be mistaken for each other.
  ///
  /// - Parameter read: gives nothing for an entry that is left out.
  static func entries<Value: PlanEntry>(
    _ node: JSONNode, _ read: (JSONNode) throws(InputError) -> Entry<Value>?
  ) throws(InputError) -> [Entry<Value>] {
    let elements = try node.elements()
    guard !elements.isEmpty else { throw node.error("is empty", remedy: "add an entry") }
    var ids: [String] = []
    var entries: [Entry<Value>] = []
    for element in elements {
      let id = try element.required("id").identifier()
      guard !ids.contains(id) else {
        throw element.error("has the id \"\(id)\" of an entry before it", remedy: "rename one")
      }
      ids.append(id)
      guard let entry = try read(element) else { continue }
      try requireOtherTitle(entry.value.title, than: entries, at: element)
      entries.append(entry)
    }
    return entries
  }

  /// Makes sure that a title does not read like that of another entry, in a chart neither.
  static func requireOtherTitle(
    _ title: String, than others: [Entry<some PlanEntry>], at node: JSONNode
  ) throws(InputError) {
    guard !title.label.isEmpty else {
      throw node.error("has a blank title", remedy: "write one, or leave it out")
    }
    guard !others.contains(where: { $0.value.title.label == title.label }) else {
      throw node.error(
        "reads \"\(title.label)\" in tables and charts, as another entry does",
        remedy: "give it another \"title\"")
    }
  }

  private static func model(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Model> {
    try node.requireKeys(among: ["id", "title", "path", "publishedAs", "attack", "defense"])
    let id = try node.required("id").identifier()
    let title = try node.optional("title")?.string() ?? id
    return try Entry(
      Plan.Model(
        id: id, title: title, path: try variables.path(node.required("path")),
        publishedID: try node.optional("publishedAs")?.identifier() ?? id), node, variables)
  }

  private static let scenarioKeys = [
    "id", "title", "publishedAs", "needs", "attackData", "defenseData", "attack", "defense",
  ]

  private static func scenario(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Scenario> {
    let attack = try node.required("attackData")
    try attack.requireKeys(among: ["train", "validation"])
    let defense = try node.required("defenseData")
    try defense.requireKeys(among: ["train", "validation", "test"])
    let id = try node.required("id").identifier()
    var classes: [String]?
    func texts(_ node: JSONNode) throws(InputError) -> TextSource {
      let source = try TextSource(node, resolve: variables.path)
      let names = source.labelNames.names
      guard names == classes ?? names else {
        throw node.error(
          "has the classes \(names.joined(separator: ", ")) where others of the scenario have "
            + (classes ?? []).joined(separator: ", "),
          remedy: "give the same labels in the same order to all of them")
      }
      classes = names
      return source
    }
    return try Entry(
      Plan.Scenario(
        id: id, title: try node.optional("title")?.string() ?? id,
        attackTrain: try texts(attack.required("train")),
        attackValidation: try attack.optional("validation").map(texts),
        defenseTrain: try texts(defense.required("train")),
        defenseValidation: try texts(defense.required("validation")),
        defenseTest: try texts(defense.required("test")),
        publishedID: try node.optional("publishedAs")?.identifier() ?? id), node, variables)
  }

  private static func defense(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Defense> {
    try node.requireKeys(among: ["id", "title", "kind", "settings"])
    let method = try node.required("kind").named(among: KnownDefenses.all, \.name)
    let id = try node.required("id").identifier()
    let title = try node.optional("title")?.string() ?? method.title
    var entry = try Entry(Plan.Defense(id: id, title: title, method: method), node, variables)
    if let settings = try node.optional("settings") {
      entry.defenseLayer = try SettingsLayer(
        settings, keys: SettingsLayer.keys(of: method), variables)
    }
    return entry
  }

  private static func seeds(_ node: JSONNode) throws(InputError) -> [Int] {
    var seeds: [Int] = []
    for element in try node.elements() {
      let seed = try element.int(in: 0...Int.max)
      guard !seeds.contains(seed) else {
        throw element.error("is there twice", remedy: "remove it")
      }
      seeds.append(seed)
    }
    guard !seeds.isEmpty else { throw node.error("is empty", remedy: "add a seed") }
    return seeds
  }

  static func requireKnown(
    _ names: [String]?, among known: [String], at node: JSONNode
  ) throws(InputError) {
    for name in names ?? [] where !known.contains(name) {
      throw node.error(
        "names \"\(name)\", which the plan does not have",
        remedy: nearestName(to: name, among: known).map { "did you mean \"\($0)\"?" }
          ?? "use one of " + known.joined(separator: ", "))
    }
  }
}
