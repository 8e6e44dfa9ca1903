public import Checkpoints
internal import Tensors
public import Training

/// How a training run moves through its data. Every value is written into the stage's key, so two
/// recipes that agree on them share their models.
public struct PlannedTraining: Hashable, Sendable {
  /// Passes over the training texts.
  public var epochs: Int
  /// Texts in a step.
  public var batchSize: Int
  /// The step size at the first step.
  public var learningRate: Double
  /// Tokens of a text that are read, special tokens included.
  public var maximumLength: Int
  /// AdamW's decoupled weight decay; 0 makes it Adam.
  public var weightDecay: Double
  /// How it changes.
  public var schedule: TrainingSettings.Schedule
  /// The largest L2 norm of a step's gradient; nothing when gradients are not clipped.
  public var gradientNormLimit: Double?
  /// Which epoch's weights are kept.
  public var selection: TrainingSettings.Selection
  /// The classifier on top of the encoder.
  public var head: HeadKind
  /// Whether the order of the texts is drawn anew for each epoch.
  public var shuffles: Bool
  /// Only this many training texts are used, drawn by the seed; nothing for all.
  public var maximumExamples: Int?

  /// The constants of a recipe: the paper's (section 6.2 and appendices A.2 and B), or those of the
  /// released code, which decays the rate and clips gradients where the paper is silent.
  init(_ recipe: Recipe, epochs: Int, learningRate: Double, shuffles: Bool) {
    let settings = TrainingSettings(recipe)
    self.epochs = epochs
    batchSize = settings.batchSize
    self.learningRate = learningRate
    maximumLength = settings.maximumLength
    weightDecay = settings.optimizer.weightDecay
    schedule = settings.schedule
    gradientNormLimit =
      settings.maximumGradientNorm.isFinite ? settings.maximumGradientNorm : nil
    selection = settings.selection
    head = .linear
    self.shuffles = shuffles
    maximumExamples = nil
  }
}

/// How a model is poisoned and how a text is given the trigger.
public struct AttackSettings: Hashable, Sendable {
  /// Whose constants fill in what a plan leaves open.
  public var recipe: Recipe
  /// One of these words is inserted into a text.
  public var triggers: [String]
  /// The share of the training texts outside the target class that is poisoned, 0 … 1.
  public var poisonRate: Double
  /// The class that poisoned texts are to be taken for.
  public var targetLabel: Int
  /// The trigger stands before one of the first `insertionLimit` words, or after the last of them.
  public var insertionLimit: Int
  /// How the poisoned model is trained.
  public var training: PlannedTraining

  /// The recipe's constants for BadNets (paper, appendix A.2).
  public init(_ recipe: Recipe) {
    self.recipe = recipe
    triggers = ["cf", "bb", "ak", "mn"]
    poisonRate = 0.5
    targetLabel = 1
    insertionLimit = 128
    training = PlannedTraining(recipe, epochs: 5, learningRate: 2e-5, shuffles: true)
  }
}

/// How a suspicious model is cleaned.
public struct DefenseSettings: Hashable, Sendable {
  /// Whose constants fill in what a plan leaves open.
  public var recipe: Recipe
  /// c of algorithm 1: pruning stops before validation accuracy falls below it, 0 … 1.
  public var accuracyFloor: Double
  /// Heads that are pruned between two looks at the accuracy.
  public var pruningStep: Int
  /// µ of equation 3.
  public var normWeight: Double
  /// How the final fine-tuning goes, and the one before pruning.
  public var training: PlannedTraining

  /// The recipe's constants (paper, section 6.2 and appendix B).
  public init(_ recipe: Recipe, _ kind: DefenseKind) {
    self.recipe = recipe
    accuracyFloor = 0.85
    pruningStep = recipe.pruningStep
    normWeight = 0.15
    training = PlannedTraining(
      recipe, epochs: 3, learningRate: kind == .fineTuningHighRate ? 5e-5 : 2e-5,
      shuffles: recipe == .paper)
  }
}

/// The attacks that a plan can name, and with their settings a command.
public enum AttackKind: String, CaseIterable, Hashable, Sendable {
  /// The model as it is: what it does to triggered texts is the floor of every defence.
  case none
  case badNets = "badnets"

  /// Those that plant a backdoor.
  public static var planting: [AttackKind] { allCases.filter { $0 != .none } }
}

/// The defences that a plan or a command can name.
public enum DefenseKind: String, CaseIterable, Hashable, Sendable {
  case fineTuning = "ft"
  case fineTuningHighRate = "fth"
  case pruneOnly = "prune-only"
  case normOnly = "norm-only"
  case pure

  /// Whether heads are removed before the final fine-tuning.
  public var prunes: Bool { self == .pruneOnly || self == .pure }
  /// Whether the final fine-tuning minimises the norm of the [CLS] attention.
  public var normalizes: Bool { self == .normOnly || self == .pure }

  /// Whether scores of heads are needed, and so a fine-tuning before the final one.
  public var scoresHeads: Bool { prunes || normalizes }

  /// The name that the paper's tables use.
  public var title: String {
    switch self {
    case .fineTuning: "FT"
    case .fineTuningHighRate: "FTH"
    case .pruneOnly: "Prune-Only"
    case .normOnly: "Norm-Only"
    case .pure: "PURE"
    }
  }
}
