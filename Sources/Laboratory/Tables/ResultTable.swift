internal import Defenses
internal import Stages

/// The results of a plan, summed up over seeds: a pure function of plan and records.
public struct ResultTable: Sendable {
  /// One defence against one attack on one model.
  public struct Entry: Sendable {
    /// The defence's name in tables.
    public let title: String
    /// The cell without its seed, for example `bert/badnets/fdk/pure`.
    public let group: String
    /// ACC, 0 … 1; nothing as long as no seed is finished.
    public let accuracy: Summary?
    /// LFR, 0 … 1.
    public let labelFlipRate: Summary?
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
    /// The LFR of the clean model on the same triggers: no defence can do better by removing the
    /// backdoor. Nothing for a clean row, or when the plan has no clean model or it has not run.
    public let floor: Summary?
    /// One entry a defence, in the plan's order.
    public let entries: [Entry]
  }

  /// How the plan wants it laid out.
  public let layout: Plan.Layout
  /// The plan's defences by the names of their columns.
  public let defenses: [String]
  /// In the plan's order.
  public let rows: [Row]
  /// Where published values are from; empty when there are none.
  public let expectedSource: String

  /// Sums up records; of several records of one cell the last counts, records of other plans do
  /// not.
  public init(_ plan: Plan, _ records: [RunRecord]) {
    var newest: [String: RunRecord] = [:]
    for record in records { newest[record.cellID] = record }
    var rows: [Row] = []
    for model in plan.models {
      for attack in plan.attacks {
        for scenario in plan.scenarios {
          let cells = plan.cells.filter {
            $0.model.id == model.id && $0.attack.id == attack.id && $0.scenario.id == scenario.id
          }
          guard !cells.isEmpty else { continue }
          rows.append(
            Row(
              model: model.title, attack: attack.title, scenario: scenario.title,
              isClean: !attack.poisons, floor: Self.floor(for: cells[0], plan, newest),
              entries: plan.defenses.compactMap { defense in
                Self.entry(cells.filter { $0.defense.id == defense.id }, plan, newest)
              }))
        }
      }
    }
    self.rows = rows
    layout = plan.layout
    defenses = plan.defenses.map(\.title)
    expectedSource = plan.expected.isEmpty ? "" : plan.expectedSource
  }

  private static func entry(
    _ cells: [Cell], _ plan: Plan, _ newest: [String: RunRecord]
  ) -> Entry? {
    guard let first = cells.first else { return nil }
    let records = cells.compactMap { newest[$0.id] }
    var measured: [(evaluation: Evaluation, heads: HeadReport?, record: RunRecord)] = []
    var failures: [String] = []
    for record in records {
      switch record.result {
      case .finished(let evaluation, let heads, _): measured.append((evaluation, heads, record))
      case .failed(let problem): failures.append("seed \(record.seed): \(problem)")
      }
    }
    let heads = measured.compactMap(\.heads)
    return Entry(
      title: first.defense.title, group: first.group,
      accuracy: Summary(measured.compactMap(\.evaluation.accuracy)),
      labelFlipRate: Summary(measured.compactMap(\.evaluation.labelFlipRate)),
      prunedHeads: first.defense.method.prunesHeads
        ? Summary(heads.map { Double($0.prunedCount) }) : nil,
      headCount: first.defense.method.prunesHeads ? heads.first?.headCount : nil,
      seconds: Summary(measured.map(\.record.defenseSeconds)),
      expected: plan.expected[first.group], failures: failures,
      missingSeeds: cells.filter { newest[$0.id] == nil }.map(\.seed), records: records)
  }

  /// The LFR of the clean model after plain fine-tuning, or after the first defence that it has.
  private static func floor(
    for cell: Cell, _ plan: Plan, _ newest: [String: RunRecord]
  ) -> Summary? {
    guard cell.attack.poisons else { return nil }
    let clean = plan.cells.filter {
      !$0.attack.poisons && $0.attack.triggerID == cell.attack.id && $0.model.id == cell.model.id
        && $0.scenario.id == cell.scenario.id
    }
    let plain = clean.first { $0.defense.method.name == PURE.fineTuning.name }
    let defense = (plain ?? clean.first)?.defense.id
    let rates = clean.filter { $0.defense.id == defense }.compactMap { cell -> Double? in
      guard case .finished(let evaluation, _, _)? = newest[cell.id]?.result else { return nil }
      return evaluation.labelFlipRate
    }
    return Summary(rates)
  }
}
