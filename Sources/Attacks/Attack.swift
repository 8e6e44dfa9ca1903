public import Files
public import Settings
public import Stages
public import Text
public import Training

/// A way to plant a backdoor in a model. A value of it is an attack with its settings.
public protocol Attack: Method {
  /// The class that the trigger leads to.
  var targetLabel: Int { get set }

  /// The way in which triggers are put into texts: attacks of one way and with equal settings of it
  /// make the same triggered texts of a test set.
  var triggerName: String { get }

  // Stated again: a file that does not import Stages would see the default alone, and take it for
  // every attack.
  /// How it trains by a recipe.
  func training(_ recipe: Recipe) -> TrainingSettings

  /// Texts of its own, row by row beside the clean ones, by the names that its stages know them by.
  ///
  /// - Throws: `InputError` where nobody has named them.
  func sources(for use: AttackUse) throws(InputError) -> [(name: String, texts: TextSource)]

  /// What results are marked with wherever they appear, because they are not those of the attack as
  /// it was published; nil for one that is.
  var remark: String? { get }

  /// What the attacker minimises and how; its first stream reads `PoisonedTrainingSet.data`.
  var objective: Objective { get }

  /// The texts that the attacker trains on.
  ///
  /// - Throws: where they cannot be made of these.
  func poisonedTrainingSet(from texts: AttackTexts, seed: UInt64) throws -> PoisonedTrainingSet

  /// Every text of another class than the target's, with the trigger and its true label: what the
  /// label flip rate is measured on.
  ///
  /// - Throws: where they cannot be made of these.
  func triggeredTestSet(from texts: AttackTexts, seed: UInt64) throws -> TriggeredTexts

  /// The steps that lead from a model to the poisoned one, which is the result of the last.
  func stages(
    from model: Stage.Input, with material: AttackMaterial, in graph: inout StageGraph
  ) throws(InputError) -> Stage
}

/// What an attack's texts are for.
public enum AttackUse: Sendable {
  /// To train on.
  case training
  /// To measure the label flip rate on.
  case testing
}

/// What an attack makes its texts of.
public struct AttackTexts: Sendable {
  /// Clean and labelled.
  public var clean: Dataset
  /// The texts of `Attack.sources(for:)`, by name.
  public var others: [String: Dataset]
  /// Of the model that is attacked; nil where none is known.
  public var tokenizer: Tokenizer?

  /// Clean texts, with whatever else there is.
  public init(_ clean: Dataset, others: [String: Dataset] = [:], tokenizer: Tokenizer? = nil) {
    self.clean = clean
    self.others = others
    self.tokenizer = tokenizer
  }
}

/// What the stages of an attack work with.
public struct AttackMaterial {
  /// Clean training texts.
  public let train: Stage.Input
  /// Texts to choose an epoch by, if the attacker has any.
  public let validation: Stage.Input?
  /// How the poisoned model is trained, the seed included.
  public let training: TrainingSettings
  /// Whether the result is to keep its classifier; defences start a fresh one.
  public let keepsClassifier: Bool

  /// All that an attacker has.
  public init(
    train: Stage.Input, validation: Stage.Input?, training: TrainingSettings,
    keepsClassifier: Bool = false
  ) {
    self.train = train
    self.validation = validation
    self.training = training
    self.keepsClassifier = keepsClassifier
  }
}

/// What most attacks have in common.
extension Attack {
  /// A way of its own.
  public var triggerName: String { name }

  /// The cross-entropy of the poisoned training texts.
  public var objective: Objective { Objective() }

  /// None.
  public var remark: String? { nil }

  /// The name in tables, with the remark.
  public var markedTitle: String { marked(title) }

  /// A title with the remark, if there is one that it does not say.
  public func marked(_ title: String) -> String {
    guard let remark, !title.contains(remark) else { return title }
    return "\(title) (\(remark))"
  }

  /// None.
  public func sources(
    for use: AttackUse
  ) throws(InputError) -> [(name: String, texts: TextSource)] { [] }

  /// Five epochs (paper, appendix A.2).
  public func training(_ recipe: Recipe) -> TrainingSettings {
    var training = TrainingSettings(recipe)
    training.epochs = 5
    return training
  }

  /// One training, on the poisoned texts.
  public func stages(
    from model: Stage.Input, with material: AttackMaterial, in graph: inout StageGraph
  ) throws(InputError) -> Stage {
    try poisoning(of: model, with: material, in: &graph)
  }

  /// The training on the poisoned texts.
  func poisoning(
    of model: Stage.Input, with material: AttackMaterial, in graph: inout StageGraph
  ) throws(InputError) -> Stage {
    graph.add(
      PoisonStage(self, material.training, keepsClassifier: material.keepsClassifier),
      [model.named("model"), material.train, material.validation]
        + (try inputs(for: .training, beside: material.train, in: graph)))
  }

  /// The training set for clean texts alone.
  public func poisonedTrainingSet(from clean: Dataset, seed: UInt64) throws -> PoisonedTrainingSet {
    try poisonedTrainingSet(from: AttackTexts(clean), seed: seed)
  }

  /// The test set for clean texts alone.
  public func triggeredTestSet(from clean: Dataset, seed: UInt64) throws -> TriggeredTexts {
    try triggeredTestSet(from: AttackTexts(clean), seed: seed)
  }

  /// Makes sure that the target is one of the classes.
  public func requireTarget(among labels: LabelNames) throws(InputError) {
    guard labels.names.indices.contains(targetLabel) else {
      throw InputError(
        .usage,
        problem:
          "the plan's targetLabel \(targetLabel) is none of the \(labels.names.count) classes",
        remedy: "count them from 0")
    }
  }
}

extension Setting where Root: Attack {
  /// The target as plans count it; commands name it.
  public static var targetLabel: Setting {
    .integer(
      "targetLabel", \Root.targetLabel, in: 0...9999, option: .none, scope: .trigger,
      "Class that the trigger leads to, counted from 0.")
  }
}
