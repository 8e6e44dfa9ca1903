extension PublicationTable {
  /// The table for Markdown: under each value of ours the published one.
  var grid: Grid { grid(of: scenarios.map(\.title)) }

  /// A grid for each scenario, which is as much as a terminal has room for.
  var grids: [Grid] { scenarios.map { grid(of: [$0.title]) } }

  private func grid(of scenarios: [String]) -> Grid {
    let isOne = scenarios.count < 2
    let places = columns.indices.filter { scenarios.contains(columns[$0].scenario) }
    var grid = Grid(
      columns: [.text("Model"), .text("Attack"), .text("")]
        + places.map { place in
          let column = columns[place]
          return .number(isOne ? column.defense : "\(column.scenario): \(column.defense)")
        })
    grid.sections = groups.map(\.model).distinct.map { model in
      Grid.Section(
        title: isOne ? scenarios.first ?? "" : "",
        rows: groups.filter { $0.model == model }.flatMap { group in
          group.lines.flatMap { Self.rows($0, at: places, of: group) }
        })
    }.filter { !$0.rows.isEmpty }
    return grid
  }

  /// None where the group has no such cell.
  private static func rows(_ line: Line, at places: [Int], of group: Group) -> [[String]] {
    let cells = places.map { line.cells[$0] }
    guard cells.contains(where: { $0 != nil }) else { return [] }
    let own = cells.map { cell -> String in
      guard let cell else { return "" }
      return cell.own?.text(line.metric.digits) ?? (cell.hasFailed ? "failed" : "–")
    }
    var rows = [[group.model, group.attack, line.metric.title] + own]
    if cells.contains(where: { $0?.published != nil }) {
      rows.append(
        [group.model, group.attack, "paper"] + cells.map { $0?.published?.text(2) ?? "" })
    }
    return rows
  }
}
