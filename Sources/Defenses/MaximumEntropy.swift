internal import Checkpoints
internal import Encoders
public import Files
public import Settings
public import Stages
public import Tensors
internal import Text
public import Training

/// MEFT, maximum entropy fine-tuning (Liu et al. 2023, as the PURE paper's appendix B runs it): the
/// suspect is trained until its predictions say nothing any more, and then fine-tuned. Both phases
/// begin with a fresh classifier, as every training of a suspect does here.
public struct MaximumEntropy: Defense {
  /// `meft`.
  public var name: String { "meft" }
  /// Its name.
  public var title: String { "MEFT" }
  /// One sentence.
  public var summary: String {
    "trains until predictions are uniform, whatever a text says, and then fine-tunes"
  }
  /// Clean texts alone.
  public var sees: [Knowledge] { [.cleanTexts] }
  /// The distance of predictions from uniform at which the first phase ends; see
  /// `DistanceFromUniform`, as nobody has published what was measured.
  public var stopDistance = 0.015
  /// Steps of the first phase at most.
  public var stepLimit = 4000
  /// Steps between two measurements.
  public var measurementInterval = 100

  /// The paper's constants, where they are published.
  public init() {}

  /// The first phase.
  public var works: [any StageWork.Type] { [EntropyStage.self] }

  /// All of the above.
  public var declarations: [Setting<MaximumEntropy>] {
    [
      .number(
        "stopDistance", \.stopDistance, in: 0...1,
        "Mean distance of predicted probabilities from uniform at which the first phase ends."),
      .integer("stepLimit", \.stepLimit, in: 1...1_000_000, "Most steps of the first phase."),
      .integer(
        "measurementInterval", \.measurementInterval, in: 1...1_000_000,
        "Steps between two measurements of the distance."),
    ]
  }

  /// Two trainings.
  public func stages(
    from suspect: Stage.Input, with material: DefenseMaterial, in graph: inout StageGraph
  ) -> DefenseStages {
    let stop = MeasuredStop(
      DistanceFromUniform(), atMost: stopDistance, every: measurementInterval, limit: stepLimit)
    let levelled = graph.add(
      EntropyStage(material.training, stop), suspect.named("model"), material.train,
      material.validation)
    return DefenseStages(
      classifier: graph.add(
        FineTuningStage(material.training), levelled.output(as: "model"), material.train,
        material.validation))
  }
}

/// Trains a model to predict nothing: `model`, `train` and `validation` in; the directory of an
/// encoder out.
public struct EntropyStage: StageWork {
  /// `entropy`.
  public static let kind = "entropy"

  private let training: TrainingSettings
  private let stop: MeasuredStop

  /// A run that ends when `stop` says so, and whose last state is kept: neither epochs nor accuracy
  /// say anything here.
  public init(_ training: TrainingSettings, _ stop: MeasuredStop) {
    var training = training
    (training.epochs, training.selection) = (1, .last)
    self.training = training
    self.stop = stop
  }

  /// A few words.
  public var title: String { "maximise entropy" }

  /// The training, and when it ends.
  public var parameters: JSONValue {
    [
      "training": .object(training.identity()), "seed": .int(Int(training.seed)),
      "stopDistance": .double(stop.threshold), "interval": .int(stop.interval),
      "stepLimit": .int(stop.stepLimit),
    ]
  }

  /// All steps that there may be.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    guard let texts = try preview.texts("train")?.data.count, texts > 0 else {
      return StageEffort()
    }
    let tokens = try preview.tokens(
      of: "train", maximumLength: training.maximumLength, limit: training.maximumExamples)
    let count = min(texts, training.maximumExamples ?? texts)
    let validation = try preview.tokens(of: "validation", maximumLength: training.maximumLength)
    return StageEffort(
      trained: stop.stepLimit * training.batchSize * tokens / count,
      read: stop.stepLimit / stop.interval * validation)
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    self.init(
      try TrainingSettings(node),
      MeasuredStop(
        DistanceFromUniform(), atMost: try node.required("stopDistance").double(in: 0...1),
        every: try node.required("interval").int(in: 1...1_000_000),
        limit: try node.required("stepLimit").int(in: 1...1_000_000)))
  }

  /// Trains, and leaves the encoder in `model`.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("model")
    let mask = HeadMask(of: source.checkpoint)
    let run = try training.run(
      source,
      on: request.texts("train").limited(for: training),
      request, backend,
      objective: Objective(terms: [OutputEntropy(sumsTexts: true)], stop: .measured(stop)),
      headMask: mask)
    try run.model.checkpoint(source: source.checkpoint, prunedHeads: mask.pruned).encoder.write(
      to: request.modelOutput, provenance: JSONObject([("entropy", run.report.json)]),
      card: ModelCard(summary: "An encoder whose classifier predicted nothing"))
    return StageOutcome(
      run.report,
      findings: JSONObject([
        ("distances", .array(run.report.curve.map { [.int($0.step), .double($0.value)] }))
      ]))
  }
}
