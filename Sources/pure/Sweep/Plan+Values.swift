import Checkpoints
import Laboratory
import Tensors
import Text
import Training

/// What a plan writes, as the values that training and defences take.
extension TrainingSettings {
  init(_ planned: PlannedTraining, seed: UInt64, _ checkpoint: ModelCheckpoint) {
    self.init()
    epochs = planned.epochs
    batchSize = planned.batchSize
    learningRate = planned.learningRate
    optimizer = AdamWParameters(weightDecay: planned.weightDecay)
    schedule = planned.schedule
    maximumGradientNorm = planned.gradientNormLimit ?? .infinity
    maximumLength = checkpoint.configuration.tokenLimit(planned.maximumLength)
    selection = planned.selection
    order = planned.shuffles ? .training : .asGiven
    self.seed = seed
  }
}

extension TrainingReport {
  /// What a record keeps of each epoch.
  var summaries: [EpochSummary] {
    epochs.map { EpochSummary(loss: $0.loss, validationAccuracy: $0.validationAccuracy) }
  }
}

extension Dataset {
  /// At most `limit` examples, drawn by the seed and in their order; all of them without a limit.
  func limited(to limit: Int?, seed: UInt64) -> Dataset {
    guard let limit, limit < count else { return self }
    var generator = SeededGenerator(seed: seed, for: .subset)
    return selecting(generator.sample(limit, below: count).sorted())
  }
}
