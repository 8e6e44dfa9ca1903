public import Checkpoints
public import Files
public import Text
public import Training

/// One stage with the places where its inputs are and its output goes.
public struct StageRequest {
  /// What to do, and with what.
  public let stage: Stage
  /// The folder with the results of earlier stages.
  public let store: String
  /// An empty directory for the result.
  public let outputDirectory: String
  /// A directory for checkpoints, which may hold one of another stage; of no use once the stage is
  /// finished.
  public let workDirectory: String
  /// Call it a few times a second.
  public let report: (StageProgress) -> Void
  /// Whether the user wants to stop; ask at least once an epoch.
  public let isCancelled: () -> Bool

  /// A request with all that belongs to it.
  public init(
    stage: Stage, store: String, outputDirectory: String, workDirectory: String,
    report: @escaping (StageProgress) -> Void, isCancelled: @escaping () -> Bool
  ) {
    self.stage = stage
    self.store = store
    self.outputDirectory = outputDirectory
    self.workDirectory = workDirectory
    self.report = report
    self.isCancelled = isCancelled
  }
}

/// Inputs and outputs as values. A stage may have been a document, so what it lacks is an
/// `InputError`.
extension StageRequest {
  /// Whether the stage was given an input of that name.
  public func has(_ name: String) -> Bool { stage.inputs.contains { $0.name == name } }

  private func source(_ name: String) throws(InputError) -> Stage.Source {
    guard let input = stage.inputs.first(where: { $0.name == name }) else {
      throw missing(name, "input")
    }
    return input.source
  }

  /// The directory of an earlier stage's result.
  public func artifact(_ name: String) throws(InputError) -> String {
    let source = try source(name)
    guard case .stage = source else { throw missing(name, "artifact") }
    return source.path(in: store)
  }

  private func missing(_ name: String, _ what: String) -> InputError {
    InputError(
      problem: "the stage \(stage.kind) needs the \(what) \(name) and was given none",
      remedy: "use the version of the program that wrote the order")
  }

  /// Makes sure that a file of the user's, now that it was read, still holds what the stage's key
  /// was made of.
  public func requireUnchanged(_ name: String) throws(InputError) {
    try stage.inputs.first { $0.name == name }?.requireUnchanged(in: store)
  }

  /// The model of an input, with its tokenizer.
  ///
  /// - Parameter purpose: whether the head that it has matters.
  /// - Throws: `InputError` also where it has changed since the stage was named for it.
  public func model(
    _ name: String, for purpose: ModelCheckpoint.Purpose = .freshClassifier
  ) throws(InputError) -> SourceModel {
    let source = try source(name)
    switch source {
    case .model(let path, _):
      let model = try SourceModel(path, for: purpose)
      try requireUnchanged(name)
      return model
    case .stage: return try SourceModel(Self.model(in: source.path(in: store)), for: purpose)
    case .texts: throw missing(name, "model")
    }
  }

  /// The texts of an input.
  ///
  /// - Throws: `InputError` also where they have changed since the stage was named for them.
  public func texts(
    _ name: String, requiresLabels: Bool = true
  ) throws(InputError) -> Dataset {
    guard case .texts(let texts, _) = try source(name) else { throw missing(name, "texts") }
    let data = try texts.load(requiresLabels: requiresLabels)
    try requireUnchanged(name)
    return data
  }

  /// Where the model is that a stage left in the directory of its artifact.
  public static func model(in artifact: String) -> String { Path.join(artifact, "model") }

  /// Where this stage leaves its model.
  public var modelOutput: String { Self.model(in: outputDirectory) }

  /// Hooks that keep the state of training, show how it goes on and end it when told to.
  public var hooks: RunHooks {
    var hooks = RunHooks()
    hooks.checkpointDirectory = workDirectory
    hooks.run = stage.key
    hooks.isCancelled = isCancelled
    hooks.onProgress = { report(StageProgress($0)) }
    return hooks
  }
}

/// How far a stage has come.
public struct StageProgress: Hashable, Sendable {
  /// The share of the work that is done, brought into 0 … 1.
  public let fraction: Double
  /// Counted from 1; nothing where work has no epochs.
  public var epoch: Int?
  /// Epochs of the whole run.
  public var epochCount: Int?
  /// The loss of late.
  public var loss: Double?
  /// Tokens processed since the stage began in this process.
  public var tokens: Int?

  /// A moment of a stage.
  public init(
    fraction: Double, epoch: Int? = nil, epochCount: Int? = nil, loss: Double? = nil,
    tokens: Int? = nil
  ) {
    self.fraction = fraction.isFinite ? min(1, max(0, fraction)) : 0
    self.epoch = epoch
    self.epochCount = epochCount
    self.loss = loss
    self.tokens = tokens
  }

  /// A moment of a training.
  public init(_ progress: TrainingProgress) {
    self.init(
      fraction: Double(progress.step) / Double(max(1, progress.stepCount)), epoch: progress.epoch,
      epochCount: progress.epochCount, loss: progress.loss, tokens: progress.tokens)
  }
}
