import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Tensors
import Text
import Training

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
    let (checkpoint, tokenizer) = try bench.suspect()
    let settings = bench.settings(checkpoint.configuration)
    let sets = try bench.trainingSets()
    let output = try bench.output(for: checkpoint)
    let backend = try bench.backend()
    let texts = try bench.encoded(sets, tokenizer, settings, on: backend)

    let reporter = ProgressReporter(stepCount: 1)
    reporter.begin("fine-tune")
    let mask = Classifier.headMask(of: checkpoint)
    let (model, report) = try FineTuning(settings: settings, head: bench.head, headMask: mask)
      .run(
        checkpoint, labels: sets.training.labels.names, on: texts, backend: backend,
        hooks: bench.hooks(reporter, output: output))
    reporter.end()

    try output.write(
      model.checkpoint(source: checkpoint, prunedHeads: checkpoint.prunedHeads),
      weights: bench.weightType, provenance: bench.provenance("finetune", report),
      card: ModelCard(
        summary: "A text classifier fine-tuned with Pure",
        method: bench.methodTable, data: bench.dataList(sets), metrics: bench.metrics(report),
        limits: [
          "Fine-tuning alone rarely removes a backdoor that the encoder may carry; see pure defend."
        ]))
    bench.summarize(report, timings: backend.takeTimings(), at: output.path)
    return .success
  }
}
