public import Checkpoints
public import Files
public import Text
public import Training

/// One stage with the places where its inputs are and its output goes.
public struct StageRequest {
  /// An input where it can be read.
  public enum Place: Hashable, Sendable {
    /// A model directory of the user.
    case model(String)
    /// Texts of the user.
    case texts(TextSource)
    /// The directory of an earlier stage's result.
    case artifact(String)

    /// The file or directory.
    public var path: String {
      switch self {
      case .model(let path), .artifact(let path): path
      case .texts(let source): source.path
      }
    }
  }

  /// What to do, and with what.
  public let stage: Stage
  /// Where the inputs are, by name.
  public let inputs: [String: Place]
  /// An empty directory for the result.
  public let outputDirectory: String
  /// A directory for checkpoints; removed once the stage is finished.
  public let workDirectory: String
  /// Call it a few times a second.
  public let report: (StageProgress) -> Void
  /// Whether the user wants to stop; ask at least once an epoch.
  public let isCancelled: () -> Bool

  /// A request with all that belongs to it.
  public init(
    stage: Stage, inputs: [String: Place], outputDirectory: String, workDirectory: String,
    report: @escaping (StageProgress) -> Void, isCancelled: @escaping () -> Bool
  ) {
    self.stage = stage
    self.inputs = inputs
    self.outputDirectory = outputDirectory
    self.workDirectory = workDirectory
    self.report = report
    self.isCancelled = isCancelled
  }
}

/// Inputs and outputs as values.
extension StageRequest {
  /// Whether the stage was given an input of that name.
  public func has(_ name: String) -> Bool { inputs[name] != nil }

  /// An input that the work cannot do without.
  ///
  /// - Throws: `InputError` where the stage, which may have been a document, has none.
  public func place(_ name: String) throws(InputError) -> Place {
    guard let place = inputs[name] else { throw missing(name, "input") }
    return place
  }

  private func missing(_ name: String, _ what: String) -> InputError {
    InputError(
      problem: "the stage \(stage.kind) needs the \(what) \(name) and was given none",
      remedy: "use the version of the program that wrote the order")
  }

  /// The model of an input, with its tokenizer.
  ///
  /// - Parameter purpose: whether the head that it has matters.
  public func model(
    _ name: String, for purpose: ModelCheckpoint.Purpose = .freshClassifier
  ) throws(InputError) -> SourceModel {
    switch try place(name) {
    case .model(let path): return try SourceModel(path, for: purpose)
    case .artifact(let path): return try SourceModel(Self.model(in: path), for: purpose)
    case .texts: throw missing(name, "model")
    }
  }

  /// The texts of an input.
  public func texts(_ name: String) throws(InputError) -> Dataset {
    guard case .texts(let source) = try place(name) else { throw missing(name, "texts") }
    return try source.load()
  }

  /// Where the model is that a stage left in the directory of its artifact.
  public static func model(in artifact: String) -> String { Path.join(artifact, "model") }

  /// Where this stage leaves its model.
  public var modelOutput: String { Self.model(in: outputDirectory) }

  /// Hooks that keep the state of training, show how it goes on and end it when told to.
  public var hooks: RunHooks {
    var hooks = RunHooks()
    hooks.checkpointDirectory = workDirectory
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
