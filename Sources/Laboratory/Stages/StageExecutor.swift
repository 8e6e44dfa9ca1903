/// Does the work of stages. The laboratory decides what has to be done, in which order and where
/// results are kept; an executor trains and measures.
public protocol StageExecutor {
  /// Where and with what the work is done, for the records.
  var environment: RunEnvironment { get }

  /// Does the work of one stage and leaves its files in `request.outputDirectory`.
  ///
  /// Files that it keeps in `request.workDirectory` are there again when an interrupted stage is
  /// run once more. The same request has to give the same result, whether it was interrupted or not.
  /// - Throws: `CancellationError` once `request.isCancelled` says so; anything else fails the
  ///   cells that need the stage.
  func perform(_ request: StageRequest) throws -> StageOutcome
}

/// One stage with the places where its inputs are and its output goes.
public struct StageRequest {
  /// What to do.
  public let work: StageWork
  /// Files of the user and directories of earlier stages, by role. Every role that `StageWork`
  /// names for the work is there.
  public let inputs: [Stage.Role: String]
  /// An empty directory for the result.
  public let outputDirectory: String
  /// A directory for checkpoints; removed once the stage is finished.
  public let workDirectory: String
  /// Call it a few times a second.
  public let report: (StageProgress) -> Void
  /// Whether the user wants to stop; ask at least once an epoch.
  public let isCancelled: () -> Bool

  /// The path of an input that the work cannot do without.
  public func input(_ role: Stage.Role) -> String {
    guard let path = inputs[role] else {
      preconditionFailure("A stage \(work.kind.rawValue) has no input \(role.rawValue).")
    }
    return path
  }
}

/// What a stage has to say besides the files that it leaves.
public struct StageOutcome: Hashable, Sendable {
  /// One summary an epoch, for stages that train.
  public var epochs: [EpochSummary]
  /// For `.scores` and `.pruning`.
  public var heads: HeadReport?
  /// For `.evaluation`.
  public var evaluation: Evaluation?
  /// The most parts into which a training step's batch was cut, because the device had no room for it; 1: none was.
  public var batchParts: Int
  /// For `.poison` and `.evaluation`: texts whose trigger the model never reads; nothing where that is not known.
  public var unreadTriggerCount: Int?

  /// What a stage found out; a stage that only leaves files gives none of them.
  public init(
    epochs: [EpochSummary] = [], heads: HeadReport? = nil, evaluation: Evaluation? = nil,
    batchParts: Int = 1, unreadTriggerCount: Int? = nil
  ) {
    self.epochs = epochs
    self.heads = heads
    self.evaluation = evaluation
    self.batchParts = batchParts
    self.unreadTriggerCount = unreadTriggerCount
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
}
