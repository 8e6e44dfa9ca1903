public import Checkpoints
internal import Files
public import Settings
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
  /// The classifier on top of the encoder.
  public var classifier = ClassifierKind.linear
  /// Only so many training texts are used, drawn by the seed; nil for all.
  public var maximumExamples: Int?
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

extension TrainingSettings {
  /// A recipe's constants (paper section 6.2 and appendix B).
  public init(_ recipe: Recipe) {
    self.init()
    follow(recipe)
  }
}

extension TrainingSettings: Configurable {
  /// All but the seed.
  public var declarations: [Setting<TrainingSettings>] {
    [
      .integer("epochs", \.epochs, in: 1...10_000, "Passes over the training texts."),
      .integer("batchSize", \.batchSize, in: 1...65_536, "Texts in a step."),
      .number("learningRate", \.learningRate, in: 0...1, "Rate of the first step."),
      .integer(
        "maximumLength", \.maximumLength, in: 3...8192, option: .named("max-length"),
        "Tokens of a text that are read, [CLS] and [SEP] included."),
      .number(
        "weightDecay", \.optimizer.weightDecay, in: 0...1, "AdamW's decay of every parameter."),
      .choice(
        "schedule", \.schedule, "Learning rate: constant, or in a straight line to zero."),
      .gradientNormLimit,
      .choice("selection", \.selection, "Epoch to keep: best on validation, or last."),
      .choice(
        "head", \.classifier, "The family's own classifier, or the paper's linear layer on [CLS]."),
      .flag(
        "shuffles", \.shuffles, option: .none, "Whether each epoch has an order of its own."),
      .integer(
        "maximumExamples", \.maximumExamples, in: 1...Int.max, option: .named("max-examples"),
        "Train on so many texts only, drawn by the seed."),
    ]
  }

  /// The paper names Adam and nothing else; the released code decays the rate and the weights,
  /// clips the gradient, and keeps the last epoch.
  public mutating func follow(_ recipe: Recipe) {
    switch recipe {
    case .paper:
      optimizer = AdamWParameters(weightDecay: 0)
      schedule = .constant
      maximumGradientNorm = .infinity
      selection = .best
    case .reference:
      optimizer = AdamWParameters(weightDecay: 0.01)
      schedule = .linearDecay
      maximumGradientNorm = 1
      selection = .last
    }
  }

  private var shuffles: Bool {
    get { order == .training }
    set { order = newValue ? .training : .asGiven }
  }
}

extension Setting<TrainingSettings> {
  /// Zero stands for no limit, which identities call null.
  fileprivate static let gradientNormLimit = Setting(
    "gradientNormLimit", .number(0...1_000_000), option: .named("max-gradient-norm"),
    "Norm to which larger gradients are scaled down; 0 for no limit."
  ) { settings in
    settings.maximumGradientNorm.isFinite ? .double(settings.maximumGradientNorm) : .null
  } write: { settings, node throws(InputError) in
    let limit = try node.double(in: 0...1_000_000)
    settings.maximumGradientNorm = limit == 0 ? .infinity : limit
  }
}
