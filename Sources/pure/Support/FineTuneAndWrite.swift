import Checkpoints
import CommandLineArguments
import Encoders
import Tensors
import Text
import Training

extension Workbench {
  /// Fine-tunes the model with a fresh head, showing progress, and writes it to `--out`: what `attack` and
  /// `finetune` have in common.
  ///
  /// - Parameters:
  ///   - title: what the progress display calls it.
  ///   - card: the model card, to which settings, data and metrics are added.
  func fineTuneAndWrite(
    _ model: Model, _ settings: TrainingSettings,
    on sets: (training: Dataset, validation: Dataset), title: String, card: ModelCard
  ) throws -> ExitCode {
    let output = try output(for: model.checkpoint)
    let backend = try backend()
    let texts = try encoded(sets, for: model, settings, on: backend)
    // What came before, such as the device's start, is no part of the training.
    _ = backend.takeTimings()
    let reporter = ProgressReporter(stepCount: 1)
    reporter.begin(title)
    let (classifier, report) = try FineTuning(
      settings: settings, head: head, headMask: HeadMask(of: model.checkpoint)
    ).run(
      model.checkpoint, labels: sets.training.labels.names, on: texts, backend: backend,
      hooks: hooks(reporter, output: output))
    reporter.end()

    var card = card
    card.method = methodTable
    card.data = dataList(sets)
    card.metrics = metrics(report)
    try output.write(
      classifier.checkpoint(source: model.checkpoint, prunedHeads: model.checkpoint.prunedHeads),
      weights: weightType, provenance: provenance(arguments.command, report), card: card)
    summarize(report, timings: backend.takeTimings(), at: output.path)
    return .success
  }
}
