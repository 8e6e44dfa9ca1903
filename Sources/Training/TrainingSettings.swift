public import Tensors
public import Text

/// How a classifier is trained. A `Recipe` has the constants of the paper, or of its released code.
public struct TrainingSettings: Sendable, Equatable {
  /// Passes over the training texts.
  public var epochs = 3
  /// Texts a step.
  public var batchSize = 32
  /// Learning rate of the first step.
  public var learningRate = 2e-5
  /// AdamW's constants.
  public var optimizer = AdamWParameters()
  /// How the learning rate falls.
  public var schedule = Schedule.linearDecay
  /// Gradient norm above which the gradient is scaled down.
  public var maximumGradientNorm = 1.0
  /// Tokens of a text that are read, [CLS] and [SEP] among them.
  public var maximumLength = 128
  /// Which epoch's model is kept.
  public var selection = Selection.best
  /// Order of the training texts.
  public var order = BatchPlan.Order.training
  /// Seed of data order, dropout and fresh heads.
  public var seed: UInt64 = 11

  /// The values above, which are no recipe's.
  public init() {}

  /// The learning rate over the steps of a run.
  public enum Schedule: String, Sendable, CaseIterable {
    /// From the first step's rate in a straight line to zero, without warm-up.
    case linearDecay = "linear"
    case constant

    func factor(step: Int, of stepCount: Int) -> Double {
      switch self {
      case .linearDecay: Double(stepCount - step) / Double(max(1, stepCount))
      case .constant: 1
      }
    }
  }

  /// Which epoch's model a run returns.
  public enum Selection: String, Sendable, CaseIterable {
    /// The one with the best accuracy on the validation texts; the earliest of equals.
    case best
    case last
  }
}
