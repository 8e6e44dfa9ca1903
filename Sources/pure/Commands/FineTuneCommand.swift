import Checkpoints
import CommandLineArguments

/// `pure finetune`: FT, and with `--learning-rate 5e-5` FTH.
enum FineTuneCommand {
  static let declaration = Command(
    "finetune", summary: "Fine-tune an encoder with a fresh classifier head (FT, FTH).",
    discussion: """
      Interrupted training goes on from its last finished epoch when the same command is run again, and \
      ends with the same bits. FTH is --learning-rate 5e-5.
      """,
    options: [Options.model, Options.train, Options.validation, Options.out]
      + Options.training(epochs: 3) + Options.data + [Options.seed, Options.json]
      + Options.device)

  static func run(_ bench: Workbench) throws -> ExitCode {
    let model = try bench.suspect(for: .freshHead)
    return try bench.fineTuneAndWrite(
      model, bench.settings(model.checkpoint.configuration, defends: true),
      on: bench.trainingSets(), title: "fine-tune",
      card: ModelCard(
        summary: "A text classifier fine-tuned with Pure",
        limits: [
          "Fine-tuning alone rarely removes a backdoor that the encoder may carry; see pure defend."
        ]))
  }
}
