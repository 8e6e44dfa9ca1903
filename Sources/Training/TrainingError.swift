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
