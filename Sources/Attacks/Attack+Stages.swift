public import Files
internal import Settings
internal import Stages
public import Text

extension Attack {
  /// The attack with every setting, for keys and records.
  public var json: JSONObject {
    JSONObject(
      [("attack", .string(name)), ("trigger", .object(identity(.trigger)))]
        + identity(.method).members.map { ($0.key, $0.value) })
  }

  /// Clean texts with those of `sources`.
  public func texts(_ clean: Dataset, _ tokenizer: Tokenizer? = nil) throws(InputError)
    -> AttackTexts
  {
    try texts(clean, tokenizer) { _, source throws(InputError) in try source.load() }
  }

  /// The same in a stage, whose inputs they are.
  func texts(
    _ clean: Dataset, _ request: StageRequest, _ tokenizer: Tokenizer? = nil
  ) throws(InputError) -> AttackTexts {
    try texts(clean, tokenizer) { name, _ throws(InputError) in try request.texts(name) }
  }

  private func texts(
    _ clean: Dataset, _ tokenizer: Tokenizer?,
    _ load: (_ name: String, TextSource) throws(InputError) -> Dataset
  ) throws(InputError) -> AttackTexts {
    try requireTarget(among: clean.labels)
    var texts = AttackTexts(clean, tokenizer: tokenizer)
    for (name, source) in sources { texts.others[name] = try load(name, source) }
    return texts
  }
}
