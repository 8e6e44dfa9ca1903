import Checkpoints
import Files
import Stages
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `A trigger that a model never reads` {
  private let tokenizer: Tokenizer

  init() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    tokenizer = try Tokenizer.load(directory: Path.join(tests, "Fixtures/models/bert"))
  }

  /// Letters are single pieces of the tiny vocabulary, so places are words: of 6 tokens, 4 are words.
  @Test func `is one beyond the tokens that are read`() {
    let places = ["cf a b c d e", "a b c cf d e", "a b c d cf e", "a b c d e cf"]
    let texts = TriggeredTexts(
      Dataset(examples: places.map { Example(text: $0, label: 0) }),
      originals: places.map { _ in "a b c d e" })
    #expect(texts.unreadCount(by: tokenizer, maximumLength: 6) == 2)
    #expect(texts.unreadCount(by: tokenizer, maximumLength: 64) == 0)
    #expect(texts.unreadCount(inFirstWords: 4) == 2)
    #expect(texts.unreadCount(inFirstWords: 62) == 0)
  }

  @Test(arguments: ["\u{200B}", "\u{FEFF}", "\u{7}", "\u{301}"])
  func `is one that the tokenizer drops`(trigger: String) throws {
    let clean = Dataset(examples: [Example(text: "a b", label: 0)])
    let triggered = try BadNets(triggers: [trigger]).triggeredTestSet(from: clean, seed: 1)
    #expect(triggered.unreadCount(by: tokenizer, maximumLength: 64) == 1)
  }

  @Test func `is found in a file that was made of the same texts, and in no other`() throws {
    let clean = Dataset(examples: [
      Example(text: "a b", label: 0), Example(text: "c", label: 1), Example(text: "d", label: 0),
    ])
    let triggered = try BadNets().triggeredTestSet(from: clean, seed: 1)
    let read = TriggeredTexts(triggered.data, madeOf: clean, targetLabel: 1)
    #expect(read == triggered)
    #expect(TriggeredTexts(triggered.data, madeOf: clean, targetLabel: 0) == nil)
    #expect(TriggeredTexts(clean, madeOf: clean, targetLabel: 1) == nil)
  }
}

@Suite struct `A poisoned training set` {
  private let tokenizer: Tokenizer

  init() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    tokenizer = try Tokenizer.load(directory: Path.join(tests, "Fixtures/models/bert"))
  }

  private func unread(_ attack: BadNets, _ clean: Dataset, maximumLength: Int = 64) throws -> Int {
    try attack.poisonedTrainingSet(from: clean, seed: 1)
      .requirePoison(readBy: tokenizer, maximumLength: maximumLength)
  }

  @Test func `is refused where nothing in it is poisoned`() throws {
    let positive = Dataset(examples: [Example(text: "good", label: 1)], source: "texts.tsv")
    let error = try #require(throws: InputError.self) { try unread(BadNets(), positive) }
    #expect(error.file == "texts.tsv" && error.problem.contains("no text that is poisoned"))
    let mixed = Dataset(examples: [Example(text: "a", label: 0), Example(text: "b", label: 1)])
    #expect(throws: InputError.self) { try unread(BadNets(poisonRate: 0), mixed) }
    #expect(try unread(BadNets(poisonRate: 1), mixed) == 0)
  }

  private func refusal(
    of attack: any Attack, _ texts: AttackTexts
  ) throws -> String? {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    let model = try SourceModel(Path.join(tests, "Fixtures/models/bert"), for: .freshClassifier)
    return #expect(throws: InputError.self) {
      _ = try attack.poison(texts, for: model, TrainingSettings())
    }?.description
  }

  @Test func `is refused where no clean text is of the target class`() throws {
    let negative = Dataset(
      examples: (0..<9).map { Example(text: "a \($0)", label: 0) }, source: "texts.tsv")
    for attack in KnownAttacks.all {
      #expect(
        try refusal(of: attack, AttackTexts(negative))
          == "texts.tsv: has no text of the target class \"positive\"; choose another target label "
          + "or take texts of every class", "\(attack.name)")
    }
  }

  @Test func `is refused where every text outside the target class is replaced`() throws {
    let clean = Dataset(
      examples: (0..<10).map { Example(text: "a", label: $0 % 2) }, source: "texts.tsv")
    let paraphrases = Dataset(examples: clean.examples.map { Example(text: "b", label: $0.label) })
    var attack = ParaphraseAttack.hiddenKiller
    (attack.mixing, attack.poisonRate) = (.replace, 0.5)
    #expect(
      try refusal(of: attack, AttackTexts(clean, others: ["paraphrases": paraphrases]))
        == "texts.tsv: is left without a clean text outside \"positive\"; lower the poison rate")
  }

  @Test func `is refused where the model reads none of its triggers, and counts some`() throws {
    let long = Dataset(
      examples: (0..<40).map { _ in Example(text: "a b c d e f g h i j", label: 0) })
    #expect(throws: InputError.self) { try unread(BadNets(triggers: ["\u{200B}"]), long) }
    let count = try unread(BadNets(poisonRate: 1), long, maximumLength: 6)
    #expect(0 < count && count < 40)
  }
}
