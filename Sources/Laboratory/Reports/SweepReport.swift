public import Files
internal import Settings
internal import Stages
internal import Tensors
internal import Training

/// The report of a sweep: one HTML file with everything that the records know.
public struct SweepReport: Sendable {
  private let plan: Plan
  /// The numbers of everything.
  public let table: ResultTable
  /// The plan's tables, filled in.
  let tables: [ResultTable]
  let figures: [PlanFigure]

  /// A report of the plan's cells as far as there are records of them.
  public init(_ plan: Plan, _ records: [RunRecord]) {
    self.plan = plan
    table = ResultTable(plan, records)
    tables = plan.tables.map { ResultTable(plan, records, $0) }
    figures = plan.figures.map { PlanFigure($0, plan, records) }
  }

  /// The whole document.
  public var html: String {
    var document = HTMLDocument(title: plan.title, subtitle: subtitle)
    if tables.count + figures.count > 1 { document.body += contents }
    for table in tables { document.body += section(table) }
    for figure in figures { document.body += figure.section }
    let hasOneTable = tables.count + figures.count == 1
    for row in table.rows
    where hasOneTable && !row.isClean && row.entries.contains(where: \.isMeasured) {
      document.body += charts(of: row)
    }
    document.body += "<section>\n<h2>Runs</h2>\n"
    for row in table.rows {
      for entry in row.entries { document.body += RunDetail.all(of: entry, in: row) }
    }
    document.body += "</section>\n<section>\n<h2>Provenance</h2>\n\(provenance)</section>\n"
    return document.text
  }

  /// `report.html`, `tables.md`, `tables.tex`, `tables.csv`, and of each figure a picture and its
  /// points.
  public var files: [(name: String, text: String)] {
    let latex = tables.map(\.latex).joined(separator: "\n")
    return [
      ("report.html", html), ("tables.md", "<!-- \(ReportFile.mark) -->\n\n" + markdown),
      ("tables.csv", table.csv), ("tables.tex", "% \(ReportFile.mark)\n" + latex),
    ] + figures.flatMap(\.files)
  }

  /// Writes its files, each complete or not at all.
  /// - Throws: `InputError` when one of them cannot be written.
  public func write(to directory: String) throws(InputError) {
    for (name, text) in files {
      try ReportFile(Path.join(directory, name), waits: true).write(text)
    }
    // One that was killed after its last record would leave its lease for ever.
    try Place.removeAbandoned(in: directory)
  }

  /// Every table under its title, and of what defences may see where that differs.
  public var terminalText: String {
    ((tables.isEmpty ? [table] : tables).map(\.terminalText)
      + (table.warning.map { [Terminal.sanitized($0) + "\n"] } ?? [])).joined(separator: "\n")
  }

  /// Makes sure, before any work, that no file of somebody else's is where they go.
  /// - Throws: `InputError` that names one that is.
  public func requirePlaces(in directory: String) throws(InputError) {
    guard Path.exists(directory) else { return }
    for (name, _) in files { _ = try ReportFile(Path.join(directory, name), waits: true) }
  }

  /// All tables as Markdown.
  private var markdown: String {
    guard tables.count > 1 else { return (tables.first ?? table).markdown }
    return tables.map { table in
      (["## \(Grid.markdownText(table.table.title))\n", table.markdown]
        + table.findings.map { Grid.markdownText($0) + "\n" }).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  private var contents: Markup {
    let entries = tables.map { ($0.table.id, $0.table.title) } + figures.map(\.heading)
    let lines = entries.map { id, title -> Markup in
      "<li><a href=\"#\(id)\">\(title)</a></li>\n"
    }
    return "<nav><ul>\n\(lines.joined())</ul></nav>\n"
  }

  private func section(_ table: ResultTable) -> Markup {
    let findings = table.findings.map { "<p>\($0)</p>\n" as Markup }.joined()
    let legend = table.legend.map { "<p class=\"note\">\($0)</p>\n" as Markup }.joined()
    let markup = table.table.layout == .rows ? table.grid.table : PublicationTable(table).table
    return """
      <section id="\(table.table.id)">
      <h2>\(table.table.title)</h2>
      \(findings)\(markup)\(legend)</section>

      """
  }

  var subtitle: String {
    let entries = table.rows.flatMap(\.entries)
    let finished = entries.flatMap(\.records).count(where: \.isFinished)
    let seeds = plan.seeds.map(String.init).joined(separator: ", ")
    return "\(finished) of \(plan.cells.count) runs finished; seed"
      + (plan.seeds.count == 1 ? " " : "s ") + seeds + "."
  }

  private func charts(of row: ResultTable.Row) -> Markup {
    let flips = BarChart(
      title: "Label flip rate, % — lower is better", tint: "flips",
      bars: row.entries.map {
        .init(label: $0.title, value: $0.labelFlipRate, published: $0.expected?.labelFlipRate)
      }, floor: row.floor?.summary.mean)
    let accuracy = BarChart(
      title: "Accuracy, % — higher is better", tint: "accuracy",
      bars: row.entries.map {
        .init(label: $0.title, value: $0.accuracy, published: $0.expected?.accuracy)
      }, floor: nil)
    let hasPublished = row.entries.contains { $0.expected != nil }
    let note: Markup =
      hasPublished ? "<p class=\"note\">Diamonds mark the published means.</p>\n" : ""
    return """
      <section>
      <h2>\(row.title)</h2>
      <div class="charts">
      \(flips.figure)\(accuracy.figure)</div>
      \(note)</section>

      """
  }

  private var provenance: Markup {
    let records = table.rows.flatMap(\.entries).flatMap(\.records)
    func distinct(_ values: [String]) -> String {
      var seen: [String] = []
      for value in values where !seen.contains(value) { seen.append(value) }
      return seen.isEmpty ? "–" : seen.joined(separator: "; ")
    }
    let dates = records.map(\.date).sorted()
    let recipes = plan.cells.map(\.defenseSettings.recipe.rawValue)
    var facts: [(name: String, value: String)] = [
      ("Plan", plan.name), ("Plan's SHA-256", plan.hash), ("Recipe", distinct(recipes)),
      ("Models", distinct(plan.models.map { "\($0.title) (\($0.path))" })),
      ("Device", distinct(records.map(\.environment.device))),
      ("Threads", distinct(records.map { "\($0.environment.threads)" })),
      ("Precision", distinct(records.map(\.environment.precision.rawValue))),
      ("Version", distinct(records.map(\.environment.version))),
      ("Libraries", distinct(records.flatMap(\.environment.libraries))),
      ("Runs", dates.isEmpty ? "–" : distinct([dates[0], dates[dates.count - 1]])),
    ]
    if !plan.notes.isEmpty { facts.append(("Left out", distinct(plan.notes))) }
    return factTable(facts)
  }
}
