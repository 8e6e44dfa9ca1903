/// A result table laid out as in the paper: a column for each defence under its scenario, a line
/// for each metric under model and attack.
struct PublicationTable {
  typealias Metric = Plan.Metric

  struct Cell {
    let own: Summary?
    let published: Expectation.Value?
    /// Whether no other defence of the scenario is better, as far as the printed places tell.
    var isBest = false
    let hasFailed: Bool
    let agreement: Agreement?
    /// Where in a report its runs are; nil where there are none.
    let target: String?
  }

  struct Line {
    let metric: Metric
    /// One a column; nothing where the plan has no such cell.
    var cells: [Cell?]
  }

  struct Group {
    let model: String
    let attack: String
    var lines: [Line]
  }

  struct Column: Hashable {
    let scenario: String
    let defense: String
  }

  let columns: [Column]
  let groups: [Group]

  /// The scenarios with the number of their columns, from left to right.
  var scenarios: [(title: String, columnCount: Int)] {
    columns.reduce(into: []) { scenarios, column in
      if scenarios.last?.title == column.scenario {
        scenarios[scenarios.count - 1].columnCount += 1
      } else {
        scenarios.append((column.scenario, 1))
      }
    }
  }

  init(_ table: ResultTable) {

    var columns: [Column] = []
    for scenario in table.rows.map(\.scenario).distinct {
      let present = Set(
        table.rows.filter { $0.scenario == scenario }.flatMap(\.entries).map(\.title))
      columns += table.defenses.filter(present.contains).map {
        Column(scenario: scenario, defense: $0)
      }
    }
    self.columns = columns
    var groups: [Group] = []
    for model in table.rows.map(\.model).distinct {
      for attack in table.rows.filter({ $0.model == model }).map(\.attack).distinct {
        let rows = table.rows.filter { $0.model == model && $0.attack == attack }
        groups.append(
          Group(
            model: model, attack: attack,
            lines: table.table.metrics.filter { metric in
              metric != .excessLabelFlipRate || rows.contains { $0.floor != nil }
            }.map { metric in
              let entries = columns.map { column in
                rows.first { $0.scenario == column.scenario }?.entries
                  .first { $0.title == column.defense }
              }
              let cells = entries.map { entry in entry.map { Self.cell($0, metric, table) } }
              return Line(metric: metric, cells: Self.markingBest(cells, metric, columns))
            }))
      }
    }
    self.groups = groups
  }

  private static func cell(
    _ entry: ResultTable.Entry, _ metric: Metric, _ table: ResultTable
  ) -> Cell {
    let (own, published) = (metric.own(of: entry), metric.published(of: entry))
    let agreement = own.flatMap { own in
      published.map { Agreement(own, $0, publishedCount: table.expectedSeedCount) }
    }
    return Cell(
      own: own, published: published, hasFailed: !entry.failures.isEmpty, agreement: agreement,
      target: entry.target)
  }

  /// The paper marks the best value of a scenario; a lone value is no contest.
  private static func markingBest(
    _ cells: [Cell?], _ metric: Metric, _ columns: [Column]
  ) -> [Cell?] {
    var marked = cells
    for scenario in columns.map(\.scenario).distinct {
      let places = columns.indices.filter { columns[$0].scenario == scenario }
      let texts = places.compactMap { place in
        cells[place]?.own.map { (place, mean: $0.mean, text: fixed($0.mean, metric.digits)) }
      }
      guard texts.count > 1,
        let best = texts.max(by: { metric.isBetterHigh ? $0.mean < $1.mean : $0.mean > $1.mean })
      else { continue }
      for (place, _, text) in texts where text == best.text { marked[place]?.isBest = true }
    }
    return marked
  }
}

extension Array where Element: Hashable {
  /// Each element where it stands first.
  var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
