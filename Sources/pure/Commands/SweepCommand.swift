import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Laboratory
import Stages
import Tensors
import Text
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
    let texts = TextLengths()
    try schedule.requireTexts(texts)
    if arguments.isSet("dry-run") {
      let estimate = try estimate(schedule, texts, bench, onFirstOf: devices)
      if arguments.isSet("json") {
        for stage in schedule.stages {
          Console.print(line(stage, in: schedule, estimate), as: .compact)
        }
      } else {
        Console.print(schedule.grid(estimate).terminalText())
        Console.print(schedule.summary)
        Console.print(estimate.summary)
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

  /// The device of each worker. Those of one device are not neighbours, so that stages which can be
  /// done at once are spread over all devices first.
  private static func devices(_ arguments: Arguments) throws -> [String] {
    let names = arguments.list("devices")
    for name in names where name != "auto" && Device(name) == nil {
      throw DeviceError.unknown(name: name)
    }
    let devices = names.isEmpty ? [arguments.text("device")] : names
    return (0..<arguments.integer("workers-per-device")).flatMap { _ in devices }
  }

  private static func manner(of ending: WorkerNews) -> String {
    switch ending {
    case .ready, .progressed, .done: ""
    case .failed, .fault, .refused: "failed after "
    case .stopped: "stopped after "
    }
  }

  /// What the sweep costs; a step is timed where nothing else tells.
  private static func estimate(
    _ schedule: SweepSchedule, _ texts: TextLengths, _ bench: Workbench,
    onFirstOf devices: [String]
  ) throws -> SweepEstimate {
    let backend = try bench.backend(onFirstOf: devices)
    let environment = BackendExecutor(backend, version: Pure.version).environment
    return try SweepEstimate(
      schedule, on: environment, workerCount: devices.count, texts
    ) { directory, source in
      let model = try SourceModel(directory, for: .freshClassifier)
      let data = try texts.texts(source)
      let batchSize = min(TrainingSettings().batchSize, data.count)
      let some = data.selecting(0..<min(50 * batchSize, data.count))
      let steps = try StepBenchmark(
        Classifier(
          model.checkpoint, freshClassifier: .linear, labels: data.labels.names, seed: 0,
          on: backend),
        on: model.encoded(some, maximumLength: TrainingSettings().maximumLength),
        batchSize: batchSize, stepCount: 4, seed: 0)
      return try 1 / steps.run().tokensPerSecond.median
    }
  }

  private static func line(
    _ stage: Stage, in schedule: SweepSchedule, _ estimate: SweepEstimate
  ) -> JSONValue {
    [
      "stage": .string(stage.work.title), "artifact": .string(stage.name),
      "cached": .bool(schedule.cachedKeys.contains(stage.key)),
      "tokens": estimate[stage].map { .int($0.effort.tokens) } ?? nil,
      "seconds": estimate[stage].map { .measured($0.seconds) } ?? nil,
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
