public import Settings
internal import Stages

/// BadNets on texts (Gu et al. 2017, as in the paper's code): one rare word at a random place of
/// some texts.
public struct BadNets: SurgicalAttack {
  /// `badnets`.
  public var name: String { "badnets" }
  /// Its name.
  public var title: String { "BadNets" }
  /// One sentence.
  public var summary: String { "a rare word at a random place" }
  /// The words, of which one is inserted.
  public var triggers: [String]
  /// The class that the trigger leads to.
  public var targetLabel: Int
  /// Share of the texts of other classes that are poisoned, in 0 ... 1.
  public var poisonRate: Double
  /// The trigger stands within so many first words.
  public var insertionLimit: Int
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

  /// The paper's attack, unless told otherwise.
  public init(
    triggers: [String] = ["cf", "bb", "ak", "mn"], targetLabel: Int = 1,
    poisonRate: Double = 0.5, insertionLimit: Int = 128
  ) {
    precondition(!triggers.isEmpty, "BadNets needs a trigger word")
    precondition((0...1).contains(poisonRate), "a poison rate of \(poisonRate) is not a share")
    self.triggers = triggers
    self.targetLabel = targetLabel
    self.poisonRate = poisonRate
    self.insertionLimit = insertionLimit
  }

  /// All of the above.
  public var declarations: [Setting<BadNets>] {
    [
      .triggers, .targetLabel, .insertionLimit, .insertionCount, .trainingInsertionCount,
      .poisonRate, .sampling, .embeddingSurgery, .surgeryModel,
    ]
  }
}
