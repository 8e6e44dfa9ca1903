internal import Training
internal import CommandLineArguments
internal import Files

/// One place of a plan that sets some settings. Layers are applied from the general to the
/// particular: recipe, plan, model, scenario, attack, defence.
struct SettingsLayer {
  static let trainingKeys = [
    "recipe", "epochs", "batchSize", "learningRate", "maximumLength", "weightDecay", "schedule",
    "gradientNormLimit", "selection", "head", "shuffles", "maximumExamples",
  ]
  static let attackKeys =
    ["triggers", "poisonRate", "targetLabel", "insertionLimit"] + trainingKeys
  static let pruningKeys = ["accuracyFloor", "pruningStep"]
  static let normKeys = ["normWeight"]
  static let defenseKeys = pruningKeys + normKeys + trainingKeys

  /// The settings that a defence of that kind looks at.
  static func keys(for kind: DefenseKind) -> [String] {
    (kind.prunes ? pruningKeys : []) + (kind.normalizes ? normKeys : []) + trainingKeys
  }

  let node: JSONNode

  init(_ node: JSONNode, keys: [String]) throws(InputError) {
    try node.requireKeys(among: keys)
    self.node = node
  }

  func recipe() throws(InputError) -> Recipe? { try node.optional("recipe")?.name() }

  func apply(to settings: inout PlannedTraining) throws(InputError) {
    settings.epochs = try node.optional("epochs")?.int(in: 1...1000) ?? settings.epochs
    settings.batchSize = try node.optional("batchSize")?.int(in: 1...4096) ?? settings.batchSize
    settings.learningRate =
      try node.optional("learningRate")?.double(in: 0...1) ?? settings.learningRate
    settings.maximumLength =
      try node.optional("maximumLength")?.int(in: 3...8192) ?? settings.maximumLength
    settings.weightDecay =
      try node.optional("weightDecay")?.double(in: 0...1) ?? settings.weightDecay
    settings.schedule = try node.optional("schedule")?.name() ?? settings.schedule
    if let limit = try node.optional("gradientNormLimit")?.double(in: 0...1e6) {
      settings.gradientNormLimit = limit == 0 ? nil : limit
    }
    settings.selection = try node.optional("selection")?.name() ?? settings.selection
    settings.head = try node.optional("head")?.name() ?? settings.head
    settings.shuffles = try node.optional("shuffles")?.bool() ?? settings.shuffles
    if let count = try node.optional("maximumExamples")?.int(in: 1...1_000_000_000) {
      settings.maximumExamples = count
    }
  }

  func apply(to settings: inout AttackSettings) throws(InputError) {
    if let words = try node.optional("triggers") {
      settings.triggers = try words.texts()
      guard !settings.triggers.isEmpty,
        !settings.triggers.contains(where: { $0.allSatisfy(\.isWhitespace) })
      else {
        throw words.error("has no word in it, or a blank one", remedy: "name at least one trigger")
      }
    }
    settings.poisonRate = try node.optional("poisonRate")?.double(in: 0...1) ?? settings.poisonRate
    settings.targetLabel =
      try node.optional("targetLabel")?.int(in: 0...9999) ?? settings.targetLabel
    settings.insertionLimit =
      try node.optional("insertionLimit")?.int(in: 0...8192) ?? settings.insertionLimit
    try apply(to: &settings.training)
  }

  func apply(to settings: inout DefenseSettings) throws(InputError) {
    settings.accuracyFloor =
      try node.optional("accuracyFloor")?.double(in: 0...1) ?? settings.accuracyFloor
    settings.pruningStep =
      try node.optional("pruningStep")?.int(in: 1...10_000) ?? settings.pruningStep
    settings.normWeight =
      try node.optional("normWeight")?.double(in: 0...1000) ?? settings.normWeight
    try apply(to: &settings.training)
  }
}

extension [SettingsLayer] {
  /// The recipe that the most particular layer names.
  private func recipe() throws(InputError) -> Recipe {
    var recipe = Recipe.paper
    for layer in self { recipe = try layer.recipe() ?? recipe }
    return recipe
  }

  func attackSettings() throws(InputError) -> AttackSettings {
    var settings = AttackSettings(try recipe())
    for layer in self { try layer.apply(to: &settings) }
    return settings
  }

  func defenseSettings(_ kind: DefenseKind) throws(InputError) -> DefenseSettings {
    var settings = DefenseSettings(try recipe(), kind)
    for layer in self { try layer.apply(to: &settings) }
    return settings
  }
}
