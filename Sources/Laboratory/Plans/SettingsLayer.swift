internal import Attacks
internal import Defenses
internal import Files
internal import Settings
internal import Training

/// One place of a plan that sets some settings. Layers are applied from the general to the
/// particular: recipe, plan, model, scenario, attack, defence.
struct SettingsLayer {
  /// What any attack may be told.
  static let attackKeys = shared + KnownAttacks.all.flatMap(\.descriptions).map(\.name)
  /// What any defence may be told.
  static let defenseKeys = shared + KnownDefenses.all.flatMap(\.descriptions).map(\.name)

  /// What one method may be told.
  static func keys(of method: some Configurable) -> [String] {
    shared + method.descriptions.map(\.name)
  }

  private static let shared = ["recipe"] + TrainingSettings().descriptions.map(\.name)

  let node: JSONNode
  private let variables: PlanVariables

  init(_ node: JSONNode, keys: [String], _ variables: PlanVariables) throws(InputError) {
    try node.requireKeys(among: keys)
    self.node = node
    self.variables = variables
  }

  /// Each layer looks at what is declared, and leaves aside what belongs to other methods.
  fileprivate func apply(to value: inout some Configurable) throws(InputError) {
    try value.apply(node, path: variables.path)
  }
}

extension [SettingsLayer] {
  /// The recipe that the most particular layer names.
  private func recipe() throws(InputError) -> Recipe {
    var recipe = Recipe.paper
    for layer in self { recipe = try layer.node.optional("recipe")?.name() ?? recipe }
    return recipe
  }

  func configured(_ attack: any Attack) throws(InputError) -> ConfiguredAttack {
    var configured = ConfiguredAttack(attack, try recipe())
    try apply(to: &configured.method, &configured.training)
    return configured
  }

  func configured(_ defense: any Defense) throws(InputError) -> ConfiguredDefense {
    var configured = ConfiguredDefense(defense, try recipe())
    try apply(to: &configured.method, &configured.training)
    return configured
  }

  private func apply(
    to method: inout some Configurable, _ training: inout TrainingSettings
  ) throws(InputError) {
    for layer in self {
      try layer.apply(to: &method)
      try layer.apply(to: &training)
    }
  }
}
