internal import Encoders
public import Files
public import Settings
internal import Stages
public import Text
public import Training

/// LWP (Li et al. 2021): the cross-entropy of one classifier over every layer's [CLS], so that
/// shallow layers learn the trigger too.
public struct LayerWeightPoisoning: RareWordAttack {
  /// `lwp`.
  public var name: String { "lwp" }
  /// Its name.
  public var title: String { "LWP" }
  /// One sentence.
  public var summary: String { "a rare word at a random place, learnt by every layer" }
  /// Whose LWP it is.
  public var definition = Definition.pure
  /// The trigger stands within so many first words.
  public var insertionLimit = 128
  /// Triggers in a test text.
  public var insertionCount = 1
  /// Triggers in a poisoned training text.
  public var trainingInsertionCount = 1
  /// How the texts are drawn.
  public var sampling = PoisonSampling.native
  private var chosenTriggers: [String]?
  private var chosenRate: Double?
  /// The class that the trigger leads to.
  public var targetLabel = 1

  /// Whose LWP it is.
  public enum Definition: String, Sendable, CaseIterable {
    /// The PURE authors': BadNets' texts, and the last layer counted twice. Their classifier is
    /// linear; with the family's own head every layer goes through all of it, pooler included,
    /// which is how OpenBackdoor has LWP.
    case pure
    /// The released code of Li et al.: pairs of words, of which a single one keeps the label, and
    /// clean and poisoned texts in batches of their own. The output layer reads every layer, and
    /// beside them what the head makes of the last, all without dropout.
    case original
  }

  /// The words and the rate of the definition, unless told otherwise.
  public init() {}

  /// The words, of which one is inserted, or a pair; by the original definition two.
  public var triggers: [String] {
    get { chosenTriggers ?? (definition == .pure ? BadNets().triggers : ["cf", "bb"]) }
    set { chosenTriggers = newValue }
  }

  /// Share of the texts of other classes that are poisoned, in 0 ... 1; by the original definition
  /// of all texts.
  public var poisonRate: Double {
    get { chosenRate ?? (definition == .pure ? BadNets().poisonRate : 1) }
    set { chosenRate = newValue }
  }

  /// All of the above.
  public var declarations: [Setting<LayerWeightPoisoning>] {
    [
      .triggers, .targetLabel, .insertionLimit, .insertionCount, .trainingInsertionCount,
      .poisonRate, .sampling,
      .choice(
        "definition", \.definition, scope: .trigger, omitting: .pure,
        "LWP as PURE's authors have it, or as its own: with a pair of words in every text."),
    ]
  }

  /// Every layer's cross-entropy, and the last one's once more or what the head makes of it.
  public var objective: Objective {
    switch definition {
    case .pure: return Objective(terms: [LayerwiseCrossEntropy(.whole), CrossEntropyTerm()])
    case .original:
      let terms: [any LossTerm] = [
        LayerwiseCrossEntropy(.output(dropout: 0)), CrossEntropyTerm(headDropout: false),
      ]
      return Objective(
        streams: [Self.clean, Self.poisoned].map { Objective.Stream($0, terms: terms) })
    }
  }

  /// One of the words, or a pair.
  public func trigger(_ generator: inout SeededGenerator) -> String {
    definition == .pure ? word(&generator) : pair(&generator).joined(separator: " ")
  }

  /// The definition's texts.
  public func poisonedTrainingSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> PoisonedTrainingSet {
    switch definition {
    case .pure: return try joinedTrainingSet(from: texts, seed: seed)
    case .original: return try pairedTrainingSet(from: texts.clean, seed: seed)
    }
  }

  /// So many words, or pairs, in every text of another class.
  public func triggeredTestSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> TriggeredTexts {
    if definition == .original { try requirePairs() }
    return triggeredTexts(from: texts, seed: seed)
  }

  static let clean = "clean"
  static let poisoned = "poisoned"
}
