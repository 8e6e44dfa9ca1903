internal import Attacks
internal import Defenses
internal import Files
internal import Settings
internal import Stages
internal import Text

/// The axes of a plan with the settings that each entry brings along.
struct PlanAxes {
  /// An entry of an axis; its layers apply to every cell that it takes part in.
  struct Entry<Value> {
    let value: Value
    var attackLayer: SettingsLayer?
    var defenseLayer: SettingsLayer?
    /// The entries of other axes that this one meets, by axis; all where it says nothing.
    var only: [String: [String]] = [:]
  }

  let defaults: Entry<Void>
  let models: [Entry<Plan.Model>]
  let scenarios: [Entry<Plan.Scenario>]
  let attacks: [Entry<Plan.Attack>]
  let defenses: [Entry<Plan.Defense>]
  let seeds: [Int]

  init(_ node: JSONNode, _ variables: PlanVariables) throws(InputError) {
    var defaults = Entry(value: ())
    if let node = try node.optional("defaults") {
      try node.requireKeys(among: ["attack", "defense"])
      try Self.readLayers(node, variables, into: &defaults)
    }
    self.defaults = defaults
    models = try Self.entries(node.required("models")) { entry throws(InputError) in
      try Self.model(entry, variables)
    }
    scenarios = try Self.entries(node.required("scenarios")) { entry throws(InputError) in
      try Self.scenario(entry, variables)
    }
    attacks = try Self.attacks(node.required("attacks"), variables)
    defenses = try Self.entries(node.required("defenses")) { entry throws(InputError) in
      try Self.defense(entry, variables)
    }
    var seeds: [Int] = []
    for element in try node.required("seeds").elements() {
      let seed = try element.int(in: 0...Int.max)
      guard !seeds.contains(seed) else {
        throw element.error("is there twice", remedy: "remove it")
      }
      seeds.append(seed)
    }
    guard !seeds.isEmpty else {
      throw try node.required("seeds").error("is empty", remedy: "add a seed")
    }
    self.seeds = seeds
    for (index, attack) in attacks.enumerated() {
      let place = try node.required("attacks").elements()[index]
      try Self.requireKnown(attack.only["models"], among: models.map(\.value.id), at: place)
      try Self.requireKnown(attack.only["scenarios"], among: scenarios.map(\.value.id), at: place)
      try Self.requireKnown(attack.only["defenses"], among: defenses.map(\.value.id), at: place)
    }
  }

  private static func entries<Value>(
    _ node: JSONNode, _ read: (JSONNode) throws(InputError) -> Entry<Value>
  ) throws(InputError) -> [Entry<Value>] {
    var ids: [String] = []
    var entries: [Entry<Value>] = []
    for element in try node.elements() {
      entries.append(try read(element))
      let id = try element.required("id").identifier()
      guard !ids.contains(id) else {
        throw element.error("has the id \"\(id)\" of an entry before it", remedy: "rename one")
      }
      ids.append(id)
    }
    guard !entries.isEmpty else { throw node.error("is empty", remedy: "add an entry") }
    return entries
  }

  private static func readLayers<Value>(
    _ node: JSONNode, _ variables: PlanVariables, into entry: inout Entry<Value>
  ) throws(InputError) {
    if let layer = try node.optional("attack") {
      entry.attackLayer = try SettingsLayer(layer, keys: SettingsLayer.attackKeys, variables)
    }
    if let layer = try node.optional("defense") {
      entry.defenseLayer = try SettingsLayer(layer, keys: SettingsLayer.defenseKeys, variables)
    }
  }

  private static func model(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Model> {
    try node.requireKeys(among: ["id", "title", "path", "attack", "defense"])
    let id = try node.required("id").identifier()
    let title = try node.optional("title")?.string() ?? id
    let path = try variables.path(node.required("path"))
    var entry = Entry(value: Plan.Model(id: id, title: title, path: path))
    try readLayers(node, variables, into: &entry)
    return entry
  }

  private static func scenario(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Scenario> {
    try node.requireKeys(among: ["id", "title", "attackData", "defenseData", "attack", "defense"])
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
    var entry = Entry(
      value: Plan.Scenario(
        id: id, title: try node.optional("title")?.string() ?? id,
        attackTrain: try texts(attack.required("train")),
        attackValidation: try attack.optional("validation").map(texts),
        defenseTrain: try texts(defense.required("train")),
        defenseValidation: try texts(defense.required("validation")),
        defenseTest: try texts(defense.required("test"))))
    try readLayers(node, variables, into: &entry)
    return entry
  }

  /// The kind of an entry that leaves the model as it is.
  private static let cleanKind = "none"

  /// An attack whose triggers can test a model.
  private struct Armed {
    let id: String
    let method: any Attack
  }

  private static func attacks(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> [Entry<Plan.Attack>] {
    var armed: [Armed] = []
    for element in try node.elements() {
      let kind = try element.required("kind")
      let id = try element.required("id").identifier()
      if kind.value.string == cleanKind { continue }
      armed.append(
        Armed(id: id, method: try kind.named(among: KnownAttacks.all, \.name, [cleanKind])))
    }
    return try entries(node) { entry throws(InputError) in try attack(entry, armed, variables) }
  }

  private static func attack(
    _ node: JSONNode, _ armed: [Armed], _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Attack> {
    let isClean = try node.required("kind").string() == cleanKind
    try node.requireKeys(
      among: ["id", "title", "kind", "defense", "only", isClean ? "trigger" : "settings"])
    let id = try node.required("id").identifier()
    let trigger = try isClean ? trigger(of: node, armed) : armed.first { $0.id == id }
    guard let trigger else { preconditionFailure("the attack \(id) is none of the plan's") }
    let title = try node.optional("title")?.string() ?? id
    var entry = Entry(
      value: Plan.Attack(
        id: id, title: title, poisons: !isClean, triggerID: trigger.id, method: trigger.method))
    try readLayers(node, variables, into: &entry)
    if let settings = try node.optional("settings") {
      entry.attackLayer = try SettingsLayer(
        settings, keys: SettingsLayer.keys(of: trigger.method), variables)
    }
    if let only = try node.optional("only") {
      try only.requireKeys(among: ["models", "scenarios", "defenses"])
      for (axis, list) in try only.members() { entry.only[axis] = try list.texts() }
    }
    return entry
  }

  /// The attack whose triggers test the clean model: the one that it names, or the only one.
  private static func trigger(
    of node: JSONNode, _ armed: [Armed]
  ) throws(InputError) -> Armed {
    guard let name = try node.optional("trigger") else {
      if armed.count == 1 { return armed[0] }
      throw node.error(
        "does not say whose triggers test the clean model",
        remedy: armed.isEmpty
          ? "add an attack to the plan"
          : "set \"trigger\" to one of " + armed.map(\.id).joined(separator: ", "))
    }
    let id = try name.identifier()
    try requireKnown([id], among: armed.map(\.id), at: name)
    return armed.first { $0.id == id } ?? armed[0]
  }

  private static func defense(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Defense> {
    try node.requireKeys(among: ["id", "title", "kind", "settings"])
    let method = try node.required("kind").named(among: KnownDefenses.all, \.name)
    let id = try node.required("id").identifier()
    let title = try node.optional("title")?.string() ?? method.title
    var entry = Entry(value: Plan.Defense(id: id, title: title, method: method))
    if let settings = try node.optional("settings") {
      entry.defenseLayer = try SettingsLayer(
        settings, keys: SettingsLayer.keys(of: method), variables)
    }
    return entry
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
