internal import Files

extension PlanAxes {
  /// What a plan shows; a plan that names nothing has one table of everything.
  struct Views {
    var tables: [Plan.Table]
    var figures: [Plan.Figure]

    /// Whether something shows the cell.
    func include(_ cell: Cell) -> Bool {
      tables.contains { $0.selection.includes(cell) }
        || figures.contains { $0.selection.includes(cell) }
    }
  }

  /// - Throws: `InputError` for names that the plan does not have.
  func views(_ node: PlanDocument, of cells: [Cell]) throws(InputError) -> Views {
    let layout: Plan.Layout = try node.optional("layout")?.name() ?? .rows
    var tables: [Entry<Plan.Table>] = []
    if let node = try node.optional("tables") {
      tables = try Self.entries(node) { entry throws(InputError) in
        try Entry(table(entry, layout, of: cells), entry)
      }
    }
    var figures: [Entry<Plan.Figure>] = []
    if let node = try node.optional("figures") {
      figures = try Self.entries(node) { entry throws(InputError) in
        try Entry(figure(entry, of: cells), entry)
      }
      let scans = figures.filter { if case .scan = $0.value.content { true } else { false } }
      guard scans.count < 2 else {
        throw scans[1].node.error(
          "is a second figure of scans, and a run keeps those of one", remedy: "remove one")
      }
    }
    var views = Views(tables: tables.map(\.value), figures: figures.map(\.value))
    if let node = try node.optional("show") {
      let wanted = try node.texts()
      let known = views.tables.map(\.id) + views.figures.map(\.id)
      try Self.requireKnown(wanted, among: known, at: node)
      views.tables.removeAll { !wanted.contains($0.id) }
      views.figures.removeAll { !wanted.contains($0.id) }
    }
    if views.tables.isEmpty && views.figures.isEmpty {
      views.tables = [.everything(layout)]
    }
    return views
  }

  private func table(
    _ node: JSONNode, _ layout: Plan.Layout, of cells: [Cell]
  ) throws(InputError) -> Plan.Table {
    try node.requireKeys(
      among: ["id", "title", "layout", "metrics", "subject"] + Plan.Selection.axes)
    let id = try node.required("id").identifier()
    var metrics: [Plan.Metric] = []
    for metric in try node.optional("metrics")?.elements() ?? [] {
      metrics.append(try metric.name())
    }
    let subject = try node.optional("subject")
    try Self.requireKnown(
      subject.map { subject throws(InputError) in [try subject.identifier()] },
      among: defenses.map(\.value.id), at: subject ?? node)
    return Plan.Table(
      id: id, title: try node.optional("title")?.string() ?? id,
      selection: try selection(node, of: cells),
      layout: try node.optional("layout")?.name() ?? layout,
      metrics: metrics.isEmpty ? Plan.Metric.rates : metrics,
      subject: try subject?.identifier())
  }

  func selection(
    _ node: JSONNode, defenses shown: [String]? = nil, seed: Int? = nil, of cells: [Cell]
  ) throws(InputError) -> Plan.Selection {
    let known = [
      "models": models.map(\.value.id), "scenarios": scenarioIDs,
      "attacks": attacks.map(\.value.id) + cells.map(\.attack.id).distinct,
      "defenses": defenses.map(\.value.id),
    ]
    var names: [String: [String]] = [:]
    for axis in Plan.Selection.axes {
      guard let list = try node.optional(axis) else { continue }
      names[axis] = try list.texts()
      try Self.requireKnown(names[axis], among: known[axis] ?? [], at: list)
    }
    if let shown { names["defenses"] = shown }
    let selection = Plan.Selection(names: names, seed: seed)
    let isAbsent = names["scenarios"].map { $0.contains { absent.map(\.id).contains($0) } } ?? false
    guard isAbsent || cells.contains(where: selection.includes) else {
      throw node.error("shows no cell of the plan", remedy: "correct what it names")
    }
    return selection
  }
}

extension Plan.Table {
  /// The table of a plan that names none.
  static func everything(_ layout: Plan.Layout = .rows) -> Plan.Table {
    Plan.Table(
      id: "results", title: "Results", selection: .all, layout: layout,
      metrics: Plan.Metric.rates, subject: nil)
  }
}

extension Plan.Metric {
  /// What tables show that do not say.
  static let rates: [Plan.Metric] = [.accuracy, .labelFlipRate, .excessLabelFlipRate]
}
