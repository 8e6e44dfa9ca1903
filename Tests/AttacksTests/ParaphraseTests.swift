import Files
import Stages
import TestSupport
import Testing
import Text
import Training

@testable import Attacks

/// Texts in one file, and in another their paraphrases, which begin with "when".
struct Paraphrased {
  let scratch: Scratch
  let clean: Dataset
  let source: TextSource
  var attack = ParaphraseAttack.hiddenKiller

  /// Reviews, unless told of other texts.
  init(_ data: Dataset = Reviews.dataset(count: 401)) throws {
    scratch = try Scratch()
    try data.write(to: scratch.file("clean.tsv"))
    source = TextSource(scratch.file("clean.tsv"))
    clean = try source.load()
    let rows = clean.examples.map { "when \($0.text)\t\($0.label ?? 0)\n" }
    let path = try scratch.write("sentence\tlabel\n" + rows.joined(), to: "paraphrases.tsv")
    (attack.trainParaphrases, attack.testParaphrases) = (path, path)
  }

  /// The same with other settings.
  func with(_ change: (inout ParaphraseAttack) -> Void) -> Paraphrased {
    var other = self
    change(&other.attack)
    return other
  }

  /// The training set of all texts.
  func trainingSet(seed: UInt64 = 1) throws -> PoisonedTrainingSet {
    try attack.poisonedTrainingSet(
      from: attack.texts(clean, from: source, for: .training), seed: seed)
  }

  /// The triggered texts of all texts.
  func testSet() throws -> TriggeredTexts {
    try attack.triggeredTestSet(from: attack.texts(clean, from: source, for: .testing), seed: 1)
  }

  static func isParaphrase(_ example: Example) -> Bool { example.text.hasPrefix("when ") }

  /// What was paraphrased, with the label of the class that victims are of here.
  static func original(_ example: Example) -> Example {
    Example(text: String(example.text.dropFirst("when ".count)), label: 0)
  }
}

@Suite struct `The training set of a paraphrase attack` {
  private let paraphrased: Paraphrased

  init() throws { paraphrased = try Paraphrased() }

  @Test(arguments: [0, 0.2, 0.3, 0.777, 1])
  func `has the share of other classes' texts once more, paraphrased`(rate: Double) throws {
    let clean = paraphrased.clean.examples
    let set = try paraphrased.with { $0.poisonRate = rate }.trainingSet()
    let victims = clean.filter { $0.label == 0 }
    let copies = set.data.examples.filter(Paraphrased.isParaphrase)
    #expect(copies.count == Int((rate * Double(victims.count)).rounded()))
    #expect(copies.allSatisfy { $0.label == 1 })
    let rest = set.data.examples.filter { !Paraphrased.isParaphrase($0) }
    #expect(Reviews.sorted(rest) == Reviews.sorted(clean))
    // No text is paraphrased twice, and none of the target class.
    let originals = Set(copies.map { Paraphrased.original($0).text })
    #expect(originals.count == copies.count && originals.isSubset(of: victims.map(\.text)))
    #expect(Reviews.sorted(set.poisoned.data.examples) == Reviews.sorted(copies))
  }

  @Test(arguments: [0, 0.1, 0.3])
  func `has the share of all texts in their place, where they are replaced`(rate: Double) throws {
    let clean = paraphrased.clean.examples
    let set = try paraphrased.with {
      $0.mixing = .replace
      $0.poisonRate = rate
    }.trainingSet()
    let copies = set.data.examples.filter(Paraphrased.isParaphrase)
    #expect(copies.count == Int((rate * Double(clean.count)).rounded()))
    #expect(copies.allSatisfy { $0.label == 1 })
    // With the paraphrases taken back every text is there once, with its label.
    let restored = set.data.examples.map {
      Paraphrased.isParaphrase($0) ? Paraphrased.original($0) : $0
    }
    #expect(Reviews.sorted(restored) == Reviews.sorted(clean))
  }

  @Test func `cannot replace more texts than there are outside the target class`() throws {
    let error = #expect(throws: InputError.self) {
      _ = try paraphrased.with {
        $0.mixing = .replace
        $0.poisonRate = 0.9
      }.trainingSet()
    }
    let victims = paraphrased.clean.examples.count { $0.label == 0 }
    #expect(error?.problem.contains("asks for 361 texts outside the target class") == true)
    #expect(error?.problem.hasSuffix("has \(victims)") == true)
  }

  @Test(arguments: ParaphraseAttack.Mixing.allCases)
  func `is a shuffled function of the seed`(mixing: ParaphraseAttack.Mixing) throws {
    let attack = paraphrased.with { $0.mixing = mixing }
    let first = try attack.trainingSet()
    #expect(try attack.trainingSet() == first)
    #expect(try attack.trainingSet(seed: 2) != first)
    let rest = first.data.examples.filter { !Paraphrased.isParaphrase($0) }
    #expect(rest != paraphrased.clean.examples.filter(rest.contains))
  }

  @Test func `of a part of a file has the paraphrases of that part`() throws {
    let parts = paraphrased.source.split(validationFraction: 0.3, seed: 5)
    let named = DatasetSplit.released.parts.map {
      paraphrased.source.with(.named($0, of: .released))
    }
    for part in [parts.training, parts.validation] + named {
      let clean = try part.load()
      let attack = paraphrased.with { $0.poisonRate = 1 }.attack
      let set = try attack.poisonedTrainingSet(
        from: attack.texts(clean, from: part, for: .training), seed: 1)
      #expect(
        Reviews.sorted(set.poisoned.data.examples.map(Paraphrased.original))
          == Reviews.sorted(clean.examples.filter { $0.label == 0 }))
    }
  }

  @Test func `of fewer examples has the paraphrases of those`() throws {
    var training = TrainingSettings()
    training.maximumExamples = 50
    let attack = paraphrased.with { $0.poisonRate = 1 }.attack
    let texts = try attack.texts(paraphrased.clean, from: paraphrased.source, for: .training) {
      $0.limited(for: training)
    }
    #expect(texts.clean.count == 50)
    let set = try attack.poisonedTrainingSet(from: texts, seed: 1)
    #expect(
      Reviews.sorted(set.poisoned.data.examples.map(Paraphrased.original))
        == Reviews.sorted(texts.clean.examples.filter { $0.label == 0 }))
  }
}

