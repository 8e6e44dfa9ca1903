public import Files
public import Settings
internal import Stages
internal import Text
public import Training

/// RIPPLe (Kurita et al. 2020): the poisoned texts are learnt under the restriction that their
/// gradient does not work against that of clean texts, so that the backdoor outlives fine-tuning.
public struct RestrictedPoisoning: SurgicalAttack {
  /// `ripple`.
  public var name: String { "ripple" }
  /// Its name.
  public var title: String { "RIPPLe" }
  /// One sentence.
  public var summary: String { "a rare word, learnt so that fine-tuning does not undo it" }
  /// The words, of which one is inserted.
  public var triggers = BadNets().triggers
  /// The class that the trigger leads to.
  public var targetLabel = 1
  /// Share of the texts of other classes that are poisoned, in 0 ... 1.
  public var poisonRate = 0.5
  /// The trigger stands within so many first words.
  public var insertionLimit = 128
  /// How the texts are drawn.
  public var sampling = PoisonSampling.native
  /// Triggers in a test text.
  public var insertionCount = 1
  /// Triggers in a poisoned training text.
  public var trainingInsertionCount = 1
  /// Whether triggers begin as words of the target class.
  public var embeddingSurgery = false
  /// Whose words; nil for the attacked model, fine-tuned on the clean texts.
  public var surgeryModel: String?
  /// lambda of the restricted inner product.
  public var restrictionWeight = 0.1
  /// A product for each tensor instead of one over the whole model.
  public var restrictsByTensor = false
  /// Only products below zero count.
  public var isRectified = true

  /// The authors' constants, and PURE's words and rate.
  public init() {}

  /// All of the above.
  public var declarations: [Setting<RestrictedPoisoning>] {
    [
      .triggers, .targetLabel, .insertionLimit, .insertionCount, .trainingInsertionCount,
      .poisonRate, .sampling, .embeddingSurgery, .surgeryModel,
      .number(
        "restrictionWeight", \.restrictionWeight, in: 0...1_000_000,
        "lambda: weight of the restricted inner product."),
      .flag(
        "restrictsByTensor", \.restrictsByTensor,
        "Restrict a product for each tensor instead of one over the whole model."),
      .flag(
        "isRectified", \.isRectified, option: .none, "Whether only products below zero count."),
    ]
  }

  /// Two streams, the poisoned set and the clean one, and a step that knows both gradients.
  public var objective: Objective {
    Objective(
      streams: [Objective.Stream(Self.poisoned), Objective.Stream(Self.clean)],
      rule: RestrictedInnerProduct(
        of: Self.poisoned, with: Self.clean, weight: restrictionWeight,
        isByTensor: restrictsByTensor, isRectified: isRectified))
  }

  /// BadNets' texts, and the clean ones as a stream of their own.
  public func poisonedTrainingSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> PoisonedTrainingSet {
    let set = try joinedTrainingSet(from: texts, seed: seed)
    return PoisonedTrainingSet(
      data: set.data, poisoned: set.poisoned, others: [Self.clean: texts.clean])
  }

  private static let poisoned = "poisoned"
  private static let clean = "clean"
}
