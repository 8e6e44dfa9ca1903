extension PlanFigure {
  /// What it shows as Markdown, for who reads numbers.
  var markdown: String { pictures.map { $0.picture.grid.markdown }.joined(separator: "\n") }
}

extension CurveChart {
  /// Its points: a line for each value of the setting, a column for each series.
  var grid: Grid {
    let xs = Set(series.flatMap(\.points).map(\.x)).sorted()
    return Grid(
      columns: [.text(xTitle)] + series.map { .number($0.title) },
      sections: [
        .init(
          title: title,
          rows: xs.map { x in
            [csvNumber(x)]
              + series.map { line in
                line.points.first { $0.x == x }?.value.text(1) ?? "–"
              }
          })
      ])
  }
}

extension HeatMapSheet {
  private static let shownCount = 5

  /// The squares of the last map that stand out most, with what the others have there.
  var grid: Grid {
    guard let last = maps.last else { return Grid(columns: [.text(title)]) }
    let squares = last.values.indices.flatMap { row in
      last.values[row].indices.map { (row: row, column: $0, size: abs(last.values[row][$0])) }
    }.filter(\.size.isFinite).sorted { $0.size > $1.size }.prefix(Self.shownCount)
    return Grid(
      columns: [.text("\(last.rowAxis), \(last.columnAxis)")] + maps.map { .number($0.title) },
      sections: [
        .init(
          title: title, note: "The \(squares.count) that stand out most in the last column.",
          rows: squares.map { square in
            ["\(last.rowLabels[square.row]), \(last.columnLabels[square.column])"]
              + maps.map { map in
                // A text with a trigger has other tokens than without.
                map.columnLabels == last.columnLabels
                  ? scientific(map.values[square.row][square.column]) : "–"
              }
          })
      ])
  }
}
