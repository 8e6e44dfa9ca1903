public import Attacks
public import Defenses
public import Text

/// A set of experiments as a value: models × attacks × scenarios × defences × seeds, every setting
/// resolved. Made from a JSON file; see `experiments/README.md` for its keys.
public struct Plan: Sendable {
  /// A model that somebody else trained.
  public struct Model: PlanEntry, Hashable {
    /// Names the model in cells.
    public let id: String
    /// The name in tables.
    public let title: String
    /// A Hugging Face directory.
    public let path: String
    /// The model whose published values stand beside this one's: itself, or one like it.
    public let publishedID: String
  }

  /// Whose data poisons the model, and whose data cleans it.
  public struct Scenario: PlanEntry, Hashable {
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
    /// The scenario whose published values stand beside this one's: itself, or one like it.
    public let publishedID: String
  }

  /// An attack with its place in tables; settings belong to cells, as scenarios may change them.
  public struct Attack: PlanEntry {
    /// Names the attack in cells.
    public let id: String
    /// The name in tables.
    public let title: String
    /// What is done to the model, in a cell with its settings. Nil where nothing is: what triggers do to such
    /// a model is the floor of every defence.
    public let method: (any Attacks.Attack)?

    /// Whether the model is attacked at all.
    public var poisons: Bool { method != nil }
  }

  /// A defence with its place in tables.
  public struct Defense: PlanEntry {
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
  /// What the report shows first; one of everything where the plan names nothing.
  public let tables: [Table]
  /// What it shows after them.
  public let figures: [Figure]
  /// What the user should know of how the plan was read, such as scenarios that are left out.
  public let notes: [String]
  /// The first axis.
  public let models: [Model]
  /// The fourth axis; the attacks and scenarios between are those of the cells.
  public let defenses: [Defense]
  /// The last axis.
  public let seeds: [Int]
  /// Every experiment, seeds innermost: a stable order with stable identifiers.
  public let cells: [Cell]
  /// Published values to stand beside ours, by cell identifier without the seed.
  public let expected: [String: Expectation]
  /// Where the published values are from, for captions.
  public let expectedSource: String
  /// How many runs a published value is the mean of; nothing where the plan does not say.
  public let expectedSeedCount: Int?
  /// SHA-256 of the plan's canonical JSON and the variables that it was read with.
  public let hash: String
}

/// An entry of an axis of a plan: whatever stands in a cell's identifier, and in tables.
public protocol PlanEntry: Sendable {
  /// Names the entry in cells.
  var id: String { get }
  /// The name in tables.
  var title: String { get }
}

/// One experiment of a plan.
public struct Cell: Sendable {
  /// The model that is attacked and cleaned.
  public let model: Plan.Model
  /// What is done to it.
  public let attack: Plan.Attack
  /// The attacks whose triggers test it, which are the same for all of them: its own and those that
  /// share them. The first lends a model that is not attacked its settings.
  public let triggers: [Plan.Attack]
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

  /// All that an experiment without defence has in common with others: they are one row of a table.
  var row: [String] { [model.id, attack.id, scenario.id] }
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
  /// Wall time of the defence in seconds, not percent; nothing where it is not published.
  public let seconds: Value?
}
