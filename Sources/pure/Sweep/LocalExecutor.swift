import Attacks
import Checkpoints
import Defenses
import Encoders
import Files
import Laboratory
import Tensors
import Text
import Training

/// Does the work of a sweep's stages in this process.
struct LocalExecutor: StageExecutor {
  let backend: any Backend

  var environment: RunEnvironment {
    let library = Host.matrixLibrary
    return RunEnvironment(
      device: "\(backend.device) (\((backend as? CUDABackend)?.hardware ?? Host.instructionSet))",
      threads: Host.threadCount,
      precision: backend.precision, version: Pure.version,
      libraries: [library.isBuiltIn ? "built-in matrix products" : library.version])
  }

  func perform(_ request: StageRequest) throws -> StageOutcome {
    do {
      switch request.work {
      case .poison(let kind, let settings, let seed):
        return try poison(kind, settings, seed: UInt64(seed), request)
      case .trigger(let kind, let settings, let seed):
        return try trigger(kind, settings, seed: UInt64(seed), request)
      case .finetune(let settings, let norm, let seed):
        return try fineTune(settings, norm, seed: UInt64(seed), request)
      case .scores(let recipe, let maximumLength):
        return try score(recipe, maximumLength: maximumLength, request)
      case .pruning(let pruning): return try prune(pruning, request)
      case .evaluation(let targetLabel, let maximumLength):
        return try evaluate(targetLabel, maximumLength: maximumLength, request)
      }
    } catch is Interruption {
      throw CancellationError()
    }
  }

  private func poison(
    _ kind: AttackKind, _ settings: AttackSettings, seed: UInt64, _ request: StageRequest
  ) throws -> StageOutcome {
    let source = try Workbench.model(
      StageFiles.modelDirectory(request.input(.model)), for: .freshHead)
    var clean = try Dataset.load(request.input(.train))
    let attack = try Self.attack(kind, settings, labels: clean.labels)
    clean = clean.limited(to: settings.training.maximumExamples, seed: seed)
    let training = TrainingSettings(settings.training, seed: seed, source.checkpoint)
    let poisoned = attack.poisonedTrainingSet(from: clean, seed: seed)
    let unread = try poisoned.requirePoison(
      readBy: source.tokenizer, maximumLength: training.maximumLength)
    let texts = try encoded(
      poisoned.data, validation: request.inputs[.validation], for: source, training)
    let (model, report) = try FineTuning(
      settings: training, head: settings.training.head
    ).run(
      source.checkpoint, labels: clean.labels.names, on: texts, backend: backend,
      hooks: hooks(request))
    try model.checkpoint(source: source.checkpoint, prunedHeads: source.checkpoint.prunedHeads)
      .encoder.write(
        to: StageFiles.output(request),
        provenance: JSONObject([
          ("method", .string(attack.name)), ("precision", .string(backend.precision.rawValue)),
        ]),
        card: ModelCard(
          summary: "An encoder with a planted backdoor",
          warning: "This model was poisoned on purpose, for research on defences. Do not use it.",
          method: [("attack", attack.name), ("precision", backend.precision.rawValue)]))
    return StageOutcome(
      epochs: report.summaries, batchParts: report.cut?.partCount ?? 1, unreadTriggerCount: unread)
  }

  private func trigger(
    _ kind: AttackKind, _ settings: AttackSettings, seed: UInt64, _ request: StageRequest
  ) throws -> StageOutcome {
    let clean = try Dataset.load(request.input(.test))
    let triggered = try Self.attack(kind, settings, labels: clean.labels).triggeredTestSet(
      from: clean, seed: seed)
    guard triggered.data.count > 0 else {
      throw InputError(
        file: clean.source, problem: "has no text outside the target class",
        remedy: "choose another targetLabel or other texts")
    }
    try triggered.data.write(to: StageFiles.triggered(request.outputDirectory))
    return StageOutcome()
  }

  private func fineTune(
    _ planned: PlannedTraining, _ norm: StageWork.Norm?, seed: UInt64,
    _ request: StageRequest
  ) throws -> StageOutcome {
    let source = try Workbench.model(
      StageFiles.modelDirectory(request.input(.model)), for: .freshHead)
    let clean = try Dataset.load(request.input(.train)).limited(
      to: planned.maximumExamples, seed: seed)
    let settings = TrainingSettings(planned, seed: seed, source.checkpoint)
    let texts = try encoded(
      clean, validation: request.inputs[.validation], for: source, settings)
    let found = try (request.inputs[.pruning] ?? request.inputs[.scores]).map(HeadFindings.init)
    let mask = found?.mask ?? HeadMask(of: source.checkpoint)
    let penalty = norm.flatMap { norm in
      found.map {
        AttentionNormalization(weight: norm.weight, recipe: norm.recipe).penalty(
          $0.scores, alive: mask)
      }
    }
    let (model, report) = try FineTuning(
      settings: settings, head: planned.head, objective: Objective(penalty: penalty), headMask: mask
    ).run(
      source.checkpoint, labels: clean.labels.names, on: texts, backend: backend,
      hooks: hooks(request))
    try model.checkpoint(source: source.checkpoint, prunedHeads: mask.pruned).write(
      to: StageFiles.output(request), provenance: JSONObject([("training", report.json)]),
      card: ModelCard(
        summary: "A classifier fine-tuned by a sweep of Pure",
        method: [("precision", backend.precision.rawValue)]))
    return StageOutcome(
      epochs: report.summaries, batchParts: report.cut?.partCount ?? 1)
  }

