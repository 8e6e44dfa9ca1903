internal import Defenses
public import Stages

/// The results of a plan, summed up over seeds: a pure function of plan and records.
public struct ResultTable: Sendable {
  /// One defence against one attack on one model.
  public struct Entry: Sendable {
    /// The defence's name in tables.
    public let title: String
    /// The cell without its seed, for example `bert/badnets/fdk/pure`.
    public let group: String
    /// What the defence may see.
    public let sees: [Knowledge]
    /// ACC, 0 … 1; nothing as long as no seed is finished.
    public let accuracy: Summary?
    /// LFR, 0 … 1.
    public let labelFlipRate: Summary?
    /// LFR less the clean model's of the same seed, −1 … 1; nothing where no seed has both.
    public let excessLabelFlipRate: Summary?
    /// Nothing for a defence that does not look at heads.
    public let prunedHeads: Summary?
    /// Heads of the model; nothing where `prunedHeads` is.
    public let headCount: Int?
    /// Wall time of the defence.
    public let seconds: Summary?
    /// Published values, where the plan names them.
    public let expected: Expectation?
    /// Why seeds failed, for example "seed 12: no space left".
    public let failures: [String]
    /// Seeds of the plan without a record.
    public let missingSeeds: [Int]
    /// The records behind the numbers, in the order of the plan's seeds.
    public let records: [RunRecord]
  }

  /// All defences of one model, attack and scenario.
  public struct Row: Sendable {
    /// The model's name in tables.
    public let model: String
    /// The attack's name in tables.
    public let attack: String
    /// The scenario's name in tables.
    public let scenario: String
    /// Whether the model is attacked at all.
    public let isClean: Bool
    /// Of a clean row: the names in tables of all attacks with whose triggers it is tested.
    public let triggers: [String]
    /// The LFR of the clean model on the same triggers: no defence can do better by removing the
    /// backdoor. Nothing for a clean row, or when the plan has no clean model or it has not run.
    public let floor: Floor?
    /// One entry a defence, in the plan's order.
    public let entries: [Entry]
  }

  /// What of the plan it shows, and how.
  public let table: Plan.Table
  /// The table's defences by the names of their columns.
  public let defenses: [String]
  /// The defence among them that the table is about, if it is about one.
  public let subject: String?
  /// In the plan's order.
  public private(set) var rows: [Row]
  /// What the table's words mean, a paragraph each.
  public let legend: [String]
  /// How many runs a published value is the mean of; nothing where nobody says.
  public let expectedSeedCount: Int?

  /// Sums up the records of all cells of a plan, laid out as its table where it has but one.
  public init(_ plan: Plan, _ records: [RunRecord]) {
    self.init(plan, records, plan.tables.count == 1 ? plan.tables[0] : .everything())
  }

  /// Sums up records; of several records of one cell the last counts, records of other plans do
  /// not.
  public init(_ plan: Plan, _ records: [RunRecord], _ table: Plan.Table) {
    var newest: [String: RunRecord] = [:]
    for record in records { newest[record.cellID] = record }
    let clean = plan.cells.filter { !$0.attack.poisons }
    let cells = plan.cells.filter(table.selection.includes)
    rows = cells.consecutive(by: \.row).map { cells in
      let first = cells[0]
      let floor = first.attack.poisons ? Floor(for: first, among: clean, newest) : nil
      return Row(
        model: first.model.title, attack: first.attack.title, scenario: first.scenario.title,
        isClean: !first.attack.poisons,
        triggers: first.attack.poisons ? [] : first.triggers.map(\.title), floor: floor,
        entries: cells.consecutive(by: \.group).map { Self.entry($0, plan, newest, floor) })
    }
    self.table = table
    let shown = Set(cells.map(\.defense.id))
    let defenses = plan.defenses.filter { shown.contains($0.id) }
    self.defenses = defenses.map(\.title)
    subject = defenses.first { $0.id == table.subject }?.title
    legend =
      Self.legend(plan, cells, defenses, rows, table.layout)
      + (table.metrics.contains(.seconds) ? Self.timing(of: rows) : [])
    expectedSeedCount = plan.expectedSeedCount
  }

  /// The same without experiments of which nothing was measured.
  var measured: ResultTable {
    var table = self
    table.rows = rows.filter { $0.entries.contains(where: \.isMeasured) }
    return table
  }

  private static func entry(
    _ cells: [Cell], _ plan: Plan, _ newest: [String: RunRecord], _ floor: Floor?
  ) -> Entry {
    let (first, records) = (cells[0], cells.compactMap { newest[$0.id] })
    var measured: [(evaluation: Evaluation, heads: HeadReport?, record: RunRecord)] = []
    var failures: [String] = []
    for record in records {
      switch record.result {
      case .finished(let evaluation, let heads, _): measured.append((evaluation, heads, record))
      case .failed(let problem): failures.append("seed \(record.seed): \(problem)")
      }
    }
    let heads = measured.compactMap(\.heads)
    let method = first.defense.method
    return Entry(
      title: first.defense.title, group: first.group, sees: method.sees,
      accuracy: Summary(measured.compactMap(\.evaluation.accuracy)),
      labelFlipRate: Summary(measured.compactMap(\.evaluation.labelFlipRate)),
      excessLabelFlipRate: Summary(measured.compactMap { floor?.excess(of: $0.record) }),
      prunedHeads: method.prunesHeads ? Summary(heads.map { Double($0.prunedCount) }) : nil,
      headCount: method.prunesHeads ? heads.first?.headCount : nil,
      seconds: Summary(measured.map(\.record.defenseSeconds)),
      expected: plan.expected[first.group], failures: failures,
      missingSeeds: cells.filter { newest[$0.id] == nil }.map(\.seed), records: records)
  }
}

extension Array {
  /// The elements in their order, those that follow each other and have one key together.
  fileprivate func consecutive(by key: (Element) -> some Equatable) -> [[Element]] {
    var runs: [[Element]] = []
    for element in self {
      if let last = runs.last?.first, key(last) == key(element) {
        runs[runs.count - 1].append(element)
      } else {
        runs.append([element])
      }
    }
    return runs
  }
}
