internal import Stages

extension PlanFigure {
  /// A chart for each series and rate, in it a line for each attack.
  ///
  /// - Parameter newest: records by cell.
  static func curves(
    _ id: String, _ setting: String, _ axis: String, _ all: [Plan.Figure.Series],
    _ cells: [Cell], _ newest: [String: RunRecord]
  ) -> [(name: String, picture: any Picture)] {
    var charts: [(String, any Picture)] = []
    for (index, series) in all.enumerated() {
      let shown = cells.filter { series.defenses.contains($0.defense.id) }
      let number = all.count > 1 ? "-\(index + 1)" : ""
      for (word, name, rate) in rates {
        var lines: [String: [Double: [Double]]] = [:]
        for cell in shown {
          guard let x = cell.number(of: setting),
            case .finished(let evaluation, _, _)? = newest[cell.id]?.result,
            let value = rate(evaluation)
          else { continue }
          lines[title(cell, among: shown), default: [:]][x, default: []].append(value * 100)
        }
        let chart = CurveChart(
          title: "\(series.title): \(name)", xTitle: axis, yTitle: "\(name), %",
          series: shown.map { title($0, among: shown) }.distinct.map { title in
            CurveChart.Series(
              title: title,
              points: (lines[title] ?? [:]).compactMap { x, values in
                Summary(values).map { CurveChart.Point(x: x, value: $0) }
              })
          })
        charts.append(("\(id)\(number)-\(word)", chart))
      }
    }
    return charts
  }

  private static let rates:
    [(word: String, name: String, rate: @Sendable (Evaluation) -> Double?)] = [
      ("lfr", "label flip rate", \.labelFlipRate), ("acc", "accuracy", \.accuracy),
    ]
}
