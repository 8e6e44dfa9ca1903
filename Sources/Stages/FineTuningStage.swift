internal import Checkpoints
public import Encoders
public import Files
internal import Settings
public import Tensors
public import Text
public import Training

/// Fine-tunes a model with a fresh head: `model`, `train`, `validation` and, for a norm term that
/// needs scores or for a head mask, `scores` or `pruning` in; the directory of an encoder with its
/// classifier out.
public struct FineTuningStage: StageWork {
  /// `finetune`.
  public static let kind = "finetune"

  /// How it is trained, the seed included.
  public var training: TrainingSettings
  /// Joined to the cross-entropy; nil for none.
  public var norm: AttentionNormalization?

  /// Plain fine-tuning, unless told otherwise.
  public init(_ training: TrainingSettings, norm: AttentionNormalization? = nil) {
    self.training = training
    self.norm = norm
  }

  /// A few words.
  public var title: String { norm == nil ? "fine-tune" : "fine-tune with norm" }

  /// Every setting, the seed and the norm term.
  public var parameters: JSONValue {
    [
      "training": .object(training.identity()), "seed": .int(Int(training.seed)),
      "norm": norm.map(\.parameters) ?? .null,
    ]
  }

  /// Its epochs.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    try training.effort(preview)
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    training = try TrainingSettings(node)
    norm = try node.optional("norm").map { norm throws(InputError) in
      try AttentionNormalization(norm)
    }
  }

  /// Trains, and leaves the classifier in `model`.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("model")
    let heads = try ["pruning", "scores"].first(where: request.has).map {
      try ScoredHeads(in: request.artifact($0), of: source.checkpoint.configuration)
    }
    let mask = heads?.mask ?? HeadMask(of: source.checkpoint)
    if let norm, norm.needsScores, heads == nil {
      throw InputError(
        problem: "the norm term has no scores to weigh layers by",
        remedy: "score the heads first, or weigh all layers alike")
    }
    if let norm, norm.needsScores,
      let layer = mask.alive.firstIndex(where: { !$0.contains(true) })
    {
      throw InputError(
        file: source.checkpoint.sourceDirectory,
        problem: "has no head left in layer \(layer + 1), so the norm term has no weight there",
        remedy: "clean it without the norm term, or weigh all layers alike")
    }
    let penalty = norm?.penalty(heads?.scores, alive: mask)
    let run = try training.run(
      source,
      on: request.texts("train").limited(for: training),
      request, backend, objective: Objective(penalty: penalty), headMask: mask)
    try run.model.checkpoint(source: source.checkpoint, prunedHeads: mask.pruned).write(
      to: request.modelOutput, provenance: JSONObject([("training", run.report.json)]),
      card: ModelCard(
        summary: "A classifier fine-tuned by a sweep of Pure",
        method: [("precision", backend.precision.rawValue)]))
    return StageOutcome(
      run.report,
      findings: JSONObject(
        penalty.map { [("layerWeights", .array($0.layerWeights.map(JSONValue.double)))] } ?? []))
  }
}

extension AttentionNormalization {
  /// What a term's stage depends on. How layers are weighed is not named where the paper's way is
  /// taken: stages of before there was a choice weighed them so.
  fileprivate var parameters: JSONValue {
    var object = JSONObject([
      ("weight", .double(weight)), ("recipe", .string(recipe.rawValue)),
    ])
    if weighting != .variance { object["layerWeights"] = .string(weighting.rawValue) }
    return .object(object)
  }

  fileprivate init(_ node: JSONNode) throws(InputError) {
    self.init(
      weight: try node.required("weight").double(), recipe: try node.required("recipe").name(),
      weighting: try node.optional("layerWeights")?.name() ?? .variance)
  }
}

extension TrainingSettings {
  /// Reads `training` and `seed` of a stage's parameters.
  public init(_ node: JSONNode) throws(InputError) {
    self.init()
    // What identities leave null.
    maximumGradientNorm = .infinity
    try restore(node.required("training"))
    seed = UInt64(try node.required("seed").int(in: 0...Int.max))
  }

  /// Trains a classifier on an encoder, on texts and with the `validation` of a stage, if it has
  /// any.
  ///
  /// - Parameter others: texts of the objective's streams beside the first, by name.
  public func run(
    _ source: SourceModel, on data: Dataset, others: [String: Dataset] = [:],
    _ request: StageRequest, _ backend: any Backend, objective: Objective, headMask: HeadMask
  ) throws -> (model: Classifier, report: TrainingReport) {
    let texts = TrainingTexts(
      training: try source.encoded(data, maximumLength: maximumLength),
      validation: try request.has("validation")
        ? EvaluationSet(
          request.texts("validation"), for: source, maximumLength: maximumLength, on: backend)
        : nil,
      others: try others.mapValues { try source.encoded($0, maximumLength: maximumLength) })
    return try FineTuning(
      settings: self, objective: objective, headMask: headMask
    ).run(
      source.checkpoint, labels: data.labels.names, on: texts, backend: backend,
      hooks: request.hooks)
  }
}

extension EvaluationSet {
  /// Labelled texts as a model reads them.
  ///
  /// - Parameter maximumLength: tokens of a text that are read, as far as the model has positions.
  public init(
    _ data: Dataset, for model: SourceModel, maximumLength: Int, on backend: any Backend
  ) throws {
    try self.init(
      model.encoded(data, maximumLength: maximumLength),
      classCount: data.labels.names.count, on: backend)
  }
}

extension Dataset {
  /// As many examples as a training takes, drawn by its seed and in their order.
  public func limited(for training: TrainingSettings) -> Dataset {
    guard let limit = training.maximumExamples, limit < count else { return self }
    var generator = SeededGenerator(seed: training.seed, for: .subset)
    return selecting(generator.sample(limit, below: count).sorted())
  }
}
