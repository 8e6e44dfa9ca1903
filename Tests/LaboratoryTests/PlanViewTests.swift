import Files
import TestSupport
import Testing

@testable import Laboratory

private let views = """
  "tables": [
    {"id": "one", "title": "Table one", "layout": "columns", "defenses": ["ft", "pure"],
     "attacks": ["badnets"], "subject": "pure"},
    {"id": "two", "defenses": ["ft"], "metrics": ["seconds"]}
  ],
  "figures": [
    {"id": "curve", "attacks": ["badnets"], "setting": "normWeight", "axis": "µ",
     "series": [{"title": "Norm-Only", "defenses": ["norm-only", "strong"]}],
     "reading": "it falls & falls."}
  ],
  """
private let defenses = """
  {"id": "ft", "kind": "ft"}, {"id": "pure", "kind": "pure"},
  {"id": "norm-only", "kind": "norm-only"}, {"id": "fth", "kind": "fth"},
  {"id": "strong", "title": "Strong", "kind": "norm-only", "settings": {"normWeight": 0.9}}
  """

private func makeViews(_ extra: String = "") throws -> (Plan, [RunRecord]) {
  let plan = try makePlan(planJSON(extra: views + extra, defenses: defenses))
  return (
    plan,
    plan.cells.map { cell in
      record(
        cell, plan,
        evaluation(accuracy: 880 + cell.seed, flips: cell.defense.id == "ft" ? 990 : 20 * cell.seed)
      )
    }
  )
}

@Suite struct `What a plan shows` {
  @Test func `is what it runs`() throws {
    let (plan, _) = try makeViews()
    #expect(
      Set(plan.cells.map(\.group)) == [
        "bert/none/fdk/ft", "bert/badnets/fdk/ft", "bert/badnets/fdk/pure",
        "bert/badnets/fdk/norm-only", "bert/badnets/fdk/strong",
      ])
    let (some, _) = try makeViews(#""show": ["one"],"#)
    #expect(some.figures.isEmpty && some.tables.map(\.id) == ["one"])
    #expect(Set(some.cells.map(\.defense.id)) == ["ft", "pure"])
  }

