import Attestations
import Checkpoints
import CommandLineArguments
import Files
import Laboratory
import Stages
import Tensors
import Text
import Training

extension Workbench {
  /// Does the stages that lead to a model and writes it to `--out`: what `attack`, `finetune` and
  /// `defend` have in common.
  ///
  /// - Parameters:
  ///   - last: leaves the model.
  ///   - source: what it is made of.
  ///   - texts: that it is trained on and chosen by.
  ///   - card: the model card, to which settings, data and metrics are added.
  ///   - finding: what the method found; it may write a page of its own.
  func run(
    _ graph: StageGraph, to last: Stage, from source: ModelCheckpoint,
    on texts: (training: Dataset, validation: Dataset?), card: ModelCard,
    finding: (StageRun, ModelCheckpoint) throws -> Findings? = { _, _ in nil }
  ) throws -> ExitCode {
    // Before the output: where an earlier run has finished that, what it held beside it is let go.
    let billFile = try fileBesideOutput(arguments.optionalText("bom"))
    let output = try output(of: last)
    let backend = try backend()
    describe(source)
    describe(texts.training, as: "training")
    let validation = texts.validation
    if let validation { describe(validation, as: "validation") }
    let run = try StageRun(graph, in: output.stateDirectory, on: backend)
    let model = try run.model(last, from: source)
    let training = run.training(last)
    var found = try finding(run, model) ?? Findings()

    var card = card
    card.method = methodTable + found.table
    card.data = dataList(texts.training, validation)
    card.metrics = metrics(training)
    if let validation, let accuracy = training.selected?.validationAccuracy {
      card.results = [.init("accuracy", on: Path.name(of: validation.source), accuracy)]
    }
    var digest: ModelDigest?
    let metrics = found.metrics
    try output.write(
      model, weights: weightType, provenance: provenance(arguments.command, training, found.json),
      card: card
    ) { files throws(InputError) in
      let made = try ModelDigest(ofDirectory: files)
      digest = made
      try billFile?.write(bill(of: model, made, from: source, graph, card, metrics).text)
    }
    found.json["digest"] = digest.map { .string("sha256:\($0.root)") }
    if !arguments.isSet("json") { for line in found.lines { Console.print(line) } }
    summarize(training, timings: run.timings, at: output.path, found.json)
    if let digest, !arguments.isSet("json") {
      Console.print("digest, as in a model signature: sha256:\(digest.root)")
    }
    return .success
  }
}
