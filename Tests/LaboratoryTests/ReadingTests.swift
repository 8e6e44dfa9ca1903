import Files
import Stages
import TestSupport
import Testing

@testable import Laboratory

private func figures(_ extra: String = "") -> String {
  """
  "figures": [
    {"id": "scores", "kind": "heads", "attacks": ["badnets"], "defense": "ft", "texts": 7},
    {"id": "rows", "kind": "attention", "attacks": ["badnets"], "defense": "ft",
     "text": "bad film to be honest", "reading": "one token takes it all."}\(extra)
  ], "tables": [{"id": "all"}],
  """
}

@Suite struct `What figures show of single models` {
  @Test func `has stages of its own, for the first seed`() throws {
    let bench = try SweepBench(figures: figures())
    let schedule = try bench.schedule()
    let readings = schedule.stages.filter { ["contrast", "attention"].contains($0.kind) }
    #expect(readings.map(\.kind) == ["contrast", "attention"])
    #expect(readings[0].work.parameters["textLimit"]?.int == 7)
    let texts = try #require(readings[1].work.parameters["texts"]?.array).compactMap(\.string)
    #expect(texts.count == 2 && texts[0] == "bad film to be honest")
    let words = texts[1].split(separator: " ").map(String.init)
    #expect(words.count == 6 && !Set(words).isDisjoint(with: ["cf", "bb", "ak", "mn"]))
    for stage in readings {
      let json = JSONNode(stage.json, file: "stage")
      #expect(try Stage(json).key == stage.key)
      #expect(!Stage.belongsToDefense(stage.kind))
    }
  }

  @Test func `leaves the keys of all other stages as they were`() throws {
    let (plain, shown) = (try SweepBench(), try SweepBench(figures: figures()))
    let keys = try plain.schedule().stages.map(\.key)
    #expect(
      try shown.schedule().stages.filter { !["contrast", "attention"].contains($0.kind) }
        .map(\.key) == keys)
  }

  @Test func `is read from the record, and read later of a model that was measured before`() throws
  {
    let bench = try SweepBench()
    #expect(try bench.run().unfinishedCount == 0)
    let more = try bench.with(figures: figures())
    #expect(try more.schedule().missingCount == 2)
    #expect(try more.schedule().finishedCellCount == more.plan.cells.count - 1)
    let outcome = try more.run()
    #expect(outcome.unfinishedCount == 0)
    #expect(try more.schedule().missingCount == 0)
    #expect(more.executor.performed.suffix(2) == ["score heads with triggers", "read attention"])
    let folder = try Scratch()
    try SweepReport(more.plan, outcome.records).write(to: folder.path)
    func text(_ name: String) throws -> String {
      String(decoding: try ByteFile.contents(of: folder.file(name)), as: UTF8.self)
    }
    #expect(try text("scores.csv").contains("Difference,1,2,-0.125\n"))
    #expect(try text("rows.csv").contains("With the trigger,1,bb,0.75\n"))
    #expect(try text("rows.svg").contains(">bb</text>"))
    let html = try text("report.html")
    #expect(html.contains("<section id=\"scores\">") && html.contains("one token takes it all."))
    // The plan without figures finds its runs finished.
    #expect(try bench.schedule().missingCount == 0)
  }

  @Test func `is not there before it was read`() throws {
    let bench = try SweepBench(figures: figures())
    let html = SweepReport(bench.plan, []).html
    #expect(html.contains("Nothing has been measured yet."))
  }

  @Test(arguments: [
    (#", {"id": "x", "kind": "heads", "defense": "tf"}"#, "tf"),
    (#", {"id": "x", "kind": "heads", "defense": "ft", "text": "a"}"#, "text"),
    (#", {"id": "x", "kind": "attention", "defense": "ft"}"#, "text"),
    (#", {"id": "x", "kind": "maps", "defense": "ft"}"#, "maps"),
  ])
  func `has to be there`(extra: String, problem: String) throws {
    let error = #expect(throws: InputError.self) {
      try makePlan(planJSON(extra: figures(extra)))
    }
    #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
  }

  @Test func `needs a text with a trigger where no rule makes one`() throws {
    let attacks = """
      {"id": "badnets", "kind": "hiddenkiller", "settings": {"trainParaphrases": "${ROOT}/a.tsv",
       "testParaphrases": "${ROOT}/b.tsv"}}
      """
    let error = #expect(throws: InputError.self) {
      try makePlan(planJSON(extra: figures(), attacks: attacks))
    }
    #expect(error.map { "\($0)".contains("say with \"triggered\"") } ?? false)
    let told = figures().replacing(#""honest","#, with: #""honest", "triggered": "to be bad","#)
      .replacing(#"honest", "reading"#, with: #"honest", "triggered": "to be bad", "reading"#)
    let plan = try makePlan(planJSON(extra: told, attacks: attacks))
    guard case .attention(_, let triggered) = plan.figures[1].content else {
      Issue.record("no attention")
      return
    }
    #expect(triggered == "to be bad")
  }
}
