public import Files
internal import Settings
public import Stages
public import Text

extension Attack {
  /// The attack with every setting that training depends on, for keys.
  public var json: JSONObject { json(trigger: identity(.trigger)) }

  /// The attack with every setting, for records.
  public var fullJSON: JSONObject { json(trigger: testTrigger) }

  /// What the triggers of test texts depend on.
  public var testTrigger: JSONObject {
    JSONObject(
      (identity(.trigger).members + identity(.testTrigger).members).map { ($0.key, $0.value) })
  }

  private func json(trigger: JSONObject) -> JSONObject {
    JSONObject(
      [("attack", .string(name)), ("trigger", .object(trigger))]
        + identity(.method).members.map { ($0.key, $0.value) })
  }

  /// All that the triggered texts of a test set depend on besides the clean ones and the seed.
  public var triggerIdentity: JSONValue {
    [
      "trigger": .string(triggerName), "settings": .object(testTrigger),
      "inputs": .object(identity(.triggerInput)),
    ]
  }

  /// The remark, for records and cards.
  public var remarks: [(name: String, value: String)] { remark.map { [("remark", $0)] } ?? [] }

  /// The texts of `sources(for:)` as inputs of a stage, beside the clean ones that it reads.
  public func inputs(
    for use: AttackUse, beside clean: Stage.Input, in graph: StageGraph
  ) throws(InputError) -> [Stage.Input] {
    var inputs: [Stage.Input] = []
    for (name, texts) in try sources(for: use) {
      inputs.append(try graph.texts(clean.texts.map(texts.rows) ?? texts, as: name))
    }
    return inputs
  }

  /// Clean texts with those of `sources(for:)`.
  ///
  /// - Parameters:
  ///   - source: where the clean ones are from.
  ///   - limit: a choice that is made among them.
  public func texts(
    _ clean: Dataset, from source: TextSource, for use: AttackUse, tokenizer: Tokenizer? = nil,
    _ limit: (Dataset) -> Dataset = { $0 }
  ) throws(InputError) -> AttackTexts {
    try texts(
      clean, from: source,
      with: Dictionary(uniqueKeysWithValues: sources(for: use).map { ($0.name, $0.texts) }),
      tokenizer: tokenizer, limit)
  }

  /// The same in a stage, all of whose other texts but `validation` are the attack's own: a stage
  /// that comes from a document no longer knows where those were.
  func texts(
    of input: String, _ request: StageRequest, tokenizer: Tokenizer? = nil,
    _ limit: (Dataset) -> Dataset = { $0 }
  ) throws(InputError) -> AttackTexts {
    var sources: [String: TextSource] = [:]
    for input in request.stage.inputs { sources[input.name] = input.texts }
    sources["validation"] = nil
    let clean = try request.texts(input)
    guard let source = sources.removeValue(forKey: input) else {
      preconditionFailure("\(input) was read and is no texts")
    }
    let texts = try texts(clean, from: source, with: sources, tokenizer: tokenizer, limit)
    for name in sources.keys { try request.requireUnchanged(name) }
    return texts
  }

  private func texts(
    _ clean: Dataset, from source: TextSource, with own: [String: TextSource],
    tokenizer: Tokenizer?, _ limit: (Dataset) -> Dataset
  ) throws(InputError) -> AttackTexts {
    try requireTarget(among: clean.labels)
    var texts = AttackTexts(limit(clean), tokenizer: tokenizer)
    for (name, rows) in own { texts.others[name] = limit(try rows.load(beside: source)) }
    return texts
  }
}

extension Stage.Input {
  fileprivate var texts: TextSource? {
    if case .texts(let source, _) = source { source } else { nil }
  }
}

extension TextSource {
  /// This file as one whose rows are those of another: the same classes, and the same part of it.
  fileprivate func rows(of other: TextSource) -> TextSource {
    var source = self
    (source.labels, source.firstLabel) = (other.labels, other.firstLabel)
    source.part = other.part
    return source
  }

  /// Reads the rows that belong to those of another file.
  ///
  /// - Throws: `InputError` also where the two whole files are not paired row by row.
  fileprivate func load(beside other: TextSource) throws(InputError) -> Dataset {
    var (own, whole) = (rows(of: other), other)
    (own.part, whole.part) = (nil, nil)
    try own.load(requiresLabels: false, textColumnOption: "--paraphrase-column")
      .requireRows(of: whole.load())
    return try rows(of: other).load(requiresLabels: false)
  }
}

extension Dataset {
  /// Makes sure that there is a row for each of another data set, and no label that is not that
  /// one's.
  fileprivate func requireRows(of other: Dataset) throws(InputError) {
    let remedy = "name a file with the rows of \(other.source), in their order"
    guard count == other.count else {
      throw InputError(
        file: source, problem: "has \(count) rows beside the \(other.count) of \(other.source)",
        remedy: remedy)
    }
    for (row, pair) in zip(examples, other.examples).enumerated() {
      guard let label = pair.0.label, label != pair.1.label else { continue }
      throw InputError(
        file: source, problem: "has another label in row \(row + 1) than \(other.source)",
        remedy: remedy)
    }
  }
}
