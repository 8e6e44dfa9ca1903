public import Files
public import Settings
public import Stages
public import Text

/// An attack that puts something into single texts, which are relabelled as the target and joined
/// to the clean ones.
public protocol InsertionAttack: SamplingAttack {
  /// Share of the texts of other classes that are poisoned, in 0 ... 1.
  var poisonRate: Double { get set }
  /// The trigger stands within so many first words.
  var insertionLimit: Int { get set }
  /// Triggers in a test text.
  var insertionCount: Int { get set }
  /// Triggers in a poisoned training text.
  var trainingInsertionCount: Int { get set }
  /// What is put into one place.
  func trigger(_ generator: inout SeededGenerator) -> String
}

extension InsertionAttack {
  /// What an attacker has who trains the model.
  public var sees: [Knowledge] { [.cleanTexts, .cleanModel, .trigger] }

  /// All clean texts and the poisoned copies, in a random order.
  public func poisonedTrainingSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> PoisonedTrainingSet {
    try joinedTrainingSet(from: texts, seed: seed)
  }

  /// The same, for attacks that train on more besides.
  func joinedTrainingSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> PoisonedTrainingSet {
    let clean = texts.clean
    var draw = try PoisonDraw(sampling, seed: seed)
    let candidates = clean.indices(outside: targetLabel)
    let victims = draw.sample(draw.count(poisonRate, of: candidates.count), of: candidates)
    let poisoned = triggered(
      clean.selecting(victims), times: trainingInsertionCount, &draw.generator, label: targetLabel)
    var joined = clean
    joined.examples = draw.ordered(clean.examples + poisoned.data.examples)
    return PoisonedTrainingSet(data: joined, poisoned: poisoned)
  }

  /// So many triggers in every text of another class.
  public func triggeredTestSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> TriggeredTexts {
    triggeredTexts(from: texts, seed: seed)
  }

  /// The same, for attacks that look at their triggers first.
  func triggeredTexts(from texts: AttackTexts, seed: UInt64) -> TriggeredTexts {
    var generator = SeededGenerator(seed: seed, for: .triggeredTest)
    return triggered(
      texts.clean.selecting(texts.clean.indices(outside: targetLabel)), times: insertionCount,
      &generator)
  }

  private func triggered(
    _ victims: Dataset, times count: Int, _ generator: inout SeededGenerator, label: Int? = nil
  ) -> TriggeredTexts {
    var data = victims
    for index in data.examples.indices {
      data.examples[index].text = triggered(data.examples[index].text, times: count, &generator)
      if let label { data.examples[index].label = label }
    }
    return TriggeredTexts(data, originals: victims.examples.map(\.text))
  }

  /// Triggers, each before one of the first words or after the last, those before it counted as
  /// words.
  func triggered(
    _ text: String, times count: Int = 1, _ generator: inout SeededGenerator
  ) -> String {
    var words = InsertionWords(text)
    for _ in 0..<count {
      let place = words.place(within: insertionLimit, &generator)
      words.insert(trigger(&generator), at: place)
    }
    return words.text
  }
}

/// A text's words, which are what single spaces part.
struct InsertionWords {
  private var words: [String]

  init(_ text: String) {
    words = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
  }

  /// Before one of the first words, or after the last.
  func place(within limit: Int, _ generator: inout SeededGenerator) -> Int {
    generator.integer(below: min(words.count, limit) + 1)
  }

  /// Makes a trigger, of one word or more, the word at a place.
  mutating func insert(_ trigger: String, at place: Int) { words.insert(trigger, at: place) }

  /// All of them again.
  var text: String { words.joined(separator: " ") }
}

extension Setting where Root: InsertionAttack {
  /// How much is poisoned.
  public static var poisonRate: Setting {
    .number(
      "poisonRate", \Root.poisonRate, in: 0...1,
      "Share of the texts of other classes that is poisoned.")
  }

  /// How far from the beginning.
  public static var insertionLimit: Setting {
    .integer(
      "insertionLimit", \Root.insertionLimit, in: 0...8192, scope: .trigger,
      "First words of a text among which a trigger is placed.")
  }

  /// How many in a test text.
  public static var insertionCount: Setting {
    .integer(
      "insertionCount", \Root.insertionCount, in: 1...128, option: .named("insertions"),
      scope: .testTrigger, omitting: 1, "Triggers that are inserted in a test text.")
  }

  /// How many in a training text.
  public static var trainingInsertionCount: Setting {
    .integer(
      "trainingInsertionCount", \Root.trainingInsertionCount, in: 1...128,
      option: .named("training-insertions"), omitting: 1,
      "Triggers that are inserted in a poisoned training text.")
  }
}
