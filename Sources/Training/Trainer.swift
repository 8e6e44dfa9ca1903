public import Encoders
internal import Tensors
public import Text

/// How far a run has come, for a progress display.
public struct TrainingProgress: Sendable {
  /// Steps done, of the whole run.
  public let step: Int
  /// Steps of the whole run.
  public let stepCount: Int
  /// Epoch under way, from 1.
  public let epoch: Int
  /// Epochs of the whole run.
  public let epochCount: Int
  /// Mean loss of the epoch so far.
  public let loss: Double
  /// Tokens trained on since the run began in this process.
  public let tokens: Int
}

/// Training went wrong in a way that no later step can mend.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// The loss is not a number any more.
  case diverged(epoch: Int, learningRate: Double)
  /// A model computes something that is not a finite number, whatever its weights are.
  case notFinite
  /// There is nothing to train on.
  case noTexts

  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .diverged(let epoch, let learningRate):
      "training diverged: the loss of epoch \(epoch) is not a finite number; "
        + "try a --learning-rate below \(learningRate)"
    case .notFinite:
      "the model computes numbers that are not finite, so it predicts nothing; "
        + "use a checkpoint from before it diverged"
    case .noTexts: "there are no training texts; give a --train file with at least one row"
    }
  }
}

/// Trains a classifier in place, epoch by epoch, and can go on where a run that was stopped had got to.
public struct Trainer {
  private let model: Classifier
  private let settings: TrainingSettings
  private let headMask: HeadMask?
  private let training: TrainingStep
  private let checkpoint: TrainingCheckpoint?

  /// Called after steps, a few times a second.
  public var onProgress: (TrainingProgress) -> Void = { _ in }
  /// Asked between steps; true ends the run with `Interruption` after the last finished epoch was saved.
  public var isCancelled: () -> Bool = { false }

  /// Save the state after the last epoch too: run again, it ends at once with the same model. For runs that are a step
  /// of something longer.
  public var keepsFinalState = false

  /// - Parameters:
  ///   - terms: added up to the loss, in order.
  ///   - headMask: heads that take no part; nil: all alive.
  ///   - checkpointDirectory: where the state is kept between epochs; nil: nowhere. It must belong to this run alone,
  ///     and stays until its owner has put the result away and removes it.
  public init(
    _ model: Classifier, settings: TrainingSettings, terms: [any LossTerm] = [CrossEntropyTerm()],
    headMask: HeadMask? = nil, checkpointDirectory: String? = nil
  ) throws {
    self.model = model
    self.settings = settings
    training = try TrainingStep(model, terms: terms, headMask: headMask, settings: settings)
    self.headMask = headMask
    checkpoint = checkpointDirectory.map { TrainingCheckpoint(directory: $0) }
  }

  /// Runs every epoch that is missing and leaves the selected epoch's parameters in the model.
  ///
  /// - Parameter validation: needed for `.best`; without it the last epoch is kept.
  public func train(on texts: EncodedDataset, validation: EvaluationSet?) throws -> TrainingReport {
    guard texts.count > 0 else { throw TrainingError.noTexts }
    var (report, best) =
      try checkpoint?.load(into: training)
      ?? (TrainingReport(precision: model.backend.precision), nil)
    var steps = try GradientAccumulation(training, cut: report.cut)
    let stepsPerEpoch = (texts.count + settings.batchSize - 1) / settings.batchSize
    try training.resume(after: report.epochs.count * stepsPerEpoch)
    var trainedTokens = 0
    while report.epochs.count < settings.epochs {
      let epoch = report.epochs.count + 1
      // The epochs to come overwrite the best parameters so far.
      if best == nil, selectsBest, validation != nil, report.selectedEpoch == epoch - 1, epoch > 1 {
        best = try model.parameters.copy()
      }
      var record = try runEpoch(
        epoch, texts, &steps, tokensBefore: trainedTokens, stepsPerEpoch: stepsPerEpoch)
      report.cut = steps.cut
      trainedTokens += texts.tokenIDs.count
      record.validationAccuracy = try validation.flatMap {
        try model.confusion(on: $0, headMask: headMask, isCancelled: isCancelled).accuracy
      }
      if !selectsBest || record.isBetter(than: report.epochs) {
        report.selectedEpoch = epoch
        best = nil
      }
      report.epochs.append(record)
      if epoch < settings.epochs || keepsFinalState {
        try checkpoint?.save(report, training, best: best)
      }
    }
    if let best { try model.backend.copy(best.flat, into: model.parameters.flat) }
    return report
  }

  private func runEpoch(
    _ epoch: Int, _ texts: EncodedDataset, _ steps: inout GradientAccumulation, tokensBefore: Int,
    stepsPerEpoch: Int
  ) throws -> EpochRecord {
    let plan = BatchPlan(
      lengths: texts.lengths, batchSize: settings.batchSize, order: settings.order,
      seed: settings.seed, epoch: epoch)
    try model.backend.fill(training.lossSum, with: 0)
    let start = ContinuousClock.now
    var shown = start
    var tokens = 0
    var packingTime = Duration.zero
    let uploadTimeBefore = steps.uploadTime
    for (index, indices) in plan.batches.enumerated() {
      if isCancelled() { throw Interruption() }
      let packingStart = ContinuousClock.now
      let batch = Batch(texts, indices: indices)
      packingTime += ContinuousClock.now - packingStart
      let step = (epoch - 1) * stepsPerEpoch + index
      try steps.run(
        batch, step: step,
        learningRate: settings.learningRate
          * settings.schedule.factor(step: step, of: stepsPerEpoch * settings.epochs))
      tokens += batch.tokenCount
      let now = ContinuousClock.now
      if now - shown > .milliseconds(200) || index + 1 == plan.batches.count {
        shown = now
        onProgress(
          TrainingProgress(
            step: step + 1, stepCount: stepsPerEpoch * settings.epochs, epoch: epoch,
            epochCount: settings.epochs, loss: try meanLoss(epoch, steps: index + 1),
            tokens: tokensBefore + tokens))
      }
    }
    try training.settle(after: epoch * stepsPerEpoch)
    let loss = try meanLoss(epoch, steps: plan.batches.count)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return EpochRecord(
      epoch: epoch, loss: loss, validationAccuracy: nil, seconds: seconds,
      dataSeconds: (packingTime + steps.uploadTime - uploadTimeBefore) / .seconds(1),
      tokensPerSecond: Double(tokens) / seconds)
  }

  private var selectsBest: Bool { settings.selection == .best }

  /// The mean over the epoch's first `steps` steps; one step whose loss is no number makes it none.
  private func meanLoss(_ epoch: Int, steps: Int) throws -> Double {
    let loss = Double(try training.lossSum.hostFloats()[0]) / Double(steps)
    guard loss.isFinite else {
      throw TrainingError.diverged(epoch: epoch, learningRate: settings.learningRate)
    }
    return loss
  }
}

extension EpochRecord {
  /// Without validation texts every epoch is better than those before it.
  fileprivate func isBetter(than earlier: [EpochRecord]) -> Bool {
    guard let accuracy = validationAccuracy else { return true }
    return earlier.allSatisfy { ($0.validationAccuracy ?? -1) < accuracy }
  }
}
