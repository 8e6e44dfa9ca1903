public import Attacks
public import Defenses
public import Text

/// A set of experiments as a value: models × attacks × scenarios × defences × seeds, every setting
/// resolved. Made from a JSON file; see `experiments/README.md` for its keys.
public struct Plan: Sendable {
  /// A model that somebody else trained.
  public struct Model: Hashable, Sendable {
    /// Names the model in cells.
    public let id: String
    /// The name in tables.
    public let title: String
    /// A Hugging Face directory.
    public let path: String
  }

  /// Whose data poisons the model, and whose data cleans it.
  public struct Scenario: Hashable, Sendable {
    /// Names the scenario in cells.
    public let id: String
    /// The name in tables.
    public let title: String
    /// The attacker's training texts.
    public let attackTrain: TextSource
    /// Nothing when the attacker keeps the last epoch.
    public let attackValidation: TextSource?
    /// The defender's training texts.
    public let defenseTrain: TextSource
    /// For choosing epochs and for pruning.
    public let defenseValidation: TextSource
    /// For ACC and, with triggers, for LFR.
    public let defenseTest: TextSource
  }

  /// An attack with its place in tables; settings belong to cells, as scenarios may change them.
  public struct Attack: Sendable {
    /// Names the attack in cells.
    public let id: String
    /// The name in tables.
    public let title: String
    /// Whether the model is attacked at all; what triggers do to one that is not is the floor of
    /// every defence.
    public let poisons: Bool
    /// The identifier of the attack whose triggers test the model: its own, unless it does not
    /// poison.
    public let triggerID: String
    /// That attack, without settings.
    public let method: any Attacks.Attack
  }

  /// A defence with its place in tables.
  public struct Defense: Sendable {
    /// Names the defence in cells.
    public let id: String
    /// The name in tables.
    public let title: String
    /// How the model is cleaned, without settings.
    public let method: any Defenses.Defense
  }

  /// How a table is laid out.
  public enum Layout: String, CaseIterable, Sendable {
    /// One line a defence.
    case rows
    /// One column a defence, as the paper's tables have it.
    case columns
  }

  /// A word that names the plan in records.
  public let name: String
  /// What reports are headed with.
  public let title: String
  /// How the plan's table is laid out.
  public let layout: Layout
  /// The first axis.
  public let models: [Model]
  /// The third axis.
  public let scenarios: [Scenario]
  /// The second axis.
  public let attacks: [Attack]
  /// The fourth axis.
  public let defenses: [Defense]
  /// The last axis.
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
public struct Cell: Sendable {
  /// The model that is attacked and cleaned.
  public let model: Plan.Model
  /// What is done to it.
  public let attack: Plan.Attack
  /// On whose data.
  public let scenario: Plan.Scenario
  /// How it is cleaned.
  public let defense: Plan.Defense
  /// The seed of every random choice in the cell.
  public let seed: Int
  /// The attack with its settings; for a model that is not attacked, the one whose triggers are
  /// tried.
  public let attackSettings: ConfiguredAttack
  /// The defence with its settings.
  public let defenseSettings: ConfiguredDefense

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
    /// In percent.
    public let mean: Double
    /// In percent; nothing where none is published.
    public let deviation: Double?
  }

  /// ACC; nothing where it is not published.
  public let accuracy: Value?
  /// LFR; nothing where it is not published.
  public let labelFlipRate: Value?
}