  @Test func `is a section each, and a file each`() throws {
    let (plan, records) = try makeViews()
    let scratch = try Scratch()
    try SweepReport(plan, records).write(to: scratch.path)
    func text(_ name: String) throws -> String {
      String(decoding: try ByteFile.contents(of: Path.join(scratch.path, name)), as: UTF8.self)
    }
    let html = try text("report.html")
    for id in ["one", "two", "curve"] {
      #expect(html.contains("<section id=\"\(id)\">") && html.contains("href=\"#\(id)\""))
    }
    #expect(html.contains("it falls &amp; falls."))
    #expect(html.contains("PURE has the lowest LFR in 1 of 1 comparisons."))
    #expect(html.contains("PURE against FT, the best other defence by LFR: −76.0 points"))
    let latex = try text("tables.tex")
    #expect(
      latex.contains(
        "BERT & BadNets & ACC & $\\mathbf{89.15}_{0.07}$ & $\\mathbf{89.15}_{0.07}$ \\\\"))
    #expect(latex.contains("& $99.00_{0.00}$ & $\\mathbf{23.00}_{1.41}$ \\\\"))
    #expect(latex.contains("{c}{SST-2 $\\rightarrow$ SST-2}"))
    #expect(try text("tables.md").contains("## Table one\n"))
    let value = try #require(Summary([0.22 * 100, 0.24 * 100]))
    let numbers = "\(csvNumber(value.mean)),\(csvNumber(value.deviation)),2\n"
    #expect(
      try text("curve-lfr.csv")
        == "series,x,mean,deviation,runs\nBadNets,0.15,\(numbers)BadNets,0.9,\(numbers)")
    #expect(try text("curve-acc.svg").hasPrefix("<?xml version"))
  }

  @Test func `is on a terminal a table under its title, scenario by scenario`() throws {
    let more = """
      , {"id": "far", "attackData": {"train": "${ROOT}/train.tsv"},
       "defenseData": {"train": "${ROOT}/train.tsv", "validation": "${ROOT}/dev.tsv",
         "test": "${ROOT}/test.tsv"}}
      """
    let plan = try makePlan(planJSON(extra: views, scenarios: more, defenses: defenses))
    let records = plan.cells.map { cell in
      record(cell, plan, evaluation(accuracy: 900, flips: cell.scenario.id == "far" ? 500 : 250))
    }
    let lines = SweepReport(plan, records).terminalText.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map { $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
    let titles = ["Table one", "SST-2 → SST-2", "far", "two"]
    let places = titles.compactMap { title in lines.firstIndex(of: title) }
    #expect(places.count == titles.count && places == places.sorted(), "\(lines)")
    #expect(lines.filter { $0 == "Model Attack FT PURE" }.count == 2)
    #expect(lines.contains("BERT BadNets LFR 25.00 ± 0.00 25.00 ± 0.00"))
    #expect(lines.contains("BERT BadNets LFR 50.00 ± 0.00 50.00 ± 0.00"))
    #expect(lines.contains { $0.hasPrefix("PURE has the lowest LFR in 2 of 2") })
  }

  @Test(arguments: [
    (#""tables": [{"id": "a", "defenses": ["nope"]}],"#, "names \"nope\""),
    (#""tables": [{"id": "a", "subject": "puer"}],"#, "did you mean \"pure\""),
    (#""tables": [{"id": "a"}, {"id": "a"}],"#, "of an entry before it"),
    (#""tables": [{"id": "a", "attacks": ["none"], "defenses": ["pure"]}],"#, "shows no cell"),
    (#""tables": [{"id": "a", "metrics": ["loss"]}],"#, "loss"),
    (#""show": ["table-1"],"#, "table-1"),
    (
      #""figures": [{"id": "f", "setting": "c", "series": [{"title": "x", "defenses": ["ft"]}]}],"#,
      "is no number that the defence"
    ),
    (#""extends": "none-there.json","#, "none-there.json"),
  ])
  func `has to be there`(extra: String, problem: String) {
    let error = #expect(throws: InputError.self) { try makePlan(planJSON(extra: extra)) }
    #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
  }

  @Test func `may come from a plan that it extends`() throws {
    let scratch = try Scratch()
    try scratch.write(planJSON(extra: views, defenses: defenses), to: "base.json")
    try scratch.write(
      #"{"extends": "base.json", "name": "small", "seeds": [3], "show": ["two"]}"#, to: "small.json"
    )
    let plan = try Plan(
      contentsOf: Path.join(scratch.path, "small.json"), setting: ["ROOT=/nowhere"])
    #expect(plan.name == "small" && plan.title == "A test" && plan.seeds == [3])
    #expect(plan.tables.map(\.id) == ["two"])
    let base = try Plan(
      contentsOf: Path.join(scratch.path, "base.json"), setting: ["ROOT=/nowhere"])
    #expect(base.hash != plan.hash)
  }
}

@Suite struct `Ours and theirs` {
  private func agreement(_ own: [Double], _ mean: Double, _ deviation: Double?) throws -> Agreement
  {
    Agreement(
      try #require(Summary(own)), Laboratory.Expectation.Value(mean: mean, deviation: deviation),
      publishedCount: 5)
  }

  @Test func `are compared in units of their pooled deviation`() throws {
    // Ours: variance 4 with 2 degrees of freedom; theirs: 1 with 4. Pooled: (8 + 4) / 6 = 2.
    let both = try agreement([8, 10, 12], 14, 1)
    #expect(both.difference == -4)
    #expect(abs(try #require(both.distance) + 4 / 2.0.squareRoot()) < 1e-12)
    #expect(both.isWithinLimit == false)
    #expect(try agreement([10], 12, 1).distance == -2)
    #expect(try agreement([10], 12, 1).isWithinLimit == true)
    #expect(try agreement([10], 12, nil).isWithinLimit == nil)
    #expect(try agreement([100, 100], 100, 0).isWithinLimit == true)
  }
}
