internal import Attacks
internal import Defenses
internal import Files
internal import Scans
internal import Settings
internal import Stages
internal import Text

extension PlanAxes {
  /// How plans call what a figure draws.
  private enum FigureKind: String, CaseIterable {
    case curves, heads, attention, scan

    /// The keys of such a figure besides those of all.
    var keys: [String] {
      switch self {
      case .curves: ["setting", "axis", "series"]
      case .heads: ["defense", "texts"]
      case .attention: ["defense", "text", "triggered"]
      case .scan: ["defenses", "thresholdSeeds", "thresholdScenarios", "search"]
      }
    }
  }

  /// - Throws: `InputError` for names and settings that the plan does not have, or a text that gets
  ///   no trigger.
  func figure(_ node: JSONNode, of cells: [Cell]) throws(InputError) -> Plan.Figure {
    let kind: FigureKind = try node.optional("kind")?.name() ?? .curves
    try node.requireKeys(
      among: ["id", "title", "kind", "reading"] + kind.keys
        + Plan.Selection.axes.filter { $0 != "defenses" })
    let id = try node.required("id").identifier()
    let (selection, content) =
      switch kind {
      case .curves: try curves(node, of: cells)
      case .heads, .attention: try reading(node, kind, of: cells)
      case .scan: try scan(node, of: cells)
      }
    return Plan.Figure(
      id: id, title: try node.optional("title")?.string() ?? id, selection: selection,
      content: content, reading: try node.optional("reading")?.string() ?? "")
  }

  private func curves(
    _ node: JSONNode, of cells: [Cell]
  ) throws(InputError) -> (Plan.Selection, Plan.Figure.Content) {
    var series: [Plan.Figure.Series] = []
    for element in try node.required("series").elements() {
      try element.requireKeys(among: ["title", "defenses"])
      let names = try element.required("defenses").texts()
      try Self.requireKnown(names, among: defenses.map(\.value.id), at: element)
      series.append(
        Plan.Figure.Series(title: try element.required("title").string(), defenses: names))
    }
    let setting = try node.required("setting")
    let key = try setting.string()
    let selection = try selection(node, defenses: series.flatMap(\.defenses), of: cells)
    for cell in cells where selection.includes(cell) {
      guard cell.number(of: key) != nil else {
        throw setting.error(
          "is no number that the defence \"\(cell.defense.id)\" has", remedy: "name one of its own")
      }
    }
    let axis = try node.optional("axis")?.string() ?? key
    return (selection, .curves(setting: key, axis: axis, series))
  }

  /// What scans of models whose truth is known come to.
  private func scan(
    _ node: JSONNode, of cells: [Cell]
  ) throws(InputError) -> (Plan.Selection, Plan.Figure.Content) {
    var search = TokenSearch()
    if let settings = try node.optional("search") {
      try settings.requireKeys(among: search.descriptions.map(\.name))
      try search.apply(settings, path: { name throws(InputError) in try name.string() })
    }
    let list = try node.required("thresholdSeeds")
    var own: [Int] = []
    for element in try list.elements() { own.append(try element.int()) }
    guard !own.isEmpty, own.allSatisfy(seeds.contains), !seeds.allSatisfy(own.contains) else {
      throw list.error(
        "are not some of the plan's seeds and fewer than all",
        remedy: "leave others, for figures of models that set no threshold")
    }
    let selection = try selection(node, of: cells)
    let shown = cells.filter(selection.includes)
    guard shown.contains(where: \.attack.poisons), !shown.allSatisfy(\.attack.poisons) else {
      throw node.error(
        "has no clean models beside backdoored ones", remedy: "show an attack of each kind")
    }
    let known = scenarios.map(\.value.id)
    let chosen = try node.optional("thresholdScenarios")
    let names = try chosen?.texts() ?? known
    if let chosen { try Self.requireKnown(names, among: known, at: chosen) }
    let thresholds = Plan.Figure.ThresholdModels(seeds: own, scenarios: names)
    guard shown.contains(where: { thresholds.include($0) && !$0.attack.poisons }) else {
      throw node.error(
        "has no clean models to set thresholds by", remedy: "name a scenario that has some")
    }
    return (selection, .scan(search, thresholds: thresholds))
  }

  /// What is read of single models.
  private func reading(
    _ node: JSONNode, _ kind: FigureKind, of cells: [Cell]
  ) throws(InputError) -> (Plan.Selection, Plan.Figure.Content) {
    let defense = try node.required("defense")
    let name = try defense.identifier()
    try Self.requireKnown([name], among: defenses.map(\.value.id), at: defense)
    let selection = try selection(node, defenses: [name], seed: seeds[0], of: cells)
    if kind == .heads {
      let limit = try node.optional("texts")?.int(in: 1...1_000_000_000)
      return (selection, .heads(textLimit: limit ?? 2000))
    }
    let text = try node.required("text")
    let triggered = try node.optional("triggered")?.string()
    for cell in cells where selection.includes(cell) && triggered == nil {
      do {
        _ = try cell.triggered(text.string())
      } catch {
        throw text.error(
          "gets no trigger of \"\(cell.attack.id)\": \(error)",
          remedy: "say with \"triggered\" what the text is with one")
      }
    }
    return (selection, .attention(text: try text.string(), triggered: triggered))
  }
}

extension Cell {
  /// A setting of the defence, if it is a number.
  func number(of setting: String) -> Double? {
    defenseSettings.json[setting]?.double
  }

  /// A text of another class than the target's, with the trigger that the test texts get.
  func triggered(_ text: String) throws -> String {
    let attack = attackSettings.method
    let labels = scenario.defenseTest.labelNames
    let texts = try attack.texts(
      Dataset(
        examples: [
          Example(text: text, label: labels.names.indices.first { $0 != attack.targetLabel })
        ], labels: labels), from: TextSource(""), for: .testing)
    return try attack.triggeredTestSet(from: texts, seed: UInt64(seed)).data.examples[0].text
  }
}
