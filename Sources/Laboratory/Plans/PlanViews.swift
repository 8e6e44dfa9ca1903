public import Scans

extension Plan {
  /// Which cells of a plan a table or a figure shows: those whose entries it names on every axis,
  /// all entries of an axis where it names none.
  public struct Selection: Hashable, Sendable {
    /// By axis, as plans call them.
    let names: [String: [String]]
    /// The seed that alone is shown; nil for all.
    var seed: Int?

    /// Everything.
    static let all = Selection(names: [:])

    /// What it may name.
    static let axes = ["models", "scenarios", "attacks", "defenses"]

    /// Whether the cell is shown. A model that is not attacked is named by its entry, or by entry
    /// and trigger.
    func includes(_ cell: Cell) -> Bool {
      func shows(_ axis: String, _ ids: [String]) -> Bool {
        names[axis].map { $0.contains(where: ids.contains) } ?? true
      }
      return shows("models", [cell.model.id]) && shows("scenarios", [cell.scenario.id])
        && shows("attacks", [cell.attack.id, cell.attack.entryID])
        && shows("defenses", [cell.defense.id]) && seed ?? cell.seed == cell.seed
    }
  }

  /// A table of some of the plan's cells.
  public struct Table: PlanEntry {
    /// Names the table in files.
    public let id: String
    /// Its heading.
    public let title: String
    /// What it shows.
    public let selection: Selection
    /// How it is laid out.
    public let layout: Layout
    /// Its lines, where it has a column for each defence.
    public let metrics: [Metric]
    /// The identifier of the defence that it is about, which is held against the best other one.
    public let subject: String?
  }

  /// A quantity of a table.
  public enum Metric: String, CaseIterable, Sendable {
    /// ACC.
    case accuracy
    /// LFR.
    case labelFlipRate
    /// LFR less that of the clean model.
    case excessLabelFlipRate
    /// Wall time of the defence.
    case seconds
  }

  /// A figure of some of the plan's cells.
  public struct Figure: PlanEntry {
    /// Defences that differ in the setting alone.
    public struct Series: Sendable {
      /// What they have in common.
      public let title: String
      /// Identifiers of defences.
      public let defenses: [String]
    }

    /// What is drawn.
    public enum Content: Sendable {
      /// Curves over a number among the defences' settings, whose axis has a name: a chart for each
      /// series and rate, in it a line for each attack.
      case curves(setting: String, axis: String, [Series])
      /// The variance score of every head on clean texts and on the same with a trigger, as many as
      /// there are up to a limit; of the plan's first seed.
      case heads(textLimit: Int)
      /// What the last layer's [CLS] attends to in a text, and in the same with the cell's trigger
      /// or in another; of the plan's first seed.
      case attention(text: String, triggered: String?)
      /// What scans of clean and of backdoored models come to, and the thresholds that some of them
      /// set.
      case scan(TokenSearch, thresholds: ThresholdModels)
    }

    /// The models that set thresholds; the others tell what these are worth.
    public struct ThresholdModels: Sendable {
      /// Of these seeds,
      public let seeds: [Int]
      /// and of these scenarios, by identifier.
      public let scenarios: [String]

      func include(_ cell: Cell) -> Bool {
        seeds.contains(cell.seed) && scenarios.contains(cell.scenario.id)
      }
    }

    /// Names the figure in files.
    public let id: String
    /// Its heading.
    public let title: String
    /// What it shows.
    public let selection: Selection
    /// How it shows it.
    public let content: Content
    /// What the paper reads out of it; empty where nothing is quoted.
    public let reading: String
  }
}

extension Plan.Attack {
  /// The identifier of the plan's entry, without the trigger that a model without attack is tried
  /// with.
  var entryID: String { String(id.prefix { $0 != "+" }) }
}
