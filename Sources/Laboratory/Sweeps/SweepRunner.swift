public import Files
public import Stages
public import Tensors

/// Has workers do what is missing of a plan, and writes down what came out.
public struct SweepRunner {
  /// What happens during a sweep, for progress displays.
  public enum Event {
    /// A worker begins a stage, the `number`th of `count` that have to run.
    case began(Stage, number: Int, count: Int, worker: Int)
    /// A worker's stage goes on.
    case progressed(StageProgress, worker: Int)
    /// A worker's stage has ended, as the worker says.
    case ended(Stage, WorkerNews, worker: Int)
    /// A cell is done, finished or failed.
    case recorded(RunRecord)
    /// Something that the user should know.
    case noted(String)
  }

  /// How a sweep ended.
  public struct Outcome: Sendable {
    /// The newest record of each cell of the plan.
    public let records: [RunRecord]
    /// Cells of the plan that have no result yet.
    public let unfinishedCount: Int
    /// Whether the user stopped it.
    public let isCancelled: Bool
    /// Why there was no worker left; nil: there was.
    public let refusal: WorkerRefusal?

    /// Cells that were tried and failed.
    public var failedCount: Int { records.count { !$0.isFinished } }
  }

  private let plan: Plan
  private let store: ArtifactStore
  private let recordFile: RecordFile

  /// - Parameter directory: the folder for `store/` and `records.jsonl`; made when it is missing.
  public init(_ plan: Plan, directory: String) {
    self.plan = plan
    store = ArtifactStore(of: directory)
    recordFile = RecordFile(Path.join(directory, "records.jsonl"))
  }

  /// What there is and what remains in this precision, in which the workers have to compute;
  /// nothing is run.
  ///
  /// - Parameter note: told of records that are passed over.
  /// - Throws: `InputError` when a file that the plan names, an artifact or a record is unreadable.
  public func schedule(
    in precision: Precision = .fp32, noting note: (String) -> Void = { _ in }
  ) throws(InputError) -> SweepSchedule {
    try SweepSchedule(plan, in: precision, store: store, records: recordFile.records(noting: note))
  }

  /// Runs the missing stages, those of the first cells first. A cell that fails is recorded with
  /// its error and the others go on; the next run tries it again. A stage whose worker or device
  /// fails is tried once more, by a fresh worker. Stopping is safe at every moment: artifacts and
  /// records appear complete or not at all.
  /// - Throws: `InputError` when an artifact is unreadable or nothing can be recorded.
  public func run(
    _ schedule: SweepSchedule, by workers: any StageWorkers,
    isCancelled: () -> Bool = { false }, report: (Event) -> Void = { _ in }
  ) throws(InputError) -> Outcome {
    try Path.makeDirectory(store.directory)
    try store.removeAbandoned()
    var sweep = try Sweep(schedule, store: store, workerCount: workers.count)
    var records: [String: RunRecord] = [:]
    for record in schedule.records { records[record.cellID] = record }
    var isStopping = false
    while true {
      for (planned, result) in sweep.takeResults() {
        let record = record(planned, result, workers.environment)
        try recordFile.append(record)
        report(.recorded(record))
        records[record.cellID] = record
      }
      if !isStopping, isCancelled() || sweep.isStopped {
        workers.stop()
        isStopping = true
      }
      if !isStopping {
        for worker in 0..<workers.count {
          guard let order = sweep.nextOrder(for: worker) else { continue }
          report(
            .began(
              order.stage, number: order.number, count: schedule.missingCount, worker: worker))
          workers.begin(
            StageOrder(
              stage: order.stage, store: store.directory, earlierFault: order.earlierFault),
            on: worker)
        }
      }
      if !sweep.isBusy { break }
      if let (worker, news) = workers.next() { sweep.note(news, of: worker, report) }
    }
    let all = plan.cells.compactMap { records[$0.id] }
    return Outcome(
      records: all, unfinishedCount: plan.cells.count - all.count { $0.isFinished },
      isCancelled: isStopping, refusal: sweep.refusal)
  }

  private func record(
    _ planned: SweepSchedule.PlannedCell, _ result: Sweep.CellResult,
    _ environment: RunEnvironment
  ) -> RunRecord {
    RunRecord(
      cell: planned.cell, key: planned.stages.evaluation.key, result: result.result,
      stages: result.stages, environment: result.environment ?? environment, plan: plan,
      date: Timestamp.now)
  }
}
