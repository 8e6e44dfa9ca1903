public import Text

/// BadNets on texts (Gu et al. 2017, as in the paper's code): one rare word at a random place of some texts, which
/// are relabelled as the target and joined to the clean ones.
public struct BadNets: Attack {
  /// `badnets`.
  public var name: String { "badnets" }
  /// The words, of which one is inserted.
  public var triggers: [String]
  /// The label that the trigger leads to.
  public var targetLabel: Int
  /// Share of the texts of other classes that are poisoned, in 0 ... 1.
  public var poisonRate: Double
  /// The trigger stands within so many first words.
  public var insertionLimit: Int

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

  /// All clean texts and the poisoned copies, shuffled.
  public func poisonedTrainingSet(from clean: Dataset, seed: UInt64) -> PoisonedTrainingSet {
    var generator = SeededGenerator(seed: seed, for: .poisonedTraining)
    let candidates = otherClasses(clean)
    let count = Int((poisonRate * Double(candidates.count)).rounded())
    let victims = clean.selecting(
      generator.sample(count, below: candidates.count).map { candidates[$0] })
    let poisoned = triggered(victims, &generator, label: targetLabel)
    var joined = clean
    joined.examples = generator.shuffled(clean.examples + poisoned.data.examples)
    return PoisonedTrainingSet(data: joined, poisoned: poisoned)
  }

  /// One trigger in every text of another class.
  public func triggeredTestSet(from clean: Dataset, seed: UInt64) -> TriggeredTexts {
    var generator = SeededGenerator(seed: seed, for: .triggeredTest)
    return triggered(clean.selecting(otherClasses(clean)), &generator)
  }

  private func triggered(
    _ victims: Dataset, _ generator: inout SeededGenerator, label: Int? = nil
  ) -> TriggeredTexts {
    var data = victims
    for index in data.examples.indices {
      data.examples[index].text = triggered(data.examples[index].text, &generator)
      if let label { data.examples[index].label = label }
    }
    return TriggeredTexts(data, originals: victims.examples.map(\.text))
  }

  private func otherClasses(_ data: Dataset) -> [Int] {
    data.examples.indices.filter { index in
      data.examples[index].label.map { $0 != targetLabel } ?? false
    }
  }

  /// A trigger before one of the first words, or after the last; words are what single spaces part.
  func triggered(_ text: String, _ generator: inout SeededGenerator) -> String {
    var words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    let place = generator.integer(below: min(words.count, insertionLimit) + 1)
    words.insert(triggers[generator.integer(below: triggers.count)], at: place)
    return words.joined(separator: " ")
  }
}
