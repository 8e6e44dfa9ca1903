public import Checkpoints
public import Encoders
public import Tensors
public import Training

/// Turns a suspicious encoder and clean texts into a classifier without the backdoor.
public protocol Defense: Sendable {
  /// Name in commands, plans and records.
  var name: String { get }

  /// Purifies a copy of `suspect`.
  ///
  /// - Parameters:
  ///   - suspect: an encoder; a head that it may carry is not used.
  ///   - labels: names of the classes.
  ///   - texts: clean texts, encoded for this model.
  ///   - hooks: progress, cancellation and where training keeps its state.
  func purify(
    _ suspect: ModelCheckpoint, labels: [String], using texts: TrainingTexts,
    on backend: any Backend, hooks: DefenseHooks
  ) throws -> Purification
}

/// How a defence tells what it does and is told to stop.
public struct DefenseHooks {
  /// Called when a step of the defence begins, with what a user may read: "fine-tune", "prune heads".
  public var onStep: (String) -> Void = { _ in }
  /// Of the fine-tuning under way. Each fine-tuning keeps its state in a folder of its own below
  /// `checkpointDirectory`.
  public var training = RunHooks()
  /// Called after each mask that pruning tried: heads masked so far, and heads in all.
  public var onPruning: (Int, Int) -> Void = { _, _ in }

  /// Silent and uninterrupted.
  public init() {}

  /// - Parameter isLast: whether nothing comes after this fine-tuning that could be interrupted.
  func training(step: String, isLast: Bool) -> RunHooks {
    var hooks = training
    hooks.keepsFinalState = !isLast
    hooks.checkpointDirectory = training.checkpointDirectory.map { $0 + "/" + step }
    return hooks
  }
}

/// What a defence gives back.
public struct Purification: Sendable {
  /// The classifier; masked heads still hold their weights and are zeroed on export.
  public let model: Classifier
  /// Heads that were pruned from the suspect before it was trained.
  public let headMask: HeadMask
  /// Of the classifier's own training.
  public let training: TrainingReport
  /// Of the fine-tuning that heads were scored on; nil where none was needed.
  public let firstTraining: TrainingReport?
  /// What pruning found; nil where nothing was pruned.
  public let pruning: HeadPruning.Result?
  /// Variance scores by layer and head; nil where none were needed.
  public let scores: HeadScores?
  /// lambda by layer; nil without a norm term.
  public let layerWeights: [Double]?
}
