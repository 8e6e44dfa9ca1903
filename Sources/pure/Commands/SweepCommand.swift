import CommandLineArguments
import Files
import Laboratory
import Tensors

/// `pure sweep`: runs what is missing, then renders tables and report.
enum SweepCommand {
  static let declaration = Command.sweep

  static func run(_ bench: Workbench) throws -> ExitCode {
    let arguments = bench.arguments
    let plan = try Plan(
      contentsOf: arguments.operand("PLAN"), setting: arguments.list("set"))
    let directory = arguments.text("out")
    let backend = try bench.backend()
    let runner = SweepRunner(
      plan, directory: directory, executor: LocalExecutor(backend: backend))
    let schedule = try runner.schedule()
    if arguments.isSet("dry-run") {
      if arguments.isSet("json") {
        for stage in schedule.stages { Console.print(line(stage, in: schedule).text()) }
      } else {
        Console.print(schedule.grid.terminalText())
        Console.print(schedule.summary)
      }
      return .success
    }
    Interruptions.install()
    let reporter = ProgressReporter(stepCount: schedule.missingCount)
    reporter.message(schedule.summary)
    let outcome = try runner.run(isCancelled: { Interruptions.isRequested }) { event in
      switch event {
      case .began(let stage, _, _): reporter.begin(stage.work.title)
      case .progressed(let progress): reporter.update(progress)
      case .ended: reporter.end()
      case .recorded(let record): reporter.message(Self.line(record))
      }
    }
    try render(plan, outcome.records, into: directory, asJSON: arguments.isSet("json"))
    if outcome.isCancelled { throw CancellationError() }
    return outcome.failedCount > 0 ? .failed : .success
  }

  private static func line(_ stage: Stage, in schedule: SweepSchedule) -> JSONValue {
    [
      "stage": .string(stage.work.title), "artifact": .string(stage.name),
      "cached": .bool(schedule.cachedKeys.contains(stage.key)),
    ]
  }

  private static func line(_ record: RunRecord) -> String {
    switch record.result {
    case .finished(let evaluation, _, _):
      "\(record.cellID): ACC \(percent(evaluation.accuracy)), LFR \(percent(evaluation.labelFlipRate))"
    case .failed(let reason): "\(record.cellID) failed: \(reason)"
    }
  }

  private static func render(
    _ plan: Plan, _ records: [RunRecord], into directory: String, asJSON: Bool
  ) throws {
    let table = ResultTable(plan, records)
    try SweepReport(plan, records).write(to: directory)
    if asJSON {
      for record in records { Console.print(record.json.text()) }
    } else {
      Console.print(table.grid.terminalText())
      Console.print("report: \(Path.join(directory, "report.html"))")
    }
  }
}
