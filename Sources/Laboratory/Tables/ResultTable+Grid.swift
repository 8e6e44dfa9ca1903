internal import Files

extension ResultTable {
  /// The table in its layout; rates in percent.
  public var grid: Grid {
    switch table.layout {
    case .rows: rowGrid
    case .columns: PublicationTable(self).grid
    }
  }

  /// The table for a terminal, under its title and with what it says.
  var terminalText: String {
    let grids = table.layout == .rows ? [rowGrid] : PublicationTable(self).grids
    return Terminal.sanitized(table.title) + "\n\n"
      + (grids.map { $0.terminalText() } + findings.map { Terminal.sanitized($0) + "\n" })
      .joined(separator: "\n")
  }

  /// Whether any cell has published values to stand beside.
  var hasExpectations: Bool {
    rows.contains { $0.entries.contains { $0.expected != nil } }
  }

  /// Whether there is a clean model to compare any cell with.
  private var hasFloors: Bool { rows.contains { $0.floor != nil } }

  /// One line a defence, under a heading for model, attack and scenario.
  private var rowGrid: Grid {
    var columns: [Grid.Column] = [.text("Defence"), .number("ACC %"), .number("LFR %")]
    if hasFloors { columns.append(.number("Excess LFR %")) }
    columns += [.number("Heads pruned"), .number("Time")]
    if hasExpectations {
      columns += [.number("Paper ACC"), .number("Δ"), .number("Paper LFR"), .number("Δ")]
    }
    var grid = Grid(columns: columns)
    grid.sections = rows.map { row in
      Grid.Section(
        title: row.title, note: row.note,
        rows: row.entries.map { entry in
          [entry.title, entry.text(entry.accuracy), entry.text(entry.labelFlipRate)]
            + (hasFloors ? [entry.excessText] : [])
            + [entry.headsText, entry.seconds.map { duration($0.mean) } ?? "–"]
            + (hasExpectations ? entry.comparison : [])
        }, targets: row.entries.map(\.target))
    }
    return grid
  }
}

extension ResultTable.Row {
  /// "BERT · BadNets · SST-2 → SST-2".
  var title: String { [model, attack, scenario].joined(separator: " · ") }

  /// What the clean model does on the same triggers, and which runs the numbers lack.
  var note: String {
    var notes: [String] = []
    if triggers.count > 1 {
      notes.append("The trigger is that of \(triggers.joined(separator: ", ")).")
    }
    if let floor {
      notes.append("Clean model's LFR, the floor: \(floor.summary.text(1, scale: 100)) %.")
      let unpaired = seeds.filter { !floor.has($0) }
      if !unpaired.isEmpty {
        notes.append("Excess LFR is without seed \(Self.list(unpaired)), which has no floor yet.")
      }
    }
    for entry in entries {
      if !entry.failures.isEmpty {
        let failures = entry.failures.map { Terminal.abbreviated($0, limit: 80) }
        notes.append("\(entry.title) failed: \(failures.joined(separator: "; ")).")
      }
    }
    for seeds in entries.map(\.missingSeeds).distinct where !seeds.isEmpty {
      let titles = entries.filter { $0.missingSeeds == seeds }.map(\.title)
      let those =
        titles.count == 1
        ? "\(titles[0]) lacks"
        : (titles.count == entries.count ? "All" : titles.joined(separator: ", ")) + " lack"
      notes.append("\(those) seed\(seeds.count == 1 ? "" : "s") \(Self.list(seeds)).")
    }
    if let unread = unreadTriggerCount {
      notes.append(
        "Up to \(unread) of the triggers are never read: the texts are longer than what is.")
    }
    return notes.joined(separator: " ")
  }
}

extension ResultTable.Row {
  private static func list(_ seeds: [Int]) -> String {
    seeds.map(String.init).joined(separator: ", ")
  }

  /// The seeds that have been measured.
  private var seeds: [Int] {
    Set(entries.flatMap(\.records).filter(\.isFinished).map(\.seed)).sorted()
  }

  /// The most triggers that a run's measurement did not get to see; nil: it saw all, or nobody
  /// knows.
  private var unreadTriggerCount: Int? {
    let counts = entries.flatMap(\.records).compactMap(\.unreadTriggerCount)
    return counts.max().flatMap { $0 > 0 ? $0 : nil }
  }
}

extension ResultTable.Entry {
  /// Where in a report its runs are; nil where there are none.
  var target: String? { records.isEmpty ? nil : "run:\(group)" }

  /// Whether at least one seed is finished.
  var isMeasured: Bool { accuracy != nil }

  /// A rate in percent, or why there is none.
  func text(_ rate: Summary?) -> String {
    rate?.text(1, scale: 100) ?? (failures.isEmpty ? "–" : "failed")
  }

  /// In percent; blank where there is no clean model to compare with.
  var excessText: String { excessLabelFlipRate?.text(1, scale: 100) ?? "" }

  var headsText: String {
    guard let prunedHeads, let headCount else { return "–" }
    return prunedHeads.text(prunedHeads.count == 1 ? 0 : 1) + " of \(headCount)"
  }

  /// Published ACC, difference, published LFR, difference.
  var comparison: [String] {
    [(expected?.accuracy, accuracy), (expected?.labelFlipRate, labelFlipRate)].flatMap {
      published, own in
      [
        published?.text ?? "–",
        published.flatMap { value in own.map { signed($0.mean * 100 - value.mean, 1) } } ?? "–",
      ]
    }
  }
}

extension Expectation.Value {
  /// "90.5 ± 0.6".
  var text: String { text(1) }

  /// The same with so many places.
  func text(_ digits: Int) -> String {
    fixed(mean, digits) + (deviation.map { " ± " + fixed($0, digits) } ?? "")
  }
}
