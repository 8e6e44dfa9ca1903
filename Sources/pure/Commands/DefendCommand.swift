import Checkpoints
import CommandLineArguments
import Defenses
import Encoders
import Files
import Laboratory
import Tensors
import Text
import Training

/// `pure defend`: a suspicious model in, a cleaned Hugging Face directory out.
enum DefendCommand {
  static let declaration = Command(
    "defend", summary: "Turn a suspicious model into a cleaned one.",
    discussion: """
      pure prunes the heads that clean texts do not need and fine-tunes the rest with the norm of the [CLS] \
      attention in the loss. prune-only and norm-only are its halves; ft and fth only fine-tune, fth at a rate of \
      5e-5. Pruned heads are written as zeros, so stock transformers loads the result unchanged.
      """,
    options: [
      .choice(
        "method", DefenseKind.allCases.map(\.rawValue), .value(DefenseKind.pure.rawValue),
        help: "The defence."),
      Options.model, Options.train, Options.validation, Options.out,
      .number(
        "accuracy-floor", "SHARE", .value(String(DefenseSettings(.paper, .pure).accuracyFloor)),
        in: 0...1,
        help: "c: validation accuracy below which pruning ends."),
      .number(
        "norm-weight", "WEIGHT", .value(String(DefenseSettings(.paper, .pure).normWeight)),
        in: 0...1_000_000,
        help: "mu: weight of the norm term; the paper's is 0.05 against syntax and style."),
      .text(
        "report", "FILE",
        help: "Write which heads were scored and pruned as one HTML page (not for ft, fth)."),
    ] + Options.training(epochs: DefenseSettings(.paper, .pure).training.epochs) + Options.data + [
      Options.seed, Options.json,
    ]
      + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let model = try bench.suspect(for: .freshHead)
    let checkpoint = model.checkpoint
    let settings = bench.settings(checkpoint.configuration, defends: true)
    let sets = try bench.trainingSets()
    guard let kind = DefenseKind(rawValue: bench.arguments.text("method")) else {
      preconditionFailure("--method is a choice without a kind")
    }
    let defense = try kind.defense(bench, settings)
    let reportPath = bench.arguments.optionalText("report")
    if let reportPath {
      guard kind.scoresHeads else {
        throw InputError(
          .usage, problem: "--report has nothing to show of \(defense.name), which scores no heads",
          remedy: "leave it out or choose another --method")
      }
      try bench.requirePlace(reportPath)
    }
    let output = try bench.output(for: checkpoint)
    let backend = try bench.backend()
    let texts = try bench.encoded(sets, for: model, settings, on: backend)
    // What came before, such as the device's start, is no part of the training.
    _ = backend.takeTimings()

    let reporter = ProgressReporter(stepCount: kind.scoresHeads ? 3 : 1)
    var hooks = DefenseHooks()
    hooks.training = bench.hooks(reporter, output: output)
    hooks.onStep = { reporter.begin($0) }
    hooks.onPruning = { pruned, total in
      reporter.update(StageProgress(fraction: Double(pruned) / Double(total)))
    }
    let result = try defense.purify(
      checkpoint, labels: sets.training.labels.names, using: texts, on: backend, hooks: hooks)
    reporter.end()

    let findings = Findings(result, method: defense.name)
    try output.write(
      result.model.checkpoint(source: checkpoint, prunedHeads: result.headMask.pruned),
      weights: bench.weightType,
      provenance: bench.provenance("defend", result.training, findings.json),
      card: ModelCard(
        summary: "A text classifier cleaned with \(defense.name)",
        method: bench.methodTable + findings.table, data: bench.dataList(sets),
        metrics: bench.metrics(result.training),
        limits: [
          "No defence is known to remove every backdoor: measure the label flip rate with "
            + "pure evaluate where a trigger is suspected."
        ]))
    if let path = reportPath,
      let page = findings.page(
        model: Path.name(of: bench.arguments.text("model")),
        facts: bench.metrics(result.training) + bench.methodTable)
    {
      try AtomicFile.write(Array(page.html.utf8), to: path)
    }
    if !bench.arguments.isSet("json") { for line in findings.lines { Console.print(line) } }
    bench.summarize(
      result.training, timings: backend.takeTimings(), at: output.path, findings.json)
    return .success
  }
}

extension DefenseKind {
  /// What a kind does with the settings of the arguments. All of today's kinds are settings of one family.
  func defense(_ bench: Workbench, _ settings: TrainingSettings) throws -> PURE {
    if !prunes { try bench.refuse(["accuracy-floor"], "to --method \(rawValue)") }
    if !normalizes { try bench.refuse(["norm-weight"], "to --method \(rawValue)") }
    let recipe = bench.recipe
    var settings = settings
    if !bench.arguments.isOnLine("learning-rate") {
      settings.learningRate = DefenseSettings(recipe, self).training.learningRate
    }
    return PURE(
      name: rawValue,
      pruning: prunes
        ? HeadPruning(
          accuracyFloor: bench.arguments.number("accuracy-floor"), recipe: recipe) : nil,
      normWeight: normalizes ? bench.arguments.number("norm-weight") : nil, recipe: recipe,
      settings: settings, head: bench.head)
  }
}
