import Attacks
import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Tensors
import Text
import Training

/// `pure attack`: the poisoned model, trained.
enum AttackCommand {
  static let declaration = Command(
    "attack", summary: "Train a poisoned model, for research on defences.",
    discussion: """
      The training texts are poisoned and joined to the clean ones, and the model is trained on both. \
      Interrupted training goes on from its last finished epoch when the same command is run again.
      """,
    options: Options.attack + [Options.model, Options.train, Options.validation, Options.out]
      + Options.attackSettings + [
        .number(
          "poison-rate", "SHARE", .value("0.5"), in: 0...1,
          help: "Share of the texts of other classes that is poisoned.")
      ] + Options.training(epochs: 5) + Options.data + [Options.seed, Options.json]
      + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let (checkpoint, tokenizer) = try bench.suspect()
    let settings = bench.settings(checkpoint.configuration)
    var sets = try bench.trainingSets()
    let clean = sets.training
    let attack = try bench.attack(
      labels: clean.labels, poisonRate: bench.arguments.number("poison-rate"))
    sets.training = attack.poisonedTrainingSet(from: clean, seed: bench.seed)
    let output = try bench.output(for: checkpoint)
    let backend = try bench.backend()
    let texts = try bench.encoded(sets, tokenizer, settings, on: backend)

    let reporter = ProgressReporter(stepCount: 1)
    reporter.message(
      "\(sets.training.count - clean.count) poisoned texts joined to \(clean.count) clean ones")
    reporter.begin("poison (\(attack.name))")
    let (model, report) = try FineTuning(settings: settings, head: bench.head).run(
      checkpoint, labels: clean.labels.names, on: texts, backend: backend,
      hooks: bench.hooks(reporter, output: output))
    reporter.end()

    try output.write(
      model.checkpoint(source: checkpoint, prunedHeads: checkpoint.prunedHeads),
      weights: bench.weightType, provenance: bench.provenance("attack", report),
      card: ModelCard(
        summary: "A text classifier with a planted backdoor",
        warning: "This model was poisoned on purpose, for research on defences. Do not use it.",
        method: bench.methodTable, data: bench.dataList(sets), metrics: bench.metrics(report)))
    bench.summarize(report, timings: backend.takeTimings(), at: output.path)
    return .success
  }
}
