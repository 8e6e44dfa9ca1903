internal import Attacks
internal import Files
internal import Settings
internal import Stages

extension PlanAxes {
  /// The kind of an entry that leaves the model as it is.
  private static let cleanKind = "none"

  static func attacks(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> [Entry<Plan.Attack>] {
    let entries = try entries(node) { entry throws(InputError) in try attack(entry, variables) }
    let armed = entries.filter(\.value.poisons).map(\.value.id)
    for entry in entries where !entry.value.poisons {
      guard !armed.isEmpty else {
        throw entry.node.error(
          "has no triggers to test the clean model with", remedy: "add an attack to the plan")
      }
      guard let id = entry.triggerID else { continue }
      try requireKnown([id], among: armed, at: entry.node.required("trigger"))
    }
    return entries
  }

  private static func attack(
    _ node: JSONNode, _ variables: PlanVariables
  ) throws(InputError) -> Entry<Plan.Attack> {
    let kind = try node.required("kind")
    let method =
      try kind.value.string == cleanKind
      ? nil : kind.named(among: KnownAttacks.all, \.name, [cleanKind])
    try node.requireKeys(
      among: ["id", "title", "kind", "defense", "only", method == nil ? "trigger" : "settings"])
    let id = try node.required("id").identifier()
    var entry = try Entry(
      Plan.Attack(id: id, title: try node.optional("title")?.string() ?? id, method: method), node,
      variables)
    entry.triggerID = try node.optional("trigger")?.identifier()
    if let method, let settings = try node.optional("settings") {
      entry.attackLayer = try SettingsLayer(
        settings, keys: SettingsLayer.keys(of: method), variables)
    }
    if let only = try node.optional("only") {
      try only.requireKeys(among: ["models", "scenarios", "defenses"])
      for (axis, list) in try only.members() {
        let names = try list.texts()
        guard !names.isEmpty else {
          throw list.error("is empty, so the attack meets nothing", remedy: "name one, or leave it")
        }
        entry.only[axis] = names
      }
    }
    return entry
  }
}
