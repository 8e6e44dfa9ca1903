internal import FoundationEssentials
public import Files

/// Runs what is missing of a plan and writes down what came out.
public struct SweepRunner {
  /// What happens during a sweep, for progress displays.
  public enum Event {
    /// A stage begins; it is the `number`th of `count` that have to run.
    case began(Stage, number: Int, count: Int)
    /// A stage goes on.
    case progressed(StageProgress)
    /// A stage is done.
    case ended(Stage, seconds: Double)
    /// A cell is done, finished or failed.
    case recorded(RunRecord)
  }

  /// How a sweep ended.
  public struct Outcome: Sendable {
    /// The newest record of each cell of the plan.
    public let records: [RunRecord]
    /// Cells of the plan that have no result yet.
    public let unfinishedCount: Int
    /// Whether the user stopped it.
    public let isCancelled: Bool

    /// Cells that were tried and failed.
    public var failedCount: Int { records.count { !$0.isFinished } }
  }

  private let plan: Plan
  private let store: ArtifactStore
  private let recordFile: RecordFile
  private let executor: any StageExecutor

  /// - Parameter directory: the folder for `store/` and `records.jsonl`; made when it is missing.
  public init(_ plan: Plan, directory: String, executor: any StageExecutor) {
    self.plan = plan
    self.executor = executor
    store = ArtifactStore(directory: directory)
    recordFile = RecordFile(Path.join(directory, "records.jsonl"))
  }

  /// What there is and what remains; nothing is run.
  /// - Throws: `InputError` when a file that the plan names, an artifact or a record is unreadable.
  public func schedule() throws(InputError) -> SweepSchedule {
    try SweepSchedule(
      plan, in: executor.environment.precision, store: store, records: recordFile.records())
  }

  /// Runs the missing stages cell by cell. A cell that fails is recorded with its error and the
  /// others go on; the next run tries it again. Stopping is safe at every moment: artifacts and
  /// records appear complete or not at all.
  /// - Throws: `InputError` when a file that the plan names is unreadable or nothing can be recorded.
  public func run(
    isCancelled: @escaping () -> Bool = { false }, report: @escaping (Event) -> Void = { _ in }
  ) throws(InputError) -> Outcome {
    try Path.makeDirectory(store.directory)
    try PartialFiles.removeAbandoned(for: recordFile.path)
    try store.removeAbandoned()
    let schedule = try schedule()
    var run = Run(
      store: store, executor: executor, count: schedule.missingCount, isCancelled: isCancelled,
      report: report)
    var records: [RunRecord] = []
    var isStopped = false
    for planned in schedule.cells {
      if planned.isFinished || isStopped {
        records += planned.record.map { [$0] } ?? []
        continue
      }
      do {
        let record = record(planned, try run.result(of: planned))
        try recordFile.append(record)
        report(.recorded(record))
        records.append(record)
      } catch is CancellationError {
        isStopped = true
        records += planned.record.map { [$0] } ?? []
      } catch {
        throw (error as? InputError)
          ?? InputError(file: recordFile.path, problem: "cannot be written: \(error)")
      }
    }
    return Outcome(
      records: records, unfinishedCount: plan.cells.count - records.count { $0.isFinished },
      isCancelled: isStopped)
  }

  private func record(
    _ planned: SweepSchedule.PlannedCell, _ result: Run.CellResult
  ) -> RunRecord {
    RunRecord(
      cell: planned.cell, key: planned.stages.evaluation.key, result: result.result,
      stages: result.stages, environment: result.environment, plan: plan,
      date: Date().formatted(.iso8601))
  }
}

/// The state of a sweep that is under way.
private struct Run {
  struct CellResult {
    var result: RunRecord.Result
    var stages: [RunRecord.StageTrace] = []
    var environment: RunEnvironment
  }

  let store: ArtifactStore
  let executor: any StageExecutor
  let count: Int
  let isCancelled: () -> Bool
  let report: (SweepRunner.Event) -> Void
  private var entries: [String: ArtifactStore.Entry] = [:]
  private var failures: [String: String] = [:]
  private var number = 0

  init(
    store: ArtifactStore, executor: any StageExecutor, count: Int,
    isCancelled: @escaping () -> Bool, report: @escaping (SweepRunner.Event) -> Void
  ) {
    self.store = store
    self.executor = executor
    self.count = count
    self.isCancelled = isCancelled
    self.report = report
  }

  /// Runs what the cell lacks; throws nothing but `CancellationError`.
  mutating func result(of planned: SweepSchedule.PlannedCell) throws(CancellationError)
    -> CellResult
  {
    let stages = planned.stages
    for stage in stages.all where entries[stage.key] == nil {
      if failures[stage.key] == nil { try perform(stage) }
      if let failure = failures[stage.key] {
        return CellResult(result: .failed(failure), environment: executor.environment)
      }
    }
    guard let evaluation = entries[stages.evaluation.key]?.outcome.evaluation,
      let final = entries[stages.final.key]
    else {
      let failure = "the evaluation has no confusion matrices"
      return CellResult(result: .failed(failure), environment: executor.environment)
    }
    let heads = stages.heads.flatMap { entries[$0.key]?.outcome.heads }
    return CellResult(
      result: .finished(evaluation, heads: heads, epochs: final.outcome.epochs),
      stages: stages.all.map { stage in
        .init(
          kind: stage.work.kind, key: stage.key, seconds: entries[stage.key]?.seconds ?? 0)
      }, environment: final.environment)
  }

  private mutating func perform(_ stage: Stage) throws(CancellationError) {
    if isCancelled() { throw CancellationError() }
    do {
      if let entry = try store.entry(for: stage) {
        entries[stage.key] = entry
        return
      }
      number += 1
      report(.began(stage, number: number, count: count))
      var inputs: [Stage.Role: String] = [:]
      for input in stage.inputs {
        switch input.source {
        case .path(let path, _): inputs[input.role] = path
        case .stage(let key): inputs[input.role] = entries[key]?.path
        }
      }
      let entry = try store.perform(
        stage, with: executor, inputs: inputs, report: { [report] in report(.progressed($0)) },
        isCancelled: isCancelled)
      entries[stage.key] = entry
      report(.ended(stage, seconds: entry.seconds))
    } catch let error as CancellationError {
      throw error
    } catch {
      failures[stage.key] = "\(stage.work.title): \(error)"
    }
  }
}
