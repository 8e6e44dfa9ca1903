internal import Files
internal import Stages

/// The state of a sweep that is under way: which stages are done, failed or with a worker, and
/// which come next.
struct Sweep {
  struct CellResult {
    var result: RunRecord.Result
    var stages: [RunRecord.StageTrace] = []
    /// Where the final fine-tuning was run; nil for a cell that failed.
    var environment: RunEnvironment?
  }

  struct Order {
    let stage: Stage
    /// Its place among the stages that were begun.
    let number: Int
    let earlierFault: String?
  }

  private let store: ArtifactStore
  private let workerCount: Int
  private var due: DueStages
  /// Those that were not finished when the sweep began.
  private let cells: [SweepSchedule.PlannedCell]
  /// The places of the cells that need a stage, by its key.
  private var users: [String: [Int]] = [:]
  /// How many stages of each cell have no result yet; nil for a cell that has ended.
  private var missingCounts: [Int?] = []
  private var openCount: Int
  /// Cells that have ended and were not taken yet.
  private var endedCells: [Int] = []
  private var entries: [String: ArtifactStore.Entry] = [:]
  private var failures: [String: String] = [:]
  /// Why the first attempt at a stage ended with its worker.
  private var faults: [String: String] = [:]
  private var numbers: [String: Int] = [:]
  private var underWay: [Int: Stage] = [:]
  private var refusals: [Int: WorkerRefusal] = [:]
  /// A worker stopped that nobody had asked to: the user meant the sweep.
  private(set) var isStopped = false

  init(_ schedule: SweepSchedule, store: ArtifactStore, workerCount: Int) throws(InputError) {
    self.store = store
    self.workerCount = workerCount
    cells = schedule.cells.filter { !$0.isFinished }
    openCount = cells.count
    var entries: [String: ArtifactStore.Entry] = [:]
    for stage in schedule.stages where schedule.cachedKeys.contains(stage.key) {
      entries[stage.key] = try store.entry(for: stage)
    }
    self.entries = entries
    due = DueStages(schedule.stages) { entries[$0.key] != nil }
    for (place, cell) in cells.enumerated() {
      for stage in cell.stages.all { users[stage.key, default: []].append(place) }
      missingCounts.append(cell.stages.all.count { entries[$0.key] == nil })
      if missingCounts[place] == 0 { end(place) }
    }
  }

  /// Whether a worker has a stage.
  var isBusy: Bool { !underWay.isEmpty }

  /// Why no worker is left, if stages are.
  var refusal: WorkerRefusal? {
    openCount == 0 ? nil : refusals.min { $0.key < $1.key }?.value
  }

  /// What an idle worker is to do next: the first stage, in the order of the cells, that a cell
  /// without a failure needs and whose inputs are there.
  mutating func nextOrder(for worker: Int) -> Order? {
    guard underWay[worker] == nil, refusals[worker] == nil else { return nil }
    var next = due.next()
    while let stage = next, !isNeeded(stage) { next = due.next() }
    guard let stage = next else { return nil }
    underWay[worker] = stage
    let number = numbers[stage.key] ?? numbers.count + 1
    numbers[stage.key] = number
    return Order(stage: stage, number: number, earlierFault: faults[stage.key])
  }

  private func isNeeded(_ stage: Stage) -> Bool {
    users[stage.key, default: []].contains { missingCounts[$0] != nil }
  }

  /// Takes in what a worker says.
  mutating func note(_ news: WorkerNews, of worker: Int, _ report: (SweepRunner.Event) -> Void) {
    switch news {
    case .ready(_, let note):
      if let note { report(.noted(note)) }
      return
    case .progressed(let progress):
      report(.progressed(progress, worker: worker))
      return
    case .done, .failed, .stopped, .fault, .refused: break
    }
    guard let stage = underWay.removeValue(forKey: worker) else { return }
    report(.ended(stage, news, worker: worker))
    switch news {
    case .ready, .progressed: break
    case .done: finish(stage)
    case .failed(let reason): fail(stage, "\(stage.work.title): \(reason)")
    case .stopped:
      isStopped = true
      due.putBack(stage)
    case .fault(let reason): retry(stage, reason, report)
    case .refused(let refusal):
      refusals[worker] = refusal
      due.putBack(stage)
      // Where it was the last one, the sweep ends with this sentence.
      if refusals.count < workerCount { report(.noted(refusal.description)) }
    }
  }

  private mutating func finish(_ stage: Stage) {
    do {
      guard let entry = try store.entry(for: stage) else {
        return fail(stage, "\(stage.work.title): its result is not in the store")
      }
      entries[stage.key] = entry
    } catch {
      return fail(stage, "\(stage.work.title): \(error)")
    }
    due.add(after: stage)
    for place in users[stage.key, default: []] {
      guard let count = missingCounts[place] else { continue }
      missingCounts[place] = count - 1
      if count == 1 { end(place) }
    }
  }

  private mutating func fail(_ stage: Stage, _ reason: String) {
    failures[stage.key] = reason
    for place in users[stage.key, default: []] where missingCounts[place] != nil { end(place) }
  }

  private mutating func end(_ place: Int) {
    missingCounts[place] = nil
    openCount -= 1
    endedCells.append(place)
  }

  private mutating func retry(
    _ stage: Stage, _ reason: String, _ report: (SweepRunner.Event) -> Void
  ) {
    // What a dead worker had half written. Where it cannot be removed it stays, hidden, until the
    // next sweep.
    try? store.removeAbandoned()
    if let first = faults[stage.key] {
      let both = first == reason ? reason : "first \(first); then \(reason)"
      fail(stage, "\(stage.work.title) failed in two processes: \(both)")
    } else {
      faults[stage.key] = reason
      due.putBack(stage)
      report(.noted("\(stage.work.title) is tried once more in a fresh process: \(reason)"))
    }
  }

  /// The cells that have come to an end since the last call.
  mutating func takeResults() -> [(SweepSchedule.PlannedCell, CellResult)] {
    defer { endedCells = [] }
    return endedCells.sorted().map { (cells[$0], result(of: cells[$0].stages)) }
  }

  private func result(of cell: CellStages) -> CellResult {
    if let failure = cell.all.lazy.compactMap({ failures[$0.key] }).first {
      return CellResult(result: .failed(failure))
    }
    guard let evaluation = entries[cell.evaluation.key]?.outcome.evaluation,
      let final = entries[cell.final.key]
    else { return CellResult(result: .failed("the evaluation has no confusion matrices")) }
    let heads = cell.heads.flatMap { entries[$0.key]?.outcome.heads }
    return CellResult(
      result: .finished(evaluation, heads: heads, epochs: final.outcome.epochs),
      stages: cell.all.compactMap { stage in
        entries[stage.key].map { entry in
          .init(
            kind: stage.kind, key: stage.key, seconds: entry.seconds,
            batchParts: entry.outcome.batchParts, earlierFault: entry.earlierFault,
            unreadTriggerCount: entry.outcome.unreadTriggerCount,
            findings: entry.outcome.findings)
        }
      }, environment: final.environment)
  }
}
