import Checkpoints
import CommandLineArguments
import Defenses
import Settings
import Stages
import Text
import Training

/// `pure finetune`: FT, and with `--learning-rate 5e-5` FTH.
enum FineTuneCommand {
  static let declaration = Command(
    "finetune", summary: "Fine-tune an encoder with a fresh classifier head (FT, FTH).",
    discussion: """
      Interrupted training goes on from its last saved epoch when the same command is run \
      again, and ends with the same bits. FTH is --learning-rate 5e-5.
      """,
    options: [Options.model, Options.train, Options.validation, Options.out]
      + Options.training(PURE.fineTuning.training(.paper)) + Options.data
      + [Options.seed, Options.bom, Options.json] + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let model = try bench.suspect(for: .freshClassifier)
    let (train, validation) = try bench.trainingTexts()
    var graph = StageGraph(precision: bench.precision)
    let training = try bench.training(PURE.fineTuning.training(bench.recipe))
    let last = graph.add(
      FineTuningStage(training),
      try graph.model(bench.arguments.text("model")), try graph.texts(train.source, as: "train"),
      try graph.texts(validation.source, as: "validation"))
    return try bench.run(
      graph, to: last, from: model.checkpoint,
      on: (train.data.limited(for: training), validation.data),
      card: ModelCard(
        summary: "A text classifier fine-tuned with Pure",
        limits: [
          "Fine-tuning alone rarely removes a backdoor that the encoder may carry; see pure defend."
        ]))
  }
}
