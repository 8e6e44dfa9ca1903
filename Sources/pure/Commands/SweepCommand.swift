import Checkpoints
import CommandLineArguments
import Files
import Laboratory
import Stages
import Tensors
import Training

/// `pure sweep`: runs what is missing, then renders tables and report.
enum SweepCommand {
  static let declaration = Command.sweep

  static func run(_ bench: Workbench) throws -> ExitCode {
    let arguments = bench.arguments
    let plan = try Plan(
      contentsOf: arguments.operand("PLAN"), setting: arguments.list("set"))
    for note in plan.notes { Console.note(note) }
    let directory = arguments.text("out")
    let devices = try devices(arguments)
    let runner = SweepRunner(plan, directory: directory)
    let schedule = try runner.schedule(in: bench.precision, noting: Console.note)
    try schedule.requireTexts()
    if arguments.isSet("dry-run") {
      if arguments.isSet("json") {
        for stage in schedule.stages { Console.print(line(stage, in: schedule), as: .compact) }
      } else {
        Console.print(schedule.grid.terminalText())
        Console.print(schedule.summary)
      }
      return .success
    }
    try SweepReport(plan, schedule.records).requirePlaces(in: directory)
    Interruptions.install()
    let reporter = ProgressReporter(stepCount: schedule.missingCount)
    reporter.message(schedule.summary)
    // Workers, of which each may read a model many times, say nothing. What cannot be read is
    // theirs to tell.
    for model in plan.models {
      let notes = try? ModelCheckpoint.notes(onDirectory: model.path, for: .freshClassifier)
      for note in notes ?? [] { reporter.message(Terminal.escaped(note)) }
    }
    let workers = WorkerProcesses(
      devices: devices,
      threads: arguments.optionalInteger("threads") ?? max(1, Host.processorCount / devices.count),
      precision: bench.precision)
    defer { workers.end() }
    let outcome = try runner.run(
      schedule, by: workers, isCancelled: { Interruptions.isRequested }
    ) { event in
      switch event {
      case .began(let stage, let number, _, let worker):
        let place = devices.count > 1 ? " on \(devices[worker])" : ""
        reporter.begin(stage.work.title + place, number: number, worker: worker)
      case .progressed(let progress, let worker): reporter.update(progress, worker: worker)
      case .ended(_, let news, let worker):
        reporter.end(Self.manner(of: news), worker: worker)
      case .recorded(let record): reporter.message(Self.line(record))
      case .noted(let text): reporter.message(text)
      }
    }
    if let refusal = outcome.refusal, outcome.records.isEmpty { throw refusal }
    try render(plan, outcome.records, into: directory, asJSON: arguments.isSet("json"))
    if outcome.isCancelled { throw Interruption() }
    if let refusal = outcome.refusal { throw refusal }
    return outcome.failedCount > 0 ? .failed : .success
  }

  /// One worker each.
  private static func devices(_ arguments: Arguments) throws -> [String] {
    let names = arguments.list("devices")
    for name in names where name != "auto" && Device(name) == nil {
      throw DeviceError.unknown(name: name)
    }
    return names.isEmpty ? [arguments.text("device")] : names
  }

  private static func manner(of ending: WorkerNews) -> String {
    switch ending {
    case .ready, .progressed, .done: ""
    case .failed, .fault, .refused: "failed after "
    case .stopped: "stopped after "
    }
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
      "\(record.cellID): ACC \(evaluation.accuracy.map(percent) ?? "–"), "
        + "LFR \(evaluation.labelFlipRate.map(percent) ?? "–")"
        + (record.unreadTriggerCount.map { $0 > 0 ? "; \($0) triggers are never read" : "" } ?? "")
    case .failed(let reason): "\(record.cellID) failed: \(reason)"
    }
  }

  private static func render(
    _ plan: Plan, _ records: [RunRecord], into directory: String, asJSON: Bool
  ) throws {
    let report = SweepReport(plan, records)
    try report.write(to: directory)
    if asJSON {
      for record in records { Console.print(record.json, as: .compact) }
    } else {
      Console.print(report.terminalText)
      Console.print("report: \(Terminal.escaped(Path.join(directory, "report.html")))")
    }
  }
}
