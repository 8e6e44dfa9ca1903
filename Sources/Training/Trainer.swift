public import Encoders
internal import Tensors
public import Text

/// Trains a classifier in place, epoch by epoch, and can go on where a run that was stopped had got
/// to.
public struct Trainer {
  private let model: Classifier
  private let settings: TrainingSettings
  private let objective: Objective
  private let headMask: HeadMask?
  private let training: TrainingStep
  private let checkpoint: TrainingCheckpoint?

  /// Called after steps, a few times a second.
  public var onProgress: (TrainingProgress) -> Void = { _ in }
  /// Asked between steps; true ends the run with `Interruption`. It goes on from the last epoch
  /// that was saved.
  public var isCancelled: () -> Bool = { false }

  /// - Parameters:
  ///   - objective: what is minimised and how; plain fine-tuning unless told otherwise.
  ///   - headMask: heads that take no part; nil: all alive.
  ///   - checkpointDirectory: where the state is kept between epochs; nil: nowhere. It stays until
  ///     its owner has put the result away and removes it.
  ///   - run: tells this run from others that keep their states there, one after the other.
  public init(
    _ model: Classifier, settings: TrainingSettings, objective: Objective = Objective(),
    headMask: HeadMask? = nil, checkpointDirectory: String? = nil, run: String = ""
  ) throws {
    self.model = model
    self.settings = settings
    self.objective = objective
    training = try TrainingStep(
      model, objective: objective, headMask: headMask, settings: settings)
    self.headMask = headMask
    checkpoint = checkpointDirectory.map {
      TrainingCheckpoint(directory: $0, run: run, objective: objective)
    }
  }

  /// The same with texts for an objective of one stream.
  public func train(on texts: EncodedDataset, validation: EvaluationSet?) throws -> TrainingReport {
    try train(on: TrainingTexts(training: texts, validation: validation))
  }

  /// Runs every epoch that is missing and leaves the selected epoch's parameters in the model.
  ///
  /// - Parameter texts: of every stream; validation texts are needed for `.best`, without which
  ///   the last epoch is kept, and where the stop rule measures.
  public func train(on texts: TrainingTexts) throws -> TrainingReport {
    var (report, best) =
      try checkpoint?.load(into: training)
      ?? (TrainingReport(precision: model.backend.precision), nil)
    var run = try Run(texts, objective, settings, training, cut: report.cut)
    let stepsDone = min(report.epochs.count * run.stepsPerEpoch, run.stepCount)
    try training.resume(after: stepsDone)
    var saved = ContinuousClock.now
    while !run.isFinished(report) {
      let epoch = report.epochs.count + 1
      // The epochs to come overwrite the best parameters so far.
      if best == nil, selectsBest, texts.validation != nil, report.selectedEpoch == epoch - 1,
        epoch > 1
      {
        best = try model.parameters.copy()
      }
      var record = try runEpoch(epoch, &run, &report.curve, texts.validation)
      report.cut = run.steps.cut
      record.validationAccuracy = try texts.validation.flatMap {
        try model.confusion(on: $0, headMask: headMask, isCancelled: isCancelled).accuracy
      }
      if !selectsBest || record.isBetter(than: report.epochs) {
        report.selectedEpoch = epoch
        best = nil
      }
      report.epochs.append(record)
      if let checkpoint, !run.isFinished(report),
        ContinuousClock.now - saved >= training.fewestBetweenSaves
      {
        try checkpoint.save(report, training, best: best)
        saved = .now
      }
    }
    if let best { try model.backend.copy(best.flat, into: model.parameters.flat) }
    return report
  }

