import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Laboratory
import Stages
import Tensors
import Text
import Training

/// The model directory that a command writes, and the folder beside it that holds the state of
/// training until then.
final class ModelOutput {
  let path: String
  let stateDirectory: String
  private let identity: String
  private let place: Place

  /// Takes the place before any work is done.
  ///
  /// - Parameter identity: a hash of all that the state of training depends on.
  /// - Throws: `InputError` if a model directory could not be written there or another run is about
  ///   to, `FinishedBefore` if this command has written it and was killed while it tidied up.
  init(_ path: String, identity: String) throws {
    self.path = path
    self.identity = identity
    let name = Path.name(of: path)
    guard !name.isEmpty, ![".", ".."].contains(name) else {
      throw InputError(
        .usage, problem: "--out \"\(path)\" names no new directory", remedy: "give it a name")
    }
    guard !Path.isLink(path) else {
      throw InputError(
        .usage, file: path, problem: "is a symbolic link", remedy: "name the directory itself")
    }
    let above = Path.parent(of: path)
    stateDirectory = Path.join(above, ".\(name).training-\(identity.prefix(16))")
    // Only a run of this very command leaves its state beside what it has written.
    guard try Self.isVacant(path) || Path.exists(stateDirectory) else {
      // One that was killed at its very end has left its lease, which goes with a new holder.
      _ = try? Place(ifFree: path, patience: nil)
      throw Self.occupied(path)
    }
    try Path.makeDirectory(above)
    place = try Place(path)
    // Only who holds the place may judge: until then another run may have been about to write, or
    // to tidy up.
    guard try Self.isVacant(path) else {
      guard Self.run(thatWrote: path) == identity else { throw Self.occupied(path) }
      try Path.remove(stateDirectory)
      throw FinishedBefore(path: path)
    }
    try place.removeLeftovers()
    // What cannot be replaced, such as a place where a disk is mounted, would show at the end only.
    if Path.exists(path) { try AtomicDirectory(path).commit() }
    try Path.makeDirectory(stateDirectory)
  }

  /// A folder without any state would only be in the way.
  deinit { Path.removeEmptyDirectories(stateDirectory) }

  func write(
    _ checkpoint: ModelCheckpoint, weights: WeightType, provenance: JSONObject, card: ModelCard,
    finish: (_ files: String) throws(InputError) -> Void
  ) throws {
    var provenance = provenance
    provenance[Self.runKey] = .string(identity)
    try place.requireHeld()
    try checkpoint.write(
      to: path, weights: weights, provenance: provenance, card: card, finish: finish)
    try Path.remove(stateDirectory)
  }

  private static func isVacant(_ path: String) throws(InputError) -> Bool {
    guard Path.exists(path) else { return true }
    return try Path.names(in: path).isEmpty
  }

  private static func occupied(_ path: String) -> InputError {
    InputError(
      .usage, file: path, problem: "exists and is not empty",
      remedy: "choose another --out, or delete it")
  }

  private static let runKey = "run"

  /// The identity of the run that wrote a model directory, if one of this program did.
  private static func run(thatWrote directory: String) -> String? {
    let file = Path.join(directory, "config.json")
    return (try? JSONValue(contentsOf: file))?["pure"]?[runKey]?.string
  }
}

/// There is nothing left to do: the command had written its model when it was killed.
struct FinishedBefore: Error, CustomStringConvertible {
  let path: String

  var description: String {
    "\(Terminal.escaped(path)) was finished by an earlier run of the same command"
  }
}

extension Workbench {
  /// Checks `--out` before any work is done. The state of the work is named by everything that the
  /// result depends on, so that another model, text or option never goes on from it.
  ///
  /// - Parameter last: the stage whose result is written.
  func output(of last: Stage) throws -> ModelOutput {
    let identity: JSONValue = [
      "command": .string(arguments.command), "version": .string(Pure.version),
      "stage": .string(last.key), "dtype": .string(arguments.text("dtype")),
    ]
    return try ModelOutput(
      arguments.text("out"), identity: SHA256.hex(of: identity.serialized(.canonical)))
  }

  /// Options that say where things are written, which is no part of what was done.
  private static let places = ["out", "bom", "report"]

  /// What was done, for `config.json`.
  func provenance(_ method: String, _ report: TrainingReport, _ more: JSONObject = JSONObject())
    -> JSONObject
  {
    var settings = JSONObject()
    for (name, value) in relevant where !Self.places.contains(name) {
      settings[name] = .string(value)
    }
    var object = JSONObject([
      ("tool", .string("pure \(Pure.version)")), ("method", .string(method)),
      ("settings", .object(settings)), ("training", report.json),
    ])
    if let sees = self.method?.sees {
      object["sees"] = .array(sees.map { .string($0.rawValue) })
    }
    for remark in remarks { object[remark.name] = .string(remark.value) }
    for member in more.members { object[member.key] = member.value }
    return object
  }

  /// Every setting with its value, for the model card.
  var methodTable: [(name: String, value: String)] {
    [("command", "pure \(arguments.command)")]
      + relevant.filter { !(Self.places + ["json", "threads"]).contains($0.name) }
      .map { (name: $0.name, value: $0.value) }
      + (method.map { [("may see", Knowledge.list($0.sees))] } ?? []) + remarks
  }

  func dataList(_ training: Dataset, _ validation: Dataset?) -> [String] {
    ["Trained on \(training.count) texts of \(training.source)."]
      + (validation.map { ["Chosen by \($0.count) texts of \($0.source)."] } ?? [])
  }

  func metrics(_ report: TrainingReport) -> [(name: String, value: String)] {
    guard let epoch = report.selected else { return [] }
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
          + "\(fixed(epoch.tokensPerSecond, 0)) tokens/s  \(fixed(epoch.seconds, 1)) s")
    }
    if let cut = report.cut {
      Console.print(
        "memory: batches that were cut: \(cut.stepCount), into at most \(cut.partCount) parts")
    }
    Console.print("time spent: \(timings.summary(dataSeconds: report.dataSeconds))")
    Console.print("epoch \(report.selectedEpoch) kept, written to \(Terminal.escaped(path))")
  }
}

extension OperationTimings {
  private func shares(dataSeconds: Double) -> [(String, Double)] {
    OperationKind.allCases.map { ($0.rawValue, self[$0] / .seconds(1)) } + [("data", dataSeconds)]
  }

  /// Seconds by kind of operation, and those of packing and uploading batches.
  func json(dataSeconds: Double) -> JSONValue {
    .object(JSONObject(shares(dataSeconds: dataSeconds).map { ($0.0, .double($0.1)) }))
  }

  /// The same as shares of the whole.
  func summary(dataSeconds: Double) -> String {
    let whole = max(total / .seconds(1) + dataSeconds, .leastNonzeroMagnitude)
    return shares(dataSeconds: dataSeconds).map { "\($0.0) \(percent($0.1 / whole))" }
      .joined(separator: ", ")
  }
}
