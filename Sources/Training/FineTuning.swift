public import Checkpoints
public import Encoders
public import Tensors
public import Text

/// Texts to train on and texts to choose by, encoded for one model.
public struct TrainingTexts: Sendable {
  /// What is trained on.
  public var training: EncodedDataset
  /// What epochs and heads are chosen by, and what a stop rule measures on; nil where nothing is.
  public var validation: EvaluationSet?
  /// The texts of an objective's streams beside the first, by name.
  public var others: [String: EncodedDataset]

  /// Names them.
  public init(
    training: EncodedDataset, validation: EvaluationSet?, others: [String: EncodedDataset] = [:]
  ) {
    self.training = training
    self.validation = validation
    self.others = others
  }
}

/// How a run tells what it does and is told to stop.
public struct RunHooks {
  /// Called a few times a second while training.
  public var onProgress: (TrainingProgress) -> Void = { _ in }
  /// Asked between steps.
  public var isCancelled: () -> Bool = { false }
  /// Where the state of training is kept between epochs; nil: nowhere.
  public var checkpointDirectory: String?
  /// Tells the run from others that keep their states there.
  public var run = ""

  /// Silent, uninterrupted, unsaved.
  public init() {}
}

/// Training a copy of an encoder with a fresh head: what the attacker does with poisoned texts,
/// and every defender's last step with clean ones.
public struct FineTuning: Sendable {
  /// Epochs, rate, order, classifier, seed.
  public var settings: TrainingSettings
  /// What is minimised and how.
  public var objective: Objective
  /// Which heads take part; nil: all.
  public var headMask: HeadMask?

  /// Plain fine-tuning, unless told otherwise.
  public init(
    settings: TrainingSettings, objective: Objective = Objective(), headMask: HeadMask? = nil
  ) {
    self.settings = settings
    self.objective = objective
    self.headMask = headMask
  }

  /// Trains a classifier on a copy of the encoder in `checkpoint`; the head starts from the run's
  /// seed.
  ///
  /// - Parameter labels: names of the classes.
  public func run(
    _ checkpoint: ModelCheckpoint, labels: [String], on texts: TrainingTexts,
    backend: any Backend, hooks: RunHooks = RunHooks()
  ) throws -> (model: Classifier, report: TrainingReport) {
    let model = try Classifier(
      checkpoint, freshClassifier: settings.classifier, labels: labels, seed: settings.seed,
      on: backend)
    var trainer = try Trainer(
      model, settings: settings, objective: objective,
      // A mask of all heads would only cost time.
      headMask: headMask.flatMap { $0.prunedCount > 0 ? $0 : nil },
      checkpointDirectory: hooks.checkpointDirectory, run: hooks.run)
    trainer.onProgress = hooks.onProgress
    trainer.isCancelled = hooks.isCancelled
    return (model, try trainer.train(on: texts))
  }
}