  /// Steps until the epoch or the run ends.
  private func runEpoch(
    _ epoch: Int, _ run: inout Run, _ curve: inout [MeasuredPoint], _ validation: EvaluationSet?
  ) throws -> EpochRecord {
    try model.backend.fill(training.lossSum, with: 0)
    let start = ContinuousClock.now
    var shown = start
    let (tokensBefore, dataTimeBefore) = (run.tokens, run.dataTime)
    var measuringTime = Duration.zero
    let first = (epoch - 1) * run.stepsPerEpoch
    let end = min(first + run.stepsPerEpoch, run.stepCount)
    var done = first
    while done < end, !objective.stop.isReached(by: curve) {
      if isCancelled() { throw Interruption() }
      try run.step(
        done,
        learningRate: settings.learningRate
          * settings.schedule.factor(step: done, of: run.stepCount))
      done += 1
      let now = ContinuousClock.now
      if now - shown > .milliseconds(200) || done == end {
        shown = now
        onProgress(
          TrainingProgress(
            step: done, stepCount: run.stepCount, epoch: epoch, epochCount: run.epochCount,
            loss: try meanLoss(epoch, steps: done - first), tokens: run.tokens))
      }
      if let point = try measure(after: done, on: validation) {
        curve.append(point)
        measuringTime += ContinuousClock.now - now
      }
    }
    try training.settle(after: done)
    let loss = try meanLoss(epoch, steps: done - first)
    let seconds = (ContinuousClock.now - start - measuringTime) / .seconds(1)
    return EpochRecord(
      epoch: epoch, loss: loss, validationAccuracy: nil, seconds: seconds,
      dataSeconds: (run.dataTime - dataTimeBefore) / .seconds(1),
      tokensPerSecond: Double(run.tokens - tokensBefore) / seconds)
  }

  /// What the stop rule wants to know after so many steps; nil: nothing.
  private func measure(after stepCount: Int, on validation: EvaluationSet?) throws
    -> MeasuredPoint?
  {
    guard case .measured(let stop) = objective.stop, stop.isDue(after: stepCount) else {
      return nil
    }
    guard let validation else {
      preconditionFailure("the stop rule measures on validation texts and was given none")
    }
    try training.settle(after: stepCount)
    return MeasuredPoint(
      step: stepCount,
      value: try stop.quantity.value(
        of: model, on: validation, headMask: headMask, isCancelled: isCancelled))
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

/// The streams of one run and how far they have been read.
private struct Run {
  let stepsPerEpoch: Int
  /// Of the whole run, at most.
  let stepCount: Int
  var steps: GradientAccumulation
  /// Trained on in this process.
  private(set) var tokens = 0
  private var streams: [StreamTexts]
  private var packingTime = Duration.zero
  private let stop: StopRule

  init(
    _ texts: TrainingTexts, _ objective: Objective, _ settings: TrainingSettings,
    _ training: TrainingStep, cut: BatchCut?
  ) throws {
    streams = try objective.streams.enumerated().map { index, stream in
      guard let own = index == 0 ? texts.training : texts.others[stream.name] else {
        preconditionFailure("the objective's stream \(stream.name) was given no texts")
      }
      guard own.count > 0 else { throw TrainingError.noTexts }
      return StreamTexts(own, batchSize: stream.batchSize, stream: index, settings)
    }
    stepsPerEpoch = streams[0].batchCount
    stop = objective.stop
    stepCount = stop.stepCount(stepsPerEpoch: stepsPerEpoch, epochs: settings.epochs)
    steps = try GradientAccumulation(training, cut: cut)
  }

  /// Of the whole run, at most.
  var epochCount: Int { (stepCount + stepsPerEpoch - 1) / stepsPerEpoch }
  /// Of packing and uploading batches.
  var dataTime: Duration { packingTime + steps.uploadTime }

  func isFinished(_ report: TrainingReport) -> Bool {
    report.epochs.count >= epochCount || stop.isReached(by: report.curve)
  }

  mutating func step(_ step: Int, learningRate: Double) throws {
    let start = ContinuousClock.now
    let batches = streams.indices.map { streams[$0].batch(at: step) }
    packingTime += ContinuousClock.now - start
    try steps.run(batches, step: step, learningRate: learningRate)
    tokens += batches.reduce(0) { $0 + $1.tokenCount }
  }
}

extension EpochRecord {
  /// Without validation texts every epoch is better than those before it.
  fileprivate func isBetter(than earlier: [EpochRecord]) -> Bool {
    guard let accuracy = validationAccuracy else { return true }
    return earlier.allSatisfy { ($0.validationAccuracy ?? -1) < accuracy }
  }
}