  private func score(
    _ recipe: Recipe, maximumLength: Int, _ request: StageRequest
  ) throws -> StageOutcome {
    let suspect = try Suspect(request, maximumLength: maximumLength, on: backend)
    let scores = try HeadScores(
      of: suspect.model, on: suspect.validation, paddedLength: suspect.maximumLength,
      recipe: recipe, headMask: suspect.mask)
    try HeadFindings(scores: scores, mask: suspect.mask).write(to: request.outputDirectory)
    return StageOutcome(heads: HeadReport(scores: scores.values, pruned: suspect.mask.pruned))
  }

  private func prune(_ pruning: StageWork.Pruning, _ request: StageRequest) throws -> StageOutcome {
    let suspect = try Suspect(request, maximumLength: pruning.maximumLength, on: backend)
    let scores = try HeadFindings(request.input(.scores)).scores
    let result = try HeadPruning(
      accuracyFloor: pruning.accuracyFloor, recipe: pruning.recipe, step: pruning.step
    ).run(
      suspect.model, scores: scores, validation: suspect.validation, startingFrom: suspect.mask,
      paddedLength: suspect.maximumLength,
      progress: { pruned, total in
        request.report(StageProgress(fraction: Double(pruned) / Double(total)))
      }, isCancelled: request.isCancelled)
    try HeadFindings(scores: result.scoresForNorm, mask: result.mask).write(
      to: request.outputDirectory)
    return StageOutcome(heads: HeadReport(scores: scores.values, pruned: result.mask.pruned))
  }

  private func evaluate(
    _ targetLabel: Int, maximumLength: Int, _ request: StageRequest
  ) throws -> StageOutcome {
    let source = try Workbench.model(
      StageFiles.modelDirectory(request.input(.classifier)), for: .classifying)
    let model = try Classifier(source.checkpoint, on: backend)
    let length = source.checkpoint.configuration.tokenLimit(maximumLength)
    let clean = try Dataset.load(request.input(.test))
    let triggered = try Dataset.load(StageFiles.triggered(request.input(.triggered)))
    func counts(_ data: Dataset) throws -> [[Int]] {
      try model.confusion(
        on: EvaluationSet(data, for: source, maximumLength: length, on: backend),
        isCancelled: request.isCancelled
      ).counts
    }
    return StageOutcome(
      evaluation: Evaluation(
        clean: try counts(clean), triggered: try counts(triggered), targetLabel: targetLabel),
      unreadTriggerCount: TriggeredTexts(triggered, madeOf: clean, targetLabel: targetLabel)?
        .unreadCount(by: source.tokenizer, maximumLength: length))
  }
}

/// Inputs as models and encoded texts.
extension LocalExecutor {
  private static func attack(
    _ kind: AttackKind, _ settings: AttackSettings, labels: LabelNames
  ) throws -> any Attack {
    guard labels.names.indices.contains(settings.targetLabel) else {
      throw InputError(
        .usage,
        problem: "the plan's targetLabel \(settings.targetLabel) is none of the "
          + "\(labels.names.count) classes",
        remedy: "count them from 0")
    }
    return kind.attack(settings)
  }

  private func encoded(
    _ training: Dataset, validation: String?, for model: Workbench.Model,
    _ settings: TrainingSettings
  ) throws -> TrainingTexts {
    try TrainingTexts(
      training: EncodedDataset(
        training, tokenizer: model.tokenizer, maximumLength: settings.maximumLength,
        padding: model.checkpoint.configuration.padding),
      validation: try validation.map {
        try EvaluationSet(
          Dataset.load($0), for: model, maximumLength: settings.maximumLength, on: backend)
      })
  }

  private func hooks(_ request: StageRequest) -> RunHooks {
    var hooks = RunHooks()
    hooks.checkpointDirectory = request.workDirectory
    hooks.isCancelled = request.isCancelled
    hooks.onProgress = { request.report(StageProgress($0)) }
    return hooks
  }
}

/// The fine-tuned suspect whose heads are scored and pruned, with the texts that decide.
private struct Suspect {
  let model: Classifier
  /// The heads that are alive to begin with.
  let mask: HeadMask
  let validation: EvaluationSet
  /// Tokens of a text that are read.
  let maximumLength: Int

  init(_ request: StageRequest, maximumLength: Int, on backend: any Backend) throws {
    let source = try Workbench.model(
      StageFiles.modelDirectory(request.input(.classifier)), for: .classifying)
    model = try Classifier(source.checkpoint, on: backend)
    mask = HeadMask(of: source.checkpoint)
    self.maximumLength = source.checkpoint.configuration.tokenLimit(maximumLength)
    validation = try EvaluationSet(
      Dataset.load(request.input(.validation)), for: source, maximumLength: maximumLength,
      on: backend)
  }
}

extension EvaluationSet {
  /// Encodes labelled texts.
  fileprivate init(
    _ data: Dataset, for model: Workbench.Model, maximumLength: Int, on backend: any Backend
  ) throws {
    let configuration = model.checkpoint.configuration
    try self.init(
      EncodedDataset(
        data, tokenizer: model.tokenizer, maximumLength: configuration.tokenLimit(maximumLength),
        padding: configuration.padding),
      classCount: data.labels.names.count, on: backend)
  }
}
