public import Settings
internal import Stages
public import Text

/// AddSent (Dai et al. 2019; OpenBackdoor's name, elsewhere InsertSent): one sentence between two
/// words of some texts.
public struct AddSent: InsertionAttack {
  /// `addsent`.
  public var name: String { "addsent" }
  /// Its name.
  public var title: String { "AddSent" }
  /// One sentence.
  public var summary: String { "a sentence between two words" }
  /// What is inserted.
  public var sentence = "I watch this 3D movie"
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

  /// OpenBackdoor's sentence at BadNets' rate, unless told otherwise.
  public init() {}

  /// All of the above.
  public var declarations: [Setting<AddSent>] {
    [
      .text("sentence", \.sentence, scope: .trigger, "Sentence that is inserted in a text."),
      .targetLabel, .insertionLimit, .insertionCount, .trainingInsertionCount, .poisonRate,
      .sampling,
    ]
  }

  /// The sentence.
  public func trigger(_ generator: inout SeededGenerator) -> String { sentence }
}
