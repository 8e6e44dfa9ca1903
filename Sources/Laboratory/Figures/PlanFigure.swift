internal import Scans

/// A figure of a plan, drawn from records.
struct PlanFigure {
  private let figure: Plan.Figure
  /// By the words that name their files.
  let pictures: [(name: String, picture: any Picture)]

  init(_ figure: Plan.Figure, _ plan: Plan, _ records: [RunRecord]) {
    self.figure = figure
    var newest: [String: RunRecord] = [:]
    for record in records { newest[record.cellID] = record }
    let cells = plan.cells.filter(figure.selection.includes)
    pictures =
      switch figure.content {
      case .curves(let setting, let axis, let series):
        Self.curves(figure.id, setting, axis, series, cells, newest)
      case .heads, .attention: Self.readings(figure, cells, newest)
      case .scan(let search, let thresholds):
        [(figure.id, Self.scores(figure, search, thresholds, cells, newest, plan))]
      }
  }

  var heading: (id: String, title: String) { (figure.id, figure.title) }

  /// The figure in the report.
  var section: Markup {
    let reading: Markup =
      figure.reading.isEmpty ? "" : "<p class=\"note\">The paper: \(figure.reading)</p>\n"
    let drawn: Markup =
      pictures.isEmpty
      ? "<p class=\"note\">Nothing has been measured yet.</p>\n"
      : pictures.map(\.picture.figure).joined()
    let frame: Markup = if case .curves = figure.content { "charts" } else { "sheets" }
    return """
      <section id="\(figure.id)">
      <h2>\(figure.title)</h2>
      <div class="\(frame)">
      \(drawn)</div>
      <p class="note">\(note)</p>
      \(reading)</section>

      """
  }

  private var note: String {
    switch figure.content {
    case .curves: "Mean over seeds; the band is a sample standard deviation to either side."
    case .heads:
      "Variance scores of the [CLS] attention of seed \(seed)'s model, mean over texts of other "
        + "classes than the target."
    case .attention: "Attention of the last layer's [CLS] in seed \(seed)'s model, by head."
    case .scan(_, let thresholds):
      "Thresholds are set by the models of \(thresholds); tables and likelihood ratios are of the "
        + "others."
    }
  }

  private var seed: String { figure.selection.seed.map(String.init) ?? "–" }

  /// Each picture as a file, and its numbers.
  var files: [(name: String, text: String)] {
    pictures.flatMap {
      [("\($0.name).svg", $0.picture.svg), ("\($0.name).csv", $0.picture.csv)]
    }
      + pictures.compactMap { ($0.picture as? ScoreChart)?.study.file }.map {
        ("calibration.json", $0)
      }
  }

  /// Scores of the models that were scanned.
  private static func scores(
    _ figure: Plan.Figure, _ search: TokenSearch, _ thresholds: Plan.Figure.ThresholdModels,
    _ cells: [Cell], _ newest: [String: RunRecord], _ plan: Plan
  ) -> ScoreChart {
    ScoreChart(
      title: figure.title,
      study: CalibrationStudy(
        ScannedModel.all(cells, newest, thresholds), search,
        source: "scans by the plan \(plan.name) (SHA-256 \(plan.hash)), \(thresholds)",
        isComplete: cells.allSatisfy { newest[$0.id]?.isFinished == true }))
  }

  /// A line or a sheet is named by its attack, and by model and scenario where there are several.
  static func title(_ cell: Cell, among cells: [Cell]) -> String {
    var names = [cell.attack.title]
    if Set(cells.map(\.scenario.id)).count > 1 { names.insert(cell.scenario.title, at: 0) }
    if Set(cells.map(\.model.id)).count > 1 { names.insert(cell.model.title, at: 0) }
    return names.joined(separator: ", ")
  }
}

extension Plan.Figure.ThresholdModels: CustomStringConvertible {
  /// As the end of a sentence.
  public var description: String {
    (seeds.count == 1 ? "seed " : "seeds ") + seeds.map(String.init).joined(separator: ", ")
      + " of " + scenarios.joined(separator: ", ")
  }
}
