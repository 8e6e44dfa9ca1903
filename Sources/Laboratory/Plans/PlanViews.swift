extension Plan {
  /// Which cells of a plan a table or a figure shows: those whose entries it names on every axis,
  /// all entries of an axis where it names none.
  public struct Selection: Hashable, Sendable {
    /// By axis, as plans call them.
    let names: [String: [String]]

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
        && shows("defenses", [cell.defense.id])
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

  /// Curves over a setting: a chart for each series and rate, in it a line for each attack.
  public struct Figure: PlanEntry {
    /// Defences that differ in the setting alone.
    public struct Series: Sendable {
      /// What they have in common.
      public let title: String
      /// Identifiers of defences.
      public let defenses: [String]
    }

    /// Names the figure in files.
    public let id: String
    /// Its heading.
    public let title: String
    /// What it shows.
    public let selection: Selection
    /// The key of the setting along the axis.
    public let setting: String
    /// The axis' name.
    public let axis: String
    /// One or more.
    public let series: [Series]
    /// What the paper reads out of it; empty where nothing is quoted.
    public let reading: String
  }
}

extension Plan.Attack {
  /// The identifier of the plan's entry, without the trigger that a model without attack is tried
  /// with.
  var entryID: String { String(id.prefix { $0 != "+" }) }
}
