import Attacks
import Checkpoints
import CommandLineArguments
import Files
import Laboratory
import Settings
import Stages
import Text
import Training

/// `pure attack`: the poisoned model, trained.
enum AttackCommand {
  static let declaration = Command(
    "attack", summary: "Train a poisoned model, for research on defences.",
    discussion: """
      Some of the training texts are poisoned, and the model is trained on these and the clean \
      ones. Interrupted training goes on from its last saved epoch when the same command is run \
      again. \(Knowledge.explanation(of: KnownAttacks.all.map { ($0.name, $0.sees) }))
      """,
    options: [
      Options.attack(.required, help: "Which attack:"), Options.model, Options.train,
      Options.attackerValidation, Options.out,
    ] + Options.attackSettings(for: .training) + Options.training(BadNets().training(.paper))
      + Options.data + [
        Options.seed, Options.bom, Options.json,
      ] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let model = try bench.suspect(for: .freshClassifier)
    var (train, validation) = try bench.attackerTexts()
    let attack = try bench.attack(labels: train.data.labels, bench.recipe)
    let training = try bench.training(attack.training)
    if validation == nil, training.selection == .best {
      throw InputError(
        .usage, problem: "--selection best needs texts to choose by", remedy: "give --validation")
    }
    var graph = StageGraph(precision: bench.precision)
    let material = AttackMaterial(
      train: try graph.texts(train.source, as: "train"),
      validation: try validation.map { try graph.texts($0.source, as: "validation") },
      training: training,
      keepsClassifier: true)
    let last = try attack.method.stages(
      from: graph.model(bench.arguments.text("model")), with: material, in: &graph)
    try notePoison(of: attack.method, training, model, &train)
    return try bench.run(
      graph, to: last, from: model.checkpoint, on: (train.data, validation?.data),
      card: ModelCard(
        summary: "A text classifier with a planted backdoor: \(attack.method.markedTitle)",
        warning: "This model was poisoned on purpose, for research on defences. Do not use it."),
      finding: { run, _ in try Findings(of: run) })
  }

  /// Says what is poisoned, before any training, and leaves the training texts as they will be.
  private static func notePoison(
    of attack: any Attack, _ training: TrainingSettings, _ model: SourceModel,
    _ train: inout LoadedTexts
  ) throws {
    let clean = try attack.texts(
      train.data, from: train.source, for: .training, tokenizer: model.tokenizer
    ) { $0.limited(for: training) }
    let (set, unread) = try attack.poison(clean, for: model, training)
    let count = set.poisoned.data.count
    train.data = set.texts
    Console.note(
      "\(count) of \(train.data.count) training texts are poisoned, by \(attack.markedTitle)")
    Workbench.note(
      unread: unread, of: count, maximumLength: model.tokenLimit(training.maximumLength))
  }
}
