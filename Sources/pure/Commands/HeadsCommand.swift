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

/// `pure heads`: variance scores as heat maps (paper Figure 2).
enum HeadsCommand {
  static let declaration = Command(
    "heads", summary: "Draw the variance score of every head as heat maps (Figure 2).",
    discussion: """
      The score of a head says how unevenly [CLS] attends, averaged over texts. With --poisoned, the \
      texts as pure trigger writes them, heads that the trigger takes over stand out in the third map.
      """,
    options: [
      Options.model, .text("data", "FILE", .required, help: "Clean texts."),
      .text("poisoned", "FILE", help: "The same texts with the trigger."),
      .text("out", "FILE", .required, help: "HTML page to write."),
      .choice(
        "recipe", Recipe.allCases.map(\.rawValue), .value("paper"),
        help: "Formulas of the paper, or of its released code."),
    ] + Options.maximumLength + Options.data + [Options.json] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let source = try bench.suspect(for: .freshClassifier)
    let checkpoint = source.checkpoint
    let arguments = bench.arguments
    let sets = try bench.datasets(
      arguments.text("data"), arguments.optionalText("poisoned"), requiresLabels: false)
    let (clean, poisoned) = (sets[0], sets.dropFirst().first)
    let path = arguments.text("out")
    let file = try ReportFile(path)
    let backend = try bench.backend()
    let model = try Classifier(
      checkpoint, freshClassifier: .linear, labels: ["0", "1"], seed: 0, on: backend)
    let recipe = Recipe(rawValue: arguments.text("recipe")) ?? .paper
    let mask = HeadMask(of: checkpoint)
    func scores(_ data: Dataset) throws -> [[Double]] {
      try HeadScores(
        of: model,
        on: EvaluationSet(
          data, for: source, maximumLength: bench.maximumLength(source), on: backend),
        paddedLength: bench.maximumLength(source),
        recipe: recipe, headMask: mask
      ).values
    }
    let cleanScores = try scores(clean)
    let poisonedScores = try poisoned.map(scores)
    let page = HeadsPage(
      title: "Variance scores of \(Path.name(of: arguments.text("model")))",
      subtitle: "Each square is a head: how unevenly its [CLS] attends, averaged over "
        + "\(clean.count) texts.",
      maps: HeadsPage.maps(
        clean: cleanScores, poisoned: poisonedScores,
        pruned: mask.alive.map { $0.map { !$0 } }),
      facts: [
        ("clean texts", "\(clean.count) of \(clean.source)"),
        ("poisoned texts", poisoned.map { "\($0.count) of \($0.source)" } ?? "none"),
        ("recipe", recipe.rawValue), ("precision", backend.precision.rawValue),
        ("program", "pure \(Pure.version)"),
      ])
    try file.write(page.html)
    if arguments.isSet("json") {
      Console.print([
        "clean": .matrix(cleanScores), "poisoned": poisonedScores.map(JSONValue.matrix) ?? nil,
      ])
    } else {
      Console.print("heat maps written to \(Terminal.escaped(path))")
    }
    return .success
  }
}
