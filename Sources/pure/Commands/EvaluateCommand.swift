import Attacks
import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Laboratory
import Tensors
import Text
import Training

/// `pure evaluate`: ACC, LFR and the confusion matrices.
enum EvaluateCommand {
  static let declaration = Command(
    "evaluate", summary: "Measure accuracy (ACC) and label flip rate (LFR).",
    discussion: """
      The label flip rate is measured on --poisoned, or on the test texts with the trigger of --attack; and on the \
      clean test texts, where it is the floor.
      """,
    options: [
      Options.model, .text("test", "FILE", .required, help: "Labelled clean texts."),
      .text("poisoned", "FILE", help: "Labelled texts with the trigger, as pure trigger writes."),
      Options.attack(.none, help: "Put this attack's trigger into the test texts."),
    ] + Options.attackSettings + [Options.maximumLength] + Options.data
      + [Options.seed, Options.json] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let arguments = bench.arguments
    guard arguments.optionalText("poisoned") == nil || arguments.optionalText("attack") == nil
    else {
      throw InputError(
        .usage, problem: "--poisoned and --attack exclude each other",
        remedy: "leave one of them out")
    }
    if arguments.optionalText("attack") == nil {
      try bench.refuse(["triggers"], "without --attack")
    }
    let model = try bench.suspect(for: .classifying)
    let test = try bench.dataset(arguments.text("test"))
    let classes = try bench.classes(of: model.checkpoint, for: test.labels)
    // Accuracy alone needs no target, and the default one need not be among the labels.
    let asksForRate =
      arguments.isOnLine("target-label") || arguments.optionalText("poisoned") != nil
      || arguments.optionalText("attack") != nil
    let target =
      asksForRate ? try bench.targetLabel(test.labels) : try? bench.targetLabel(test.labels)
    var triggered: Dataset?
    if let path = arguments.optionalText("poisoned") {
      triggered = try bench.dataset(path)
    } else if arguments.optionalText("attack") != nil {
      triggered = try bench.attack(labels: test.labels).triggeredTestSet(
        from: test, seed: bench.seed)
    }
    let classifier = try Classifier(model.checkpoint, on: bench.backend())
    func confusion(_ data: Dataset) throws -> ConfusionMatrix {
      try classifier.confusion(
        on: bench.evaluationSet(data, for: model, on: classifier.backend)
      ).predictions(renamed: classes)
    }
    bench.describe(model)
    bench.describe(test, as: "test")
    if let triggered { bench.describe(triggered, as: "with trigger") }
    let clean = try confusion(test)
    show(
      clean, try triggered.map(confusion), names: test.labels.names, target: target,
      on: classifier.backend, asJSON: arguments.isSet("json"))
    return .success
  }

  private static func show(
    _ clean: ConfusionMatrix, _ triggered: ConfusionMatrix?, names: [String], target: Int?,
    on backend: any Backend, asJSON: Bool
  ) {
    func rate(_ matrix: ConfusionMatrix?) -> Double? {
      target.flatMap { matrix?.labelFlipRate(target: $0) }
    }
    if asJSON {
      Console.print([
        "accuracy": clean.accuracy.map(JSONValue.double) ?? nil,
        "labelFlipRate": rate(triggered).map(JSONValue.double) ?? nil,
        "cleanLabelFlipRate": rate(clean).map(JSONValue.double) ?? nil,
        "labels": .array(names.map(JSONValue.string)),
        "targetLabel": target.map { .string(names[$0]) } ?? nil,
        "confusion": clean.json, "triggeredConfusion": triggered?.json ?? nil,
        "precision": .string(backend.precision.rawValue),
      ])
      return
    }
    func line(_ name: String, _ share: Double?, _ note: String) {
      Console.print("\(name)  \(share.map(percent) ?? "-")  \(note)")
    }
    line("ACC", clean.accuracy, "of \(clean.total) clean texts")
    if let triggered { line("LFR", rate(triggered), "of \(triggered.total) texts with trigger") }
    if target != nil { line("LFR", rate(clean), "of the same classes without trigger (floor)") }
    Console.print("\nclean texts, true label by row, predicted by column\n\(clean.table(names))")
    if let triggered { Console.print("\ntexts with trigger\n\(triggered.table(names))") }
  }
}

extension ConfusionMatrix {
  /// The same counts with prediction `classes[i]` moved to column i.
  func predictions(renamed classes: [Int]) -> ConfusionMatrix {
    ConfusionMatrix(counts: counts.map { row in classes.map { row[$0] } })
  }

  var json: JSONValue { .array(counts.map { .array($0.map(JSONValue.int)) }) }

  func table(_ names: [String]) -> String {
    let names = names.map { Terminal.sanitized($0) }
    let width = (names.map(\.count) + counts.joined().map { String($0).count }).max() ?? 0
    func padded(_ text: String) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let rows = zip([""] + names, [names] + counts.map { $0.map(String.init) })
    return rows.map { ([$0] + $1).map(padded).joined(separator: "  ") }.joined(separator: "\n")
  }
}
