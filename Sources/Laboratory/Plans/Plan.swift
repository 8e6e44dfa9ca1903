/// A set of experiments as a value: models × attacks × scenarios × defences × seeds, every setting
/// resolved. Made from a JSON file; see `experiments/README.md` for its keys.
public struct Plan: Sendable {
  /// A model that somebody else trained.
  public struct Model: Hashable, Sendable {
    public let id: String
    public let title: String
    /// A Hugging Face directory.
    public let path: String
  }

  /// Whose data poisons the model, and whose data cleans it.
  public struct Scenario: Hashable, Sendable {
    public let id: String
    public let title: String
    public let attackTrain: String
    /// Nothing when the attacker keeps the last epoch.
    public let attackValidation: String?
    public let defenseTrain: String
    public let defenseValidation: String
    public let defenseTest: String
  }

  /// An attack with its place in tables; settings belong to cells, as scenarios may change them.
  public struct Attack: Hashable, Sendable {
    public let id: String
    public let title: String
    public let kind: AttackKind
    /// The attack whose triggers test the model: itself, unless its kind is `none`.
    public let triggerID: String
    /// The kind of that attack.
    public let triggerKind: AttackKind
  }

  /// A defence with its place in tables.
  public struct Defense: Hashable, Sendable {
    public let id: String
    public let title: String
    public let kind: DefenseKind
  }

  /// How a table is laid out.
  public enum Layout: String, CaseIterable, Sendable {
    /// One line a defence.
    case rows
    /// One column a defence, as the paper's tables have it.
    case columns
  }

  public let name: String
  public let title: String
  public let layout: Layout
  public let models: [Model]
  public let scenarios: [Scenario]
  public let attacks: [Attack]
  public let defenses: [Defense]
  public let seeds: [Int]
  /// Every experiment, seeds innermost: a stable order with stable identifiers.
  public let cells: [Cell]
  /// Published values to stand beside ours, by cell identifier without the seed.
  public let expected: [String: Expectation]
  /// Where the published values are from, for captions.
  public let expectedSource: String
  /// SHA-256 of the plan's canonical JSON and the variables that it was read with.
  public let hash: String
}

/// One experiment of a plan.
public struct Cell: Hashable, Sendable {
  public let model: Plan.Model
  public let attack: Plan.Attack
  public let scenario: Plan.Scenario
  public let defense: Plan.Defense
  public let seed: Int
  /// For an attack of kind `none`, the settings of the attack whose triggers are tried.
  public let attackSettings: AttackSettings
  public let defenseSettings: DefenseSettings

  /// What all seeds of the experiment share, for example `bert/badnets/fdk/pure`.
  public var group: String {
    [model.id, attack.id, scenario.id, defense.id].joined(separator: "/")
  }

  /// For example `bert/badnets/fdk/pure/seed-11`.
  public var id: String { "\(group)/seed-\(seed)" }
}

/// Published results of one experiment, in percent.
public struct Expectation: Hashable, Sendable {
  /// A published mean with its standard deviation, as far as they are published.
  public struct Value: Hashable, Sendable {
    public let mean: Double
    public let deviation: Double?
  }

  public let accuracy: Value?
  public let labelFlipRate: Value?
}
