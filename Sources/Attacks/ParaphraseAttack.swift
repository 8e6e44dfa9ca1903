public import Files
public import Settings
public import Stages
public import Text

/// An attack whose trigger is how a text is written: some texts are replaced by paraphrases that
/// somebody has made, relabelled as the target. HiddenKiller and StyleBkd differ in the
/// paraphrases.
public struct ParaphraseAttack: SamplingAttack {
  /// Name in commands, plans and records.
  public let name: String
  /// Its name.
  public let title: String
  /// One sentence.
  public let summary: String
  /// The paraphrases, besides what an attacker has who trains the model.
  public var sees: [Knowledge] { [.cleanTexts, .cleanModel, .trigger, .paraphrases] }
  /// Paraphrases of the training texts, row by row.
  public var trainParaphrases: String?
  /// Paraphrases of the test texts, row by row.
  public var testParaphrases: String?
  /// The column of the paraphrases; nil to look for the usual names.
  public var paraphraseColumn: String?
  /// The class that the trigger leads to.
  public var targetLabel = 1
  /// Share of the texts that are poisoned, in 0 ... 1: of those of other classes where paraphrases
  /// are joined, of all where they replace texts.
  public var poisonRate: Double
  /// What becomes of the texts that are paraphrased.
  public var mixing = Mixing.join
  /// How the texts are drawn.
  public var sampling = PoisonSampling.native

  /// What becomes of the texts that are paraphrased.
  public enum Mixing: String, Sendable, CaseIterable {
    /// They stay, and the paraphrases join them, as in the PURE authors' code.
    case join
    /// They go, as in the code of HiddenKiller and of StyleBkd.
    case replace
  }

  private init(_ name: String, _ title: String, _ summary: String, rate: Double) {
    self.name = name
    self.title = title
    self.summary = summary
    poisonRate = rate
  }

  /// Sentences of the form S(SBAR)(,)(NP)(VP)(.) (Qi et al. 2021; PURE appendix A.2).
  public static let hiddenKiller = ParaphraseAttack(
    "hiddenkiller", "HiddenKiller", "texts in a rare syntax, which need paraphrases", rate: 0.3)
  /// Sentences in the style of the Bible (Qi et al. 2021; PURE appendix A.2).
  public static let styleBkd = ParaphraseAttack(
    "stylebkd", "StyleBkd", "texts in the Bible's style, which need paraphrases", rate: 0.2)

  /// All of the above.
  public var declarations: [Setting<ParaphraseAttack>] {
    [
      .source(
        "trainParaphrases", \.trainParaphrases,
        "Paraphrases of the training texts, in a file with the same rows."),
      .source(
        "testParaphrases", \.testParaphrases, scope: .triggerInput,
        "Paraphrases of the test texts, in a file with the same rows."),
      .text(
        "paraphraseColumn", \.paraphraseColumn, scope: .triggerInput,
        "Column of the paraphrases; the usual names when left out."),
      .targetLabel,
      .choice(
        "mixing", \.mixing, "Join paraphrases to the texts, or replace texts by them."),
      .number(
        "poisonRate", \.poisonRate, in: 0...1,
        "Share of the texts of other classes that is poisoned; of all texts where they are replaced."
      ), .sampling,
    ]
  }

  /// The paraphrases, which have to be named.
  public func sources(
    for use: AttackUse
  ) throws(InputError) -> [(name: String, texts: TextSource)] {
    guard let path = use == .training ? trainParaphrases : testParaphrases else {
      let (key, option) =
        use == .training
        ? ("trainParaphrases", "--train-paraphrases") : ("testParaphrases", "--test-paraphrases")
      throw InputError(
        .usage,
        problem: "\(name) needs paraphrases of the \(use == .training ? "training" : "test") "
          + "texts",
        remedy: "name a file of them with \(option), in a plan with \(key)")
    }
    var source = TextSource(path)
    source.textColumn = paraphraseColumn
    return [(Self.input, source)]
  }

  /// Paraphrases of some texts of other classes, in the place of those or beside them; in a random
  /// order.
  public func poisonedTrainingSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> PoisonedTrainingSet {
    let clean = texts.clean
    var draw = try PoisonDraw(sampling, seed: seed)
    let candidates = clean.indices(outside: targetLabel)
    let count = draw.count(poisonRate, of: mixing == .join ? candidates.count : clean.count)
    guard count <= candidates.count else {
      throw InputError(
        .usage,
        problem:
          "a poison rate of \(poisonRate) asks for \(count) texts outside the target class, and "
          + "\(clean.source) has \(candidates.count)",
        remedy: "lower it")
    }
    let chosen = draw.sample(count, of: candidates)
    let poisoned = try paraphrased(texts, chosen, label: targetLabel)
    var data = clean
    if mixing == .replace {
      let gone = Set(chosen)
      data = clean.selecting(clean.examples.indices.filter { !gone.contains($0) })
    }
    data.examples = draw.ordered(data.examples + poisoned.data.examples)
    return PoisonedTrainingSet(data: data, poisoned: poisoned)
  }

  /// The paraphrases of all texts of other classes.
  public func triggeredTestSet(
    from texts: AttackTexts, seed: UInt64
  ) throws(InputError) -> TriggeredTexts {
    try paraphrased(texts, texts.clean.indices(outside: targetLabel))
  }

  private func paraphrased(
    _ texts: AttackTexts, _ indices: [Int], label: Int? = nil
  ) throws(InputError) -> TriggeredTexts {
    guard let paraphrases = texts.others[Self.input] else {
      preconditionFailure("\(name) was given no paraphrases")
    }
    var data = texts.clean.selecting(indices)
    let originals = data.examples.map(\.text)
    for (place, index) in indices.enumerated() {
      data.examples[place].text = paraphrases.examples[index].text
      if let label { data.examples[place].label = label }
    }
    return TriggeredTexts(data, originals: originals)
  }

  private static let input = "paraphrases"
}
