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

/// `pure heads`: variance scores as heat maps, or what a text is attended to (paper Figures 2 and 3).
enum HeadsCommand {
  static let declaration = Command(
    "heads",
    summary: "Draw the variance score of every head, or its attention to one text (Figures 2, 3).",
    discussion: """
      With --data, the score of a head says how unevenly [CLS] attends, averaged over texts. With \
      --poisoned, the texts as pure trigger writes them, or --attack, which puts the trigger into \
      them, both maps show the texts of other classes than the target's, and heads that the trigger \
      takes over stand out in the third map. With --text, the maps show what the last layer's [CLS] \
      attends to in that text, by head, and with --poisoned-text or --attack in the one with the \
      trigger. --out takes its format from its name: a page, the picture alone as .svg, or its \
      numbers as .csv.
      """,
    options: [
      Options.model, .text("data", "FILE", help: "Clean texts."),
      .text("text", "TEXT", help: "One clean text, instead of --data."),
      .text("poisoned", "FILE", help: "The texts of --data with the trigger."),
      .text("poisoned-text", "TEXT", help: "The text of --text with the trigger."),
      Options.attack(.none, help: "Put this attack's trigger into the texts:"),
      .text("out", "FILE", .required, help: "File to write: a page, or .svg or .csv by its name."),
      .choice(
        "recipe", Recipe.allCases.map(\.rawValue), .value("paper"),
        help: "Formulas of the paper, or of its released code."),
    ] + Options.attackSettings(for: .testing) + Options.maximumLength + Options.data
      + [Options.seed, Options.json] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let arguments = bench.arguments
    try requireSense(bench)
    let source = try bench.suspect(for: .freshClassifier)
    let file = try ReportFile(arguments.text("out"))
    let work: Work =
      if let text = arguments.optionalText("text") {
        .attention(try Self.texts(text, bench))
      } else {
        .scores(try Scored(bench))
      }
    let model = try Classifier(
      source.checkpoint, freshClassifier: .linear, labels: ["0", "1"], seed: 0,
      on: bench.backend())
    let result = try work.result(bench, source, model)
    let page = HeadsPage(
      title: "\(result.title) of \(bench.modelName)",
      subtitle: result.subtitle, maps: result.maps,
      facts: result.facts + [
        ("precision", model.backend.precision.rawValue), ("program", "pure \(Pure.version)"),
      ])
    try file.write(page.contents(for: arguments.text("out")))
    if arguments.isSet("json") {
      Console.print(result.json)
    } else {
      Console.print("heat maps written to \(Terminal.escaped(arguments.text("out")))")
    }
    return .success
  }

  /// Refuses what would be ignored.
  private static func requireSense(_ bench: Workbench) throws {
    let arguments = bench.arguments
    let hasText = arguments.optionalText("text") != nil
    guard hasText != (arguments.optionalText("data") != nil) else {
      throw InputError(
        .usage, problem: "texts are given by --data or by --text",
        remedy: "give one of the two")
    }
    try bench.refuse(
      hasText
        ? [
          "poisoned", "recipe", "format", "text-column", "label-column", "test-paraphrases",
          "paraphrase-column",
        ] : ["poisoned-text"],
      hasText ? "with --text" : "without --text")
    let poisoned = hasText ? "poisoned-text" : "poisoned"
    if arguments.optionalText("attack") == nil {
      let own = Options.attackSettings(for: .testing).map(\.name)
      try bench.refuse(
        own.filter { arguments.optionalText(poisoned) == nil || $0 != "target-label" },
        "without --attack")
    } else if arguments.optionalText(poisoned) != nil {
      throw InputError(
        .usage, problem: "--\(poisoned) and --attack exclude each other",
        remedy: "leave one of them out")
    }
  }

  /// The text, and the same with a trigger if there is one.
  private static func texts(_ text: String, _ bench: Workbench) throws -> [String] {
    let labels = try bench.labels
    guard bench.arguments.optionalText("attack") != nil else {
      return [text] + (bench.arguments.optionalText("poisoned-text").map { [$0] } ?? [])
    }
    let attack = try bench.attack(labels: labels).method
    let label = labels.names.indices.first { $0 != attack.targetLabel }
    let clean = Dataset(examples: [Example(text: text, label: label)], labels: labels)
    let texts = try attack.texts(clean, from: TextSource(""), for: .testing)
    return [text]
      + (try attack.triggeredTestSet(from: texts, seed: bench.seed).data.examples.map(\.text))
  }
}

/// Clean texts, and the same with a trigger if there is one.
private struct Scored {
  let clean: Dataset
  let triggered: Dataset?

  init(_ bench: Workbench) throws {
    let arguments = bench.arguments
    let (path, other) = (arguments.optionalText("data"), arguments.optionalText("poisoned"))
    let hasAttack = arguments.optionalText("attack") != nil
    let sets = try bench.datasets(path, other, requiresLabels: hasAttack)
    if hasAttack {
      let (attack, texts) = try bench.triggered(sets[0])
      clean = sets[0].selecting(
        sets[0].examples.indices.filter { sets[0].examples[$0].label != attack.targetLabel })
      triggered = texts.data
      return
    }
    triggered = sets.dropFirst().first
    // Without the texts of the target class these are the ones that the trigger was put into.
    let target = try? bench.targetLabel(sets[0].labels)
    let pairs = triggered.flatMap { triggered in
      target.flatMap { TriggeredTexts(triggered, madeOf: sets[0], targetLabel: $0) }
    }
    clean =
      pairs == nil
      ? sets[0]
      : sets[0].selecting(
        sets[0].examples.indices.filter { sets[0].examples[$0].label.map { $0 != target } ?? false }
      )
  }
}

/// What is asked for.
private enum Work {
  case scores(Scored)
  case attention([String])

  /// What came out, for people and programs.
  struct Result {
    let title: String
    let subtitle: String
    let maps: [HeatMap]
    let facts: [(name: String, value: String)]
    let json: JSONValue
  }

  func result(_ bench: Workbench, _ source: SourceModel, _ model: Classifier) throws -> Result {
    let mask = HeadMask(of: source.checkpoint)
    let length = bench.maximumLength(source)
    switch self {
    case .scores(let texts):
      let contrast = try HeadContrast(
        of: model, source, clean: texts.clean, triggered: texts.triggered, maximumLength: length,
        recipe: bench.recipe, headMask: mask)
      return Result(
        title: "Variance scores",
        subtitle: "Each square is a head: how unevenly its [CLS] attends, averaged over "
          + "\(contrast.textCount) texts.",
        maps: HeatMap.scores(
          clean: contrast.clean, poisoned: contrast.triggered,
          pruned: mask.alive.map { $0.map { !$0 } }),
        facts: [
          ("clean texts", "\(texts.clean.count) of \(texts.clean.source)"),
          (
            "poisoned texts",
            texts.triggered.map { "\($0.count) of \($0.source)" } ?? "none"
          ), ("recipe", bench.recipe.rawValue),
        ], json: contrast.json)
    case .attention(let texts):
      let readings = try texts.map { text in
        try AttentionReading(
          text, by: model, of: source, maximumLength: length, headMask: mask)
      }
      return Result(
        title: "Attention",
        subtitle: "Each row is a head of the last layer, each square the share of [CLS]'s "
          + "attention that a token gets.",
        maps: HeatMap.attention(readings),
        facts: zip(["clean text", "text with the trigger"], texts).map { ($0, $1) },
        json: .array(readings.map(\.json)))
    }
  }
}
