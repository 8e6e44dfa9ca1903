public import Files
public import Settings

/// What is wrong with how a value declares its settings, a sentence each; nothing if it is sound.
///
/// Names, options and keys of identities are unique; a summary is a sentence; what each shape allows is taken, kept and
/// found again in the identity, and what it does not allow is refused under its name.
public func settingFlaws(of root: some Configurable) throws -> [String] {
  let settings = root.declarations
  var flaws: [String] = []
  for keys in [settings.map(\.name), settings.map(\.identity), settings.compactMap(\.option)]
  where Set(keys).count < keys.count {
    flaws.append("\(keys) are not all different")
  }
  // Without keys of their own they have no identity.
  guard flaws.isEmpty else { return flaws }
  var changed = root
  for setting in settings {
    func expect(_ isRight: Bool, _ flaw: String) {
      if !isRight { flaws.append("\(setting.name) \(flaw)") }
    }
    let words = setting.summary.split(separator: " ")
    expect(words.count > 2 && setting.summary.hasSuffix("."), "has no sentence: \(setting.summary)")
    for value in setting.shape.allowed {
      try changed.apply(setting.name, value)
      expect(setting.value(of: changed) == value, "does not keep \(value.text())")
      var restored = root
      try restored.restore(JSONNode(.object(changed.identity()), file: "stage.json"))
      expect(restored.identity() == changed.identity(), "is lost with \(value.text())")
    }
    expect(setting.shape.allowed.count > 1, "leaves no choice")
    for value in setting.shape.refused {
      do {
        try changed.apply(setting.name, value)
        expect(false, "takes \(value.text())")
      } catch {
        let place = "plan.json, settings.\(setting.name)"
        expect(error.description.hasPrefix(place), "is not named by \(error)")
      }
    }
  }
  return flaws
}

extension Configurable {
  /// Takes one setting as a plan has it.
  public mutating func apply(_ name: String, _ value: JSONValue) throws(InputError) {
    let plan: JSONValue = ["settings": .object(JSONObject([(name, value)]))]
    try apply(JSONNode(plan, file: "plan.json").required("settings")) { node throws(InputError) in
      try node.string()
    }
  }
}

extension SettingShape {
  /// Some of the values that there are, at the ends of a range and within it.
  fileprivate var allowed: [JSONValue] {
    switch self {
    case .number(let range):
      [range.upperBound, (range.lowerBound + range.upperBound) / 2, range.upperBound / 8]
        .map(JSONValue.double)
    case .integer(let range): [.int(range.lowerBound), .int(range.upperBound)]
    case .choice(let names): names.map(JSONValue.string)
    case .flag: [true, false]
    case .texts: [["one"], ["two words", "é"]]
    case .text, .model, .source: ["a text", "é"]
    }
  }

  /// Some that are none of them, of other types and outside the range.
  fileprivate var refused: [JSONValue] {
    switch self {
    case .number(let range):
      ["0.5", true, .double(range.lowerBound - 1), .double(2 * range.upperBound)]
    case .integer(let range):
      [1.5, "1"] + (range.lowerBound > .min ? [.int(range.lowerBound - 1)] : [])
        + (range.upperBound < .max ? [.int(range.upperBound + 1)] : [])
    case .choice: ["neither", 1]
    case .flag: [1, "true"]
    case .texts: [[], ["one", " "], "one", [1]]
    case .text: [" \n", "", 1]
    case .model, .source: [1, ["a"]]
    }
  }
}
