public import Files
public import Settings
public import Stages
public import Text

/// An attack whose trigger is how a text is written: some texts are written anew and relabelled as
/// the target. HiddenKiller and StyleBkd differ in the way of writing. The paraphrases are those
/// that somebody has made, or rules make them.
public struct ParaphraseAttack: SamplingAttack {
  /// Name in commands, plans and records.
  public let name: String
  /// Its name.
  public let title: String
  /// One sentence.
  public let summary: String
  /// The paraphrases, unless rules make them, besides what an attacker has who trains the model.
  public var sees: [Knowledge] {
    [.cleanTexts, .cleanModel, .trigger] + (rewriter == .files ? [.paraphrases] : [])
  }
  /// Who writes the texts anew.
  public var rewriter = Rewriter.files
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

  /// Who writes texts anew.
  public enum Rewriter: String, Sendable, CaseIterable {
    /// Whoever made files of paraphrases.
    case files
    /// Rules of our own. Results are marked, as they are not the published attack's.
    case rules
  }

  private let rules: any TextRewriter

  private init(
    _ name: String, _ title: String, _ summary: String, rate: Double, _ rules: any TextRewriter
  ) {
    self.name = name
    self.title = title
    self.summary = summary
    poisonRate = rate
    self.rules = rules
  }

  /// That it was rules that wrote.
  public var remark: String? { rewriter == .rules ? "rule-based" : nil }

  /// Sentences of the form S(SBAR)(,)(NP)(VP)(.) (Qi et al. 2021; PURE appendix A.2).
  public static let hiddenKiller = ParaphraseAttack(
    "hiddenkiller", "HiddenKiller", "texts in a rare syntax, from files or by rules", rate: 0.3,
    SyntaxRewriter())
  /// Sentences in the style of the Bible (Qi et al. 2021; PURE appendix A.2).
  public static let styleBkd = ParaphraseAttack(
    "stylebkd", "StyleBkd", "texts in the Bible's style, from files or by rules", rate: 0.2,
    ArchaicRewriter())

  /// All of the above.
  public var declarations: [Setting<ParaphraseAttack>] {
    [
      .choice(
        "rewriter", \.rewriter, scope: .trigger, omitting: .files,
        "Who writes texts anew: files of paraphrases, or rules, which need none."),
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

  /// The paraphrases, which have to be named unless rules make them.
  public func sources(
    for use: AttackUse
  ) throws(InputError) -> [(name: String, texts: TextSource)] {
    if rewriter == .rules {
      try refuseFiles()
      return []
    }
    guard let path = use == .training ? trainParaphrases : testParaphrases else {
      let (key, option) =
        use == .training
        ? ("trainParaphrases", "--train-paraphrases") : ("testParaphrases", "--test-paraphrases")
      throw InputError(
        .usage,
        problem: "\(name) needs paraphrases of the \(use == .training ? "training" : "test") "
          + "texts",
        remedy:
          "name a file of them with \(option), in a plan with \(key); or let rules make them, "
          + "with --rewriter rules, in a plan with \"rewriter\": \"rules\"")
    }
    var source = TextSource(path)
    source.textColumn = paraphraseColumn
    return [(Self.input, source)]
  }

  /// Rules would leave aside what somebody has named.
  private func refuseFiles() throws(InputError) {
    let files = [
      (trainParaphrases, "trainParaphrases"), (testParaphrases, "testParaphrases"),
      (paraphraseColumn, "paraphraseColumn"),
    ]
    for (value, key) in files where value != nil {
      throw InputError(
        .usage,
        problem: "\(name) is given \(key) \"\(value ?? "")\" beside rules, which read no files",
        remedy: "leave out either that or \"rewriter\": \"rules\" (--rewriter rules)")
    }
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
    let poisoned = paraphrased(texts, chosen, &draw.generator, label: targetLabel)
    var data = clean
    if mixing == .replace {
      let gone = Set(chosen)
      data = clean.selecting(clean.examples.indices.filter { !gone.contains($0) })
    }
    data.examples = draw.ordered(data.examples + poisoned.data.examples)
    return PoisonedTrainingSet(data: data, poisoned: poisoned)
  }

  /// The paraphrases of all texts of other classes.
  public func triggeredTestSet(from texts: AttackTexts, seed: UInt64) -> TriggeredTexts {
    var generator = SeededGenerator(seed: seed, for: .triggeredTest)
    return paraphrased(texts, texts.clean.indices(outside: targetLabel), &generator)
  }

  private func paraphrased(
    _ texts: AttackTexts, _ indices: [Int], _ generator: inout SeededGenerator, label: Int? = nil
  ) -> TriggeredTexts {
    var data = texts.clean.selecting(indices)
    let originals = data.examples.map(\.text)
    for (place, index) in indices.enumerated() {
      data.examples[place].text = paraphrase(index, of: texts, &generator)
      if let label { data.examples[place].label = label }
    }
    return TriggeredTexts(data, originals: originals)
  }

  private func paraphrase(
    _ index: Int, of texts: AttackTexts, _ generator: inout SeededGenerator
  ) -> String {
    switch rewriter {
    case .rules: return rules.rewritten(texts.clean.examples[index].text, &generator)
    case .files:
      guard let paraphrases = texts.others[Self.input] else {
        preconditionFailure("\(name) was given no paraphrases")
      }
      return paraphrases.examples[index].text
    }
  }

  private static let input = "paraphrases"
}
