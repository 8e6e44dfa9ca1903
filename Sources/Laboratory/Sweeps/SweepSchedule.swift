internal import Files
public import Stages
internal import Tensors

/// What a sweep has to do: the stages of its cells, and which of them are there already.
public struct SweepSchedule {
  /// A cell with its stages.
  struct PlannedCell {
    let cell: Cell
    let stages: CellStages
    /// The newest record of this very cell, if there is one.
    let record: RunRecord?

    /// A record of before a figure was asked for lacks what that one shows.
    var isFinished: Bool {
      guard let record, record.isFinished else { return false }
      return stages.readings.allSatisfy { reading in
        record.stages.contains { $0.key == reading.key }
      }
    }
  }

  let cells: [PlannedCell]
  /// The stages that unfinished cells need, each once, in an order in which they can run.
  public let stages: [Stage]
  /// The keys of those that are in the store.
  public let cachedKeys: Set<String>
  /// A stage that was done.
  struct Measured {
    let seconds: Double
    let environment: RunEnvironment
    /// When the first run that it is a part of was recorded; nil where none is yet.
    let date: String?

    /// What no record tells of yet was done last.
    func isBefore(_ other: Measured) -> Bool {
      guard let date else { return false }
      return other.date.map { date < $0 } ?? true
    }
  }
  /// How long stages took that were done, where and when, by key.
  let measured: [String: Measured]

  /// Looks at the user's files, the store and the records.
  /// - Throws: `InputError` when one of them is missing, unreadable or damaged.
  init(
    _ plan: Plan, in precision: Precision, store: ArtifactStore, records: [RunRecord]
  ) throws(InputError) {
    let hasher = ContentHasher()
    var newest: [String: RunRecord] = [:]
    for record in records { newest[record.cellID + record.key] = record }
    var cells: [PlannedCell] = []
    var stages: [Stage] = []
    var known: Set<String> = []
    var cachedKeys: Set<String> = []
    var measured: [String: Measured] = [:]
    for cell in plan.cells {
      let own = try CellStages(cell, hasher, in: precision, figures: plan.figures)
      let planned = PlannedCell(
        cell: cell, stages: own, record: newest[cell.id + own.evaluation.key])
      cells.append(planned)
      if let record = planned.record, record.isFinished {
        for stage in record.stages {
          let own = Measured(
            seconds: stage.seconds, environment: record.environment, date: record.date)
          if measured[stage.key].map(own.isBefore) ?? true { measured[stage.key] = own }
        }
      }
      for stage in own.all where !planned.isFinished && known.insert(stage.key).inserted {
        stages.append(stage)
        if let entry = try store.entry(for: stage) {
          cachedKeys.insert(stage.key)
          measured[stage.key] = Measured(
            seconds: entry.seconds, environment: entry.environment,
            date: measured[stage.key]?.date)
        }
      }
    }
    self.cells = cells
    self.stages = stages
    self.cachedKeys = cachedKeys
    self.measured = measured
  }

  /// Stages that have to run.
  public var missingCount: Int { stages.count - cachedKeys.count }
  /// Cells that have been measured in an earlier run.
  public var finishedCellCount: Int { cells.count { $0.isFinished } }
  /// All cells of the plan.
  public var cellCount: Int { cells.count }

  /// The newest record of each cell of the plan, in its order; records of other settings are left
  /// out.
  public var records: [RunRecord] { cells.compactMap(\.record) }

  /// One line a stage: what it does, how many cells wait for it, whether it is cached and, where
  /// that was estimated, what it costs.
  public func grid(_ estimate: SweepEstimate? = nil) -> Grid {
    var users: [String: Int] = [:]
    for cell in cells where !cell.isFinished {
      for stage in cell.stages.all { users[stage.key, default: 0] += 1 }
    }
    var grid = Grid(
      columns: [.text("Stage"), .text("Artifact"), .number("Cells"), .text("State")]
        + (estimate == nil ? [] : [.number("Tokens"), .number("Time")]))
    grid.sections = [
      Grid.Section(
        rows: stages.map { stage in
          [
            stage.work.title, stage.name, "\(users[stage.key, default: 0])",
            cachedKeys.contains(stage.key) ? "cached" : "to run",
          ]
            + (estimate.map { estimate in
              let cost = estimate[stage]
              return [
                cost.map { grouped($0.effort.tokens) } ?? "",
                cost.map { duration($0.seconds) } ?? "",
              ]
            } ?? [])
        })
    ]
    return grid
  }

  /// "3 of 8 cells are finished; of 9 stages, 4 are cached and 5 remain."
  public var summary: String {
    if finishedCellCount == cellCount { return "All \(cellCount) cells are finished." }
    return
      "\(finishedCellCount) of \(cellCount) cells are finished; of \(stages.count) stages that the "
      + "others need, \(cachedKeys.count) are cached and \(missingCount) remain."
  }
}
