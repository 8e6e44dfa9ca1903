import Attacks
import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Laboratory
import Settings
import Stages
import Tensors
import Text
import Training

/// `pure evaluate`: ACC, LFR and the confusion matrices.
enum EvaluateCommand {
  static let declaration = Command(
    "evaluate", summary: "Measure accuracy (ACC) and label flip rate (LFR).",
    discussion: """
      The label flip rate is measured on --poisoned, or on the test texts with the trigger of \
      --attack; and on the clean test texts, where it is the floor. --poisoned keeps the labels of \
      before the attack, as pure trigger writes them; where every text bears the target's, as \
      OpenBackdoor saves them, all are counted, and a line says so.
      """,
    options: [
      Options.model, .text("test", "FILE", .required, help: "Labelled clean texts."),
      .text("poisoned", "FILE", help: "Labelled texts with the trigger, as pure trigger writes."),
      Options.attack(.none, help: "Put this attack's trigger into the test texts:"),
    ] + Options.attackSettings(for: .testing) + Options.maximumLength + Options.data
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
      try bench.refuse(
        Options.attackSettings(for: .testing).map(\.name).filter { $0 != "target-label" },
        "without --attack")
    }
    let source = try bench.suspect(for: .classifying)
    let sets = try bench.datasets(arguments.text("test"), arguments.optionalText("poisoned"))
    let test = sets[0]
    let classes = try bench.classes(of: source.checkpoint, for: test.labels)
    // Accuracy alone needs no target, and the default one need not be among the labels.
    let asksForRate =
      arguments.isOnLine("target-label") || arguments.optionalText("poisoned") != nil
      || arguments.optionalText("attack") != nil
    let target =
      asksForRate ? try bench.targetLabel(test.labels) : try? bench.targetLabel(test.labels)
    let triggered = try target.flatMap { target in
      try Triggered(bench, test: test, poisoned: sets.dropFirst().first, target: target)
    }
    let maximumLength = bench.maximumLength(source)
    let model = try Classifier(source.checkpoint, on: bench.backend())
    func confusion(_ data: Dataset) throws -> ConfusionMatrix {
      try model.confusion(
        on: EvaluationSet(data, for: source, maximumLength: maximumLength, on: model.backend)
      ).predictions(renamed: classes)
    }
    bench.describe(source.checkpoint)
    bench.describe(test, as: "test")
    if let triggered { bench.describe(triggered.data, as: "with trigger") }
    let unread = triggered?.pairs?.unreadCount(by: source.tokenizer, maximumLength: maximumLength)
    if let triggered, let unread {
      Workbench.note(unread: unread, of: triggered.data.count, maximumLength: maximumLength)
    }
    let clean = try confusion(test)
    let flipped = try (triggered?.data).map(confusion)
    let results = Results(
      clean: clean, triggered: flipped, target: target,
      bearsTarget: triggered?.bearsTarget ?? false, unreadCount: unread, attack: triggered?.title)
    if arguments.isSet("json") {
      Console.print(results.json(names: test.labels.names, precision: model.backend.precision))
    } else {
      results.print(names: test.labels.names)
    }
    return .success
  }
}

/// The texts that the label flip rate is measured on.
private struct Triggered {
  let data: Dataset
  /// With the texts that they were made of, where those are known.
  let pairs: TriggeredTexts?
  /// Every text bears the target's label, and not its own of before the attack.
  let bearsTarget: Bool
  /// The attack's name in tables, where it is known.
  let title: String?

  /// The texts of `--poisoned`, or of `--attack`; nil without either.
  init?(_ bench: Workbench, test: Dataset, poisoned: Dataset?, target: Int) throws {
    if let poisoned {
      data = poisoned
      let pairs = TriggeredTexts(data, madeOf: test, targetLabel: target)
      // A file in another order has the same labels.
      self.pairs = pairs?.areInsertions == true ? pairs : nil
      title = nil
      bearsTarget = data.count > 0 && data.examples.allSatisfy { $0.label == target }
      if bearsTarget {
        Console.note(
          "every text of \(poisoned.source) bears the target class "
            + "\"\(test.labels.names[target])\": the label flip rate counts them all, as texts "
            + "that were of other classes before the attack")
      }
    } else if bench.arguments.optionalText("attack") != nil {
      let (attack, texts) = try bench.triggered(test)
      (data, pairs, bearsTarget, title) = (texts.data, texts, false, attack.markedTitle)
    } else {
      return nil
    }
  }
}

/// What was measured.
private struct Results {
  let clean: ConfusionMatrix
  let triggered: ConfusionMatrix?
  let target: Int?
  let bearsTarget: Bool
  /// Texts whose trigger the model never reads; nil where that is not known.
  let unreadCount: Int?
  /// Whose trigger it is; nil where a file holds the texts.
  let attack: String?

  private var floor: Double? { target.flatMap { clean.labelFlipRate(target: $0) } }

  private var labelFlipRate: Double? {
    target.flatMap { target in
      bearsTarget ? triggered?.accuracy : triggered?.labelFlipRate(target: target)
    }
  }

  func json(names: [String], precision: Precision) -> JSONValue {
    [
      "accuracy": clean.accuracy.map(JSONValue.double) ?? nil,
      "labelFlipRate": labelFlipRate.map(JSONValue.double) ?? nil,
      "cleanLabelFlipRate": floor.map(JSONValue.double) ?? nil,
      "labels": .array(names.map(JSONValue.string)),
      "attack": attack.map(JSONValue.string) ?? nil,
      "targetLabel": target.map { .string(names[$0]) } ?? nil,
      "poisonedBearTarget": .bool(bearsTarget),
      "unreadTriggers": unreadCount.map(JSONValue.int) ?? nil,
      "confusion": .matrix(clean.counts),
      "triggeredConfusion": triggered.map { .matrix($0.counts) } ?? nil,
      "precision": .string(precision.rawValue),
    ]
  }

  func print(names: [String]) {
    func line(_ name: String, _ share: Double?, _ note: String) {
      Console.print("\(name)  \(share.map(percent) ?? "-")  \(note)")
    }
    line("ACC", clean.accuracy, "of \(clean.total) clean texts")
    if let triggered, let target {
      let own = bearsTarget ? 0 : triggered.counts[target].reduce(0, +)
      let name = attack.map { ", \($0)" } ?? ""
      let rest = own > 0 ? ", without \(own) of the target class" : ""
      line("LFR", labelFlipRate, "of \(triggered.total - own) texts with trigger\(rest)\(name)")
    }
    if target != nil { line("LFR", floor, "of the same classes without trigger (floor)") }
    Console.print("\nclean texts, true label by row, predicted by column\n\(clean.table(names))")
    if let triggered { Console.print("\ntexts with trigger\n\(triggered.table(names))") }
  }
}

extension ConfusionMatrix {
  /// The same counts with prediction `classes[i]` moved to column i.
  func predictions(renamed classes: [Int]) -> ConfusionMatrix {
    ConfusionMatrix(counts: counts.map { row in classes.map { row[$0] } })
  }

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
