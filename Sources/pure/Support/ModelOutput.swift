import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Tensors
import Text
import Training

/// The model directory that a command writes, and the folder beside it that holds the state of training until then.
struct ModelOutput {
  let path: String
  let identity: String

  var stateDirectory: String {
    Path.join(Path.parent(of: path), ".\(Path.name(of: path)).training-\(identity.prefix(16))")
  }

  func write(
    _ checkpoint: ModelCheckpoint, weights: WeightType, provenance: JSONObject, card: ModelCard
  ) throws {
    try checkpoint.write(to: path, weights: weights, provenance: provenance, card: card)
    if Path.exists(stateDirectory) { try Path.remove(stateDirectory) }
  }
}

extension Workbench {
  /// Checks `--out` before any work is done. The state of training is named by everything that it depends on, so
  /// that another model, text or option never goes on from it.
  func output(for checkpoint: ModelCheckpoint) throws -> ModelOutput {
    let path = arguments.text("out")
    let isVacant = try !Path.exists(path) || Path.names(in: path).isEmpty
    guard isVacant else {
      throw InputError(
        .usage, file: path, problem: "exists and is not empty",
        remedy: "choose another --out, or delete it")
    }
    var identity = JSONObject([("command", .string(arguments.command))])
    for (name, value) in arguments.given where !["out", "threads", "json"].contains(name) {
      identity[name] = .string(value)
    }
    for name in ["train", "validation"] {
      if let file = arguments.optionalText(name), Path.isFile(file) {
        identity["content of \(name)"] = .string(try SHA256.hex(ofFile: file))
      }
    }
    if let directory = checkpoint.sourceDirectory {
      for name in try Path.names(in: directory) where name.hasSuffix(".safetensors") {
        identity["content of \(name)"] = .string(
          try SHA256.hex(ofFile: Path.join(directory, name)))
      }
    }
    return ModelOutput(
      path: path, identity: SHA256.hex(of: JSONValue.object(identity).serialized(.canonical)))
  }

  /// Hooks that show progress, stop on a signal and keep the state of training beside the output.
  func hooks(_ reporter: ProgressReporter, output: ModelOutput) -> RunHooks {
    var hooks = RunHooks()
    hooks.onProgress = { reporter.update($0) }
    hooks.isCancelled = { Interruptions.isRequested }
    hooks.checkpointDirectory = output.stateDirectory
    return hooks
  }

  /// What was done, for `config.json`.
  func provenance(_ method: String, _ report: TrainingReport, _ more: JSONObject = JSONObject())
    -> JSONObject
  {
    var settings = JSONObject()
    for (name, value) in arguments.given where name != "out" { settings[name] = .string(value) }
    var object = JSONObject([
      ("tool", .string("pure \(Pure.version)")), ("method", .string(method)),
      ("settings", .object(settings)), ("training", report.json),
    ])
    for member in more.members { object[member.key] = member.value }
    return object
  }

  /// Every setting with its value, for the model card.
  var methodTable: [(name: String, value: String)] {
    [("command", "pure \(arguments.command)")]
      + arguments.given.filter { !["out", "json", "threads"].contains($0.name) }
      .map { (name: $0.name, value: $0.value) }
  }

  func dataList(_ sets: (training: Dataset, validation: Dataset)) -> [String] {
    [
      "Trained on \(sets.training.count) texts of \(sets.training.source).",
      "Chosen by \(sets.validation.count) texts of \(sets.validation.source).",
    ]
  }

  func metrics(_ report: TrainingReport) -> [(name: String, value: String)] {
    guard report.selectedEpoch > 0 else { return [] }
    let epoch = report.epochs[report.selectedEpoch - 1]
    return [("epoch kept", "\(epoch.epoch) of \(report.epochs.count)")]
      + (epoch.validationAccuracy.map { [("validation accuracy", percent($0))] } ?? [])
  }

  /// What a finished training prints.
  func summarize(
    _ report: TrainingReport, timings: OperationTimings, at path: String,
    _ more: JSONObject = JSONObject()
  ) {
    if arguments.isSet("json") {
      var object = JSONObject([
        ("out", .string(path)), ("training", report.json),
        ("seconds", timings.json(dataSeconds: report.dataSeconds)),
      ])
      for member in more.members { object[member.key] = member.value }
      Console.print(JSONValue.object(object))
      return
    }
    for epoch in report.epochs {
      let accuracy = epoch.validationAccuracy.map { "  validation accuracy \(percent($0))" } ?? ""
      Console.print(
        "epoch \(epoch.epoch)  loss \(fixed(epoch.loss, 4))\(accuracy)  "
          + "\(Int(epoch.tokensPerSecond)) tokens/s  \(fixed(epoch.seconds, 1)) s")
    }
    Console.print("time spent: \(timings.summary(dataSeconds: report.dataSeconds))")
    Console.print("epoch \(report.selectedEpoch) kept, written to \(path)")
  }
}

extension OperationTimings {
  private func shares(dataSeconds: Double) -> [(String, Double)] {
    OperationKind.allCases.map { ($0.rawValue, self[$0].seconds) } + [("data", dataSeconds)]
  }

  /// Seconds by kind of operation, and those of packing and uploading batches.
  func json(dataSeconds: Double) -> JSONValue {
    .object(JSONObject(shares(dataSeconds: dataSeconds).map { ($0.0, .double($0.1)) }))
  }

  /// The same as shares of the whole.
  func summary(dataSeconds: Double) -> String {
    let whole = max(total.seconds + dataSeconds, .leastNonzeroMagnitude)
    return shares(dataSeconds: dataSeconds).map { "\($0.0) \(percent($0.1 / whole))" }
      .joined(separator: ", ")
  }
}
