import Files
import Stages
import Tensors
import TestSupport

@testable import Laboratory

/// A plan on made-up files, and an executor that only pretends to do its stages.
struct SweepBench {
  let directory: Scratch
  let plan: Plan
  let executor = FakeExecutor()

  init(seeds: String = "[11]", figures: String = "") throws {
    directory = try Scratch()
    try directory.addInputs()
    plan = try makePlan(planJSON(seeds: seeds, extra: figures), root: directory.path)
  }

  private init(_ directory: Scratch, _ plan: Plan) {
    self.directory = directory
    self.plan = plan
  }

  /// The same files and results for a plan that shows more.
  func with(figures: String) throws -> SweepBench {
    SweepBench(
      directory, try makePlan(planJSON(seeds: "[11]", extra: figures), root: directory.path))
  }

  var output: String { directory.path + "/out" }
  var runner: SweepRunner { SweepRunner(plan, directory: output) }
  var recordFile: RecordFile { RecordFile(output + "/records.jsonl") }

  /// In the precision of the executor.
  func schedule() throws -> SweepSchedule {
    try runner.schedule(in: executor.environment.precision)
  }

  func workers(_ count: Int = 1) -> InlineWorkers {
    InlineWorkers(executor: executor, count: count)
  }

  /// Runs what is missing.
  func run(
    by workers: InlineWorkers? = nil, isCancelled: () -> Bool = { false },
    report: (SweepRunner.Event) -> Void = { _ in }
  ) throws -> SweepRunner.Outcome {
    try runner.run(
      schedule(), by: workers ?? self.workers(), isCancelled: isCancelled, report: report)
  }
}