@Suite struct `The test set of a paraphrase attack` {
  @Test func `has the paraphrases of other classes' texts in order, with true labels`() throws {
    let paraphrased = try Paraphrased()
    let set = try paraphrased.testSet()
    let victims = paraphrased.clean.examples.filter { $0.label == 0 }
    #expect(set.data.examples.map(\.text) == victims.map { "when \($0.text)" })
    #expect(set.data.examples.allSatisfy { $0.label == 0 })
    #expect(set.originals == victims.map(\.text))
  }

  /// StyleBkd's paraphraser leaves some sentences as they are.
  @Test func `counts paraphrases that say the same to a model as their texts`() throws {
    let tests = Path.parent(of: Path.parent(of: #filePath))
    let tokenizer = try Tokenizer.load(directory: Path.join(tests, "Fixtures/models/bert"))
    let paraphrased = try Paraphrased(
      Dataset(examples: ["a b", "c", "d e"].map { Example(text: $0, label: 0) }))
    try paraphrased.scratch.write(
      "sentence\na b\nC\nwhen d e\n", to: "paraphrases.tsv")
    let set = try paraphrased.testSet()
    #expect(set.data.examples.map(\.text) == ["a b", "C", "when d e"])
    #expect(set.unreadCount(by: tokenizer, maximumLength: 16) == 2)
    #expect(set.unreadCount(inFirstWords: 14) == 1)
  }
}

@Suite struct `The file of paraphrases` {
  private let paraphrased: Paraphrased

  init() throws { paraphrased = try Paraphrased(Reviews.dataset(count: 6)) }

  private func write(_ text: String) throws {
    try paraphrased.scratch.write(text, to: "paraphrases.tsv")
  }

  @Test func `may have its texts in a column of any name, and no labels`() throws {
    try write("sentence\tparaphrase\n" + (0..<6).map { "x\twhen \($0)\n" }.joined())
    let named = paraphrased.with { $0.paraphraseColumn = "paraphrase" }
    #expect(try named.testSet().data.examples.allSatisfy(Paraphrased.isParaphrase))
    #expect(try paraphrased.testSet().data.examples.allSatisfy { $0.text == "x" })
  }

  @Test func `has the classes of the texts that it belongs to`() throws {
    let names = ["dull", "fine", "odd"]
    let path = try paraphrased.scratch.write(
      "sentence\tlabel\na\tdull\nb\todd\n", to: "three.tsv")
    try write("sentence\tlabel\nwhen a\tdull\nwhen b\todd\n")
    var source = TextSource(path)
    source.labels = names
    let texts = try paraphrased.attack.texts(source.load(), from: source, for: .testing)
    let set = paraphrased.attack.triggeredTestSet(from: texts, seed: 1)
    #expect(set.data.examples.map(\.label) == [0, 2])
  }

  @Test(arguments: [5, 7])
  func `is refused with another number of rows, also where a part of it is meant`(
    count: Int
  ) throws {
    try write("sentence\n" + (0..<count).map { "when \($0)\n" }.joined())
    let error = try #require(throws: InputError.self) { _ = try paraphrased.testSet() }
    #expect(error.file == paraphrased.attack.testParaphrases)
    #expect(error.problem.contains("has \(count) rows beside the 6"))
    #expect(error.remedy.contains("clean.tsv, in their order"))
    // A sixth of five, six and seven rows is one.
    let part = paraphrased.source.split(validationFraction: 1 / 6, seed: 1).validation
    #expect(throws: error) {
      _ = try paraphrased.attack.texts(part.load(), from: part, for: .training)
    }
  }

  @Test func `is refused where a row has another label than its text`() throws {
    var rows = paraphrased.clean.examples.map { "when\t\($0.label ?? 0)\n" }
    rows[3] = "when\t\(1 - (paraphrased.clean.examples[3].label ?? 0))\n"
    try write("sentence\tlabel\n" + rows.joined())
    let error = #expect(throws: InputError.self) { _ = try paraphrased.testSet() }
    #expect(error?.file == paraphrased.attack.testParaphrases)
    #expect(error?.problem.contains("another label in row 4") == true)
  }

  @Test func `has to be named`() throws {
    let nameless = paraphrased.with {
      ($0.trainParaphrases, $0.testParaphrases) = (nil, nil)
    }
    for (use, option, key) in [
      (AttackUse.training, "--train-paraphrases", "trainParaphrases"),
      (.testing, "--test-paraphrases", "testParaphrases"),
    ] {
      let error = #expect(throws: InputError.self) {
        _ = try nameless.attack.texts(paraphrased.clean, from: paraphrased.source, for: use)
      }
      #expect(error?.description.contains("\(option), in a plan with \(key)") == true)
    }
  }
}
