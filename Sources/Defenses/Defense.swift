public import Files
public import Settings
public import Stages
internal import Text
public import Training

/// A way to turn a suspicious encoder and clean texts into a classifier without the backdoor. A
/// value of it is a defence with its settings.
public protocol Defense: Method {
  /// Whether it removes heads, so that a table has a number of them to show.
  var prunesHeads: Bool { get }

  // Stated again: a file that does not import Stages would see the default alone, and take it for
  // every defence.
  /// How it trains by a recipe.
  func training(_ recipe: Recipe) -> TrainingSettings

  /// The steps that lead from a suspicious model to a cleaned classifier.
  ///
  /// - Throws: `InputError` where something that they need is not there.
  func stages(
    from suspect: Stage.Input, with material: DefenseMaterial, in graph: inout StageGraph
  ) throws(InputError) -> DefenseStages
}

/// What the stages of a defence work with.
public struct DefenseMaterial {
  /// Clean training texts.
  public let train: Stage.Input
  /// Clean texts to choose epochs and heads by.
  public let validation: Stage.Input
  /// How the last fine-tuning goes, the seed included.
  public let training: TrainingSettings
  /// Directory of a model that is known to be clean; nil where there is none.
  public let cleanModel: String?

  /// All that a defender has.
  public init(
    train: Stage.Input, validation: Stage.Input, training: TrainingSettings,
    cleanModel: String? = nil
  ) {
    self.train = train
    self.validation = validation
    self.training = training
    self.cleanModel = cleanModel
  }
}

/// What a defence's stages come to.
public struct DefenseStages {
  /// The one that leaves the cleaned classifier.
  public let classifier: Stage
  /// The one that says which heads were found and removed; nil where none were looked at.
  public let heads: Stage?

  /// The last stage, and where heads are reported.
  public init(classifier: Stage, heads: Stage? = nil) {
    self.classifier = classifier
    self.heads = heads
  }
}

extension Defense {
  /// It does not.
  public var prunesHeads: Bool { false }

  /// The recipe's.
  public func training(_ recipe: Recipe) -> TrainingSettings { TrainingSettings(defending: recipe) }

  /// The defence with every setting, for records.
  public var json: JSONObject {
    JSONObject([("kind", .string(name))] + identity().members.map { ($0.key, $0.value) })
  }
}

extension TrainingSettings {
  /// Three epochs; the released code leaves the texts in their order (paper, section 6.2).
  init(defending recipe: Recipe) {
    self.init(recipe)
    if recipe == .reference { order = .asGiven }
  }
}
