import Checkpoints
import Defenses
import Laboratory
import Tensors
import Text
import Training

/// What a plan writes, as the values that training and defences take.
extension Training.TrainingSettings {
  init(_ planned: Laboratory.TrainingSettings, seed: UInt64, _ checkpoint: ModelCheckpoint) {
    self.init()
    epochs = planned.epochs
    batchSize = planned.batchSize
    learningRate = planned.learningRate
    optimizer = AdamWParameters(weightDecay: planned.weightDecay)
    schedule =
      switch planned.schedule {
      case .constant: .constant
      case .linear: .linearDecay
      }
    maximumGradientNorm = planned.gradientNormLimit ?? .infinity
    maximumLength = min(planned.maximumLength, checkpoint.configuration.maximumTokenCount)
    selection =
      switch planned.selection {
      case .best: .best
      case .last: .last
      }
    order = planned.shuffles ? .training : .asGiven
    self.seed = seed
  }
}

extension HeadKind {
  init(_ planned: Laboratory.TrainingSettings.Head) {
    self =
      switch planned {
      case .linear: .linear
      case .native: .native
      }
  }
}

extension Defenses.Recipe {
  init(_ planned: Laboratory.Recipe) {
    self =
      switch planned {
      case .paper: .paper
      case .reference: .reference
      }
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
    var generator = SeededGenerator(seed: seed, streams: 2)
    return selecting(generator.sample(limit, below: count).sorted())
  }
}
