internal import Stages

/// A figure of a plan, drawn from records: a chart for each series and rate.
struct PlanFigure {
  private let figure: Plan.Figure
  /// By the words that name their files.
  private let charts: [(name: String, chart: CurveChart)]

  init(_ figure: Plan.Figure, _ plan: Plan, _ records: [RunRecord]) {
    self.figure = figure
    var newest: [String: RunRecord] = [:]
    for record in records { newest[record.cellID] = record }
    let cells = plan.cells.filter(figure.selection.includes)
    var charts: [(String, CurveChart)] = []
    for (index, series) in figure.series.enumerated() {
      for (word, name, rate) in Self.rates {
        var lines: [String: [Double: [Double]]] = [:]
        let shown = cells.filter { series.defenses.contains($0.defense.id) }
        for cell in shown {
          guard let x = cell.number(of: figure.setting),
            case .finished(let evaluation, _, _)? = newest[cell.id]?.result,
            let value = rate(evaluation)
          else { continue }
          lines[Self.title(cell, among: shown), default: [:]][x, default: []].append(value * 100)
        }
        let chart = CurveChart(
          title: "\(series.title): \(name)", xTitle: figure.axis, yTitle: "\(name), %",
          series: shown.map { Self.title($0, among: shown) }.distinct.map { title in
            CurveChart.Series(
              title: title,
              points: (lines[title] ?? [:]).compactMap { x, values in
                Summary(values).map { CurveChart.Point(x: x, value: $0) }
              })
          })
        let number = figure.series.count > 1 ? "-\(index + 1)" : ""
        charts.append(("\(figure.id)\(number)-\(word)", chart))
      }
    }
    self.charts = charts
  }

  private static let rates:
    [(word: String, name: String, rate: @Sendable (Evaluation) -> Double?)] = [
      ("lfr", "label flip rate", \.labelFlipRate), ("acc", "accuracy", \.accuracy),
    ]

  /// A line is named by its attack, and by model and scenario where there are several.
  private static func title(_ cell: Cell, among cells: [Cell]) -> String {
    var names = [cell.attack.title]
    if Set(cells.map(\.scenario.id)).count > 1 { names.insert(cell.scenario.title, at: 0) }
    if Set(cells.map(\.model.id)).count > 1 { names.insert(cell.model.title, at: 0) }
    return names.joined(separator: ", ")
  }

  var heading: (id: String, title: String) { (figure.id, figure.title) }

  /// The figure in the report.
  var section: Markup {
    let reading: Markup =
      figure.reading.isEmpty ? "" : "<p class=\"note\">The paper: \(figure.reading)</p>\n"
    return """
      <section id="\(figure.id)">
      <h2>\(figure.title)</h2>
      <div class="charts">
      \(charts.map(\.chart.figure).joined())</div>
      <p class="note">Mean over seeds; the band is a sample standard deviation to either side.</p>
      \(reading)</section>

      """
  }

  /// Each chart as a picture and as its points.
  var files: [(name: String, text: String)] {
    charts.flatMap { [("\($0.name).svg", $0.chart.svg), ("\($0.name).csv", $0.chart.csv)] }
  }
}
