extension PublicationTable {
  /// The table for terminals and Markdown: under each value of ours the published one.
  var grid: Grid {
    let hasOneScenario = scenarios.count < 2
    var grid = Grid(
      columns: [.text("Model"), .text("Attack"), .text("")]
        + columns.map { column in
          .number(hasOneScenario ? column.defense : "\(column.scenario): \(column.defense)")
        })
    grid.sections = groups.map(\.model).distinct.map { model in
      Grid.Section(
        title: hasOneScenario ? scenarios.first?.title ?? "" : "",
        rows: groups.filter { $0.model == model }.flatMap { group in
          group.lines.flatMap { Self.rows($0, of: group) }
        })
    }
    return grid
  }

  private static func rows(_ line: Line, of group: Group) -> [[String]] {
    let own = line.cells.map { cell -> String in
      guard let cell else { return "" }
      return cell.own?.text(line.metric.digits) ?? (cell.hasFailed ? "failed" : "–")
    }
    var rows = [[group.model, group.attack, line.metric.title] + own]
    if line.cells.contains(where: { $0?.published != nil }) {
      rows.append(
        [group.model, group.attack, "paper"] + line.cells.map { $0?.published?.text(2) ?? "" })
    }
    return rows
  }
}
