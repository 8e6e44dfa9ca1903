public import Attacks
public import Defenses
public import Files
public import Settings
internal import Stages
public import Training

/// An attack with all that a run of it depends on but the seed.
public struct ConfiguredAttack: Sendable {
  /// The attack with its own settings.
  public var attack: any Attack
  /// Whose constants fill in what nobody has set.
  public var recipe: Recipe
  /// How the poisoned model is trained.
  public var training: TrainingSettings

  /// A recipe's attack.
  public init(_ attack: any Attack, _ recipe: Recipe) {
    self.attack = attack
    self.attack.follow(recipe)
    self.recipe = recipe
    training = attack.training(recipe)
  }

  /// Every setting, for records.
  public var json: JSONValue {
    var object = attack.json
    object["recipe"] = .string(recipe.rawValue)
    object["training"] = .object(training.identity())
    return .object(object)
  }
}

/// A defence with all that a run of it depends on but the seed.
public struct ConfiguredDefense: Sendable {
  /// The defence with its own settings.
  public var defense: any Defense
  /// Whose constants fill in what nobody has set.
  public var recipe: Recipe
  /// How the last fine-tuning goes.
  public var training: TrainingSettings

  /// A recipe's defence.
  public init(_ defense: any Defense, _ recipe: Recipe) {
    self.defense = defense
    self.defense.follow(recipe)
    self.recipe = recipe
    training = defense.training(recipe)
  }

  /// Every setting, for records.
  public var json: JSONValue { .object(defense.json(training, recipe)) }
}
