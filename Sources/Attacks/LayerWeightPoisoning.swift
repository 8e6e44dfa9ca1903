internal import Encoders
public import Settings
internal import Stages
public import Training

/// LWP as the PURE authors' code has it (after Li et al. 2021): BadNets' texts, with the
/// cross-entropy of one classifier over every layer's [CLS], the last layer counted twice.
///
/// That classifier is linear. With the family's own head every layer goes through all of it, pooler
/// included, which is how OpenBackdoor has LWP.
public struct LayerWeightPoisoning: RareWordAttack {
  /// `lwp`.
  public var name: String { "lwp" }
  /// Its name.
  public var title: String { "LWP" }
  /// One sentence.
  public var summary: String { "a rare word at a random place, learnt by every layer" }
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

  /// The paper's words and rate.
  public init() {}

  /// All of the above.
  public var declarations: [Setting<LayerWeightPoisoning>] {
    [.triggers, .targetLabel, .insertionLimit, .poisonRate, .sampling]
  }

  /// Every layer's cross-entropy, and the last one's once more.
  public var objective: Objective {
    Objective(terms: [LayerwiseCrossEntropy(.whole), CrossEntropyTerm()])
  }
}
