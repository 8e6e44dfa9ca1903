import Files
import TestSupport
import Testing

@Suite struct `A report of records alone` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test func `is that of the sweep, without its texts`() throws {
    try bench.write(
      """
      {"name": "tiny", "variables": {"TEXTS": null},
       "defaults": {"attack": {"epochs": 1}, "defense": {"epochs": 1}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "${TEXTS}/train.tsv"}, "defenseData":
         {"train": "${TEXTS}/train.tsv", "validation": "${TEXTS}/test.tsv",
          "test": "${TEXTS}/test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11, 12]}
      """, to: "plan.json")
    let sweep = try bench.program.run("sweep", "plan.json", "--set", "TEXTS=.", "--out", "out")
    try #require(sweep.code == 0, "\(sweep.errors)")
    try bench.write("<!-- pure: results -->\n<!-- pure -->\n", to: "notes.md")
    let report = try bench.program.run(
      "report", "plan.json", "--set", "TEXTS=nowhere", "--records", "out/records.jsonl", "--out",
      "again", "--into", "notes.md")
    #expect(report.code == 0, "\(report.errors)")
    for name in ["tables.md", "tables.csv", "tables.tex"] {
      #expect(try bench.bytes("again/\(name)") == bench.bytes("out/\(name)"), "\(name)")
    }
    let notes = String(decoding: try bench.bytes("notes.md"), as: UTF8.self)
    #expect(notes.contains("| FT |"))
    #expect(sweep.output.hasPrefix(report.output))
  }

  @Test(arguments: [
    (["--records", "r.jsonl"], "nothing to write"), (["--out", "o"], "no records"),
    (["--out", "o", "--records", "r.jsonl"], "r.jsonl: does not exist"),
  ])
  func `needs records and a place`(arguments: [String], problem: String) throws {
    let plan = Path.join(packageRoot, "experiments/plans/demo.json")
    let outcome = try bench.program.run(["report", plan] + arguments)
    #expect(outcome.code == 2 && outcome.errors.contains(problem), "\(outcome.errors)")
  }
}
