public import Settings
public import Training

/// What attacks and defences have in common: a value made of settings, with a name, that says which
/// stages lead to its result.
public protocol Method: Configurable {
  /// Name in commands, plans and records, such as `badnets`.
  var name: String { get }
  /// Name in tables and other texts for people, such as "BadNets".
  var title: String { get }
  /// What it does, as the end of a line of help.
  var summary: String { get }
  /// What it looks at besides the model that it works on.
  var sees: [Knowledge] { get }
  /// Kinds of work of its own, which its stages do.
  var works: [any StageWork.Type] { get }

  // Stated again: a file that does not import Settings would see the default below alone.
  /// Takes the constants of a recipe.
  mutating func follow(_ recipe: Recipe)
  /// How it trains by a recipe.
  func training(_ recipe: Recipe) -> TrainingSettings
}

extension Method {
  /// None.
  public var works: [any StageWork.Type] { [] }

  /// No recipe decides anything here.
  public mutating func follow(_ recipe: Recipe) {}
}
