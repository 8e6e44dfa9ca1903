import Attacks
import Checkpoints
import CommandLineArguments
import Laboratory
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
    options: [
      Options.attack(.required, help: "Which attack."), Options.model, Options.train,
      Options.validation, Options.out,
    ]
      + Options.attackSettings + [
        .number(
          "poison-rate", "SHARE", .value(String(AttackSettings(.paper).poisonRate)), in: 0...1,
          help: "Share of the texts of other classes that is poisoned.")
      ] + Options.training(epochs: AttackSettings(.paper).training.epochs) + Options.data + [
        Options.seed, Options.json,
      ]
      + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let model = try bench.suspect(for: .freshHead)
    var sets = try bench.trainingSets()
    let clean = sets.training
    let attack = try bench.attack(
      labels: clean.labels, poisonRate: bench.arguments.number("poison-rate"))
    let settings = bench.settings(model.checkpoint.configuration, defends: false)
    let texts = attack.poisonedTrainingSet(from: clean, seed: bench.seed)
    let unread = try texts.requirePoison(
      readBy: model.tokenizer, maximumLength: settings.maximumLength)
    sets.training = texts.data
    let count = texts.poisoned.data.count
    Console.note("\(count) poisoned texts joined to \(clean.count) clean ones")
    Workbench.note(unread: unread, of: count, maximumLength: settings.maximumLength)
    return try bench.fineTuneAndWrite(
      model, settings, on: sets,
      title: "poison (\(attack.name))",
      card: ModelCard(
        summary: "A text classifier with a planted backdoor",
        warning: "This model was poisoned on purpose, for research on defences. Do not use it."))
  }
}
