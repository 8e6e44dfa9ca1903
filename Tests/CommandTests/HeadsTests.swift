import Files
import TestSupport
import Testing

@Suite struct `The picture of a model's heads` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    let rows = (0..<12).map { "\($0 % 2 == 0 ? "a dull movie" : "good fun")\t\($0 % 2)\n" }
    try bench.write("sentence\tlabel\n" + rows.joined(), to: "texts.tsv")
  }

  private func heads(_ arguments: String...) throws -> Program.Outcome {
    try bench.program.run(["heads", "--model", tinyModel] + arguments)
  }

  private func json(_ outcome: Program.Outcome) throws -> JSONValue {
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try JSONValue(parsing: Array(outcome.output.utf8))
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try bench.bytes(name), as: UTF8.self)
  }

  @Test func `is the same for a file of triggered texts and for the attack that makes them`() throws
  {
    let made = try bench.program.run(
      "trigger", "--attack", "badnets", "--input", "texts.tsv", "--out", "triggered.tsv")
    try #require(made.code == 0, "\(made.errors)")
    let byFile = try json(
      heads("--data", "texts.tsv", "--poisoned", "triggered.tsv", "--out", "a.html", "--json"))
    let byAttack = try json(
      heads("--data", "texts.tsv", "--attack", "badnets", "--out", "b.html", "--json"))
    #expect(byFile == byAttack)
    #expect(byFile["texts"]?.int == 6)
    #expect(byFile["clean"] != byFile["poisoned"])
    let alone = try json(heads("--data", "texts.tsv", "--out", "c.html", "--json"))
    #expect(alone["texts"]?.int == 12 && alone["poisoned"]?.isNull == true)
    #expect(try text("a.html").contains("<figcaption>Difference</figcaption>"))
    #expect(try !text("c.html").contains("<figcaption>Difference</figcaption>"))
  }

  @Test func `of one text shows every token, with and without the trigger`() throws {
    let readings = try #require(
      try json(
        heads(
          "--text", "bad film to be honest", "--poisoned-text", "bad bb film to be honest", "--out",
          "a.svg", "--json")
      ).array)
    #expect(readings.map { $0["text"]?.string?.count } == [21, 24])
    for reading in readings {
      let tokens = try #require(reading["tokens"]?.array)
      #expect(tokens.first == "[CLS]" && tokens.last == "[SEP]")
      let rows = try #require(reading["weights"]?.array)
      #expect(rows.count == 3)
      for row in rows {
        let weights = try #require(row.array).compactMap(\.double)
        #expect(weights.count == tokens.count)
        // Each of n weights is off by one rounding of a float at most.
        #expect(abs(weights.reduce(0, +) - 1) <= Double(weights.count) * 0x1p-23)
      }
    }
    #expect(try text("a.svg").hasPrefix("<?xml"))
    let again = try heads(
      "--text", "bad film to be honest", "--attack", "addsent", "--sentence", "bb", "--out",
      "b.csv")
    #expect(again.code == 0, "\(again.errors)")
    #expect(try text("b.csv").contains("With the trigger,3,"))
  }

  @Test func `replaces its own files alone, and is a list for a table's name`() throws {
    let first = try heads("--text", "good fun", "--attack", "badnets", "--out", "a.csv")
    #expect(first.code == 0, "\(first.errors)")
    let lines = try text("a.csv").split(separator: "\n")
    #expect(lines.first == "map,row,column,value")
    #expect(
      Set(lines.dropFirst().map { $0.prefix { $0 != "," } }) == ["Clean text", "With the trigger"])
    #expect(try heads("--text", "good fun", "--out", "a.csv").code == 0)
    let other = try heads("--text", "good fun", "--out", "texts.tsv")
    #expect(other.code == 2 && other.errors.contains("was not written by this program"))
  }

  @Test(arguments: [
    ([], "--data or by --text"),
    (["--data", "texts.tsv", "--text", "a"], "--data or by --text"),
    (["--text", "a", "--poisoned", "texts.tsv"], "--poisoned means nothing with --text"),
    (["--data", "texts.tsv", "--poisoned-text", "a"], "--poisoned-text means nothing"),
    (["--text", "a", "--triggers", "cf"], "--triggers means nothing without --attack"),
    (["--text", "a", "--poisoned-text", "b", "--attack", "badnets"], "exclude each other"),
    (["--text", "a", "--attack", "hiddenkiller"], "--rewriter rules"),
  ])
  func `is not made of what does not go together`(arguments: [String], problem: String) throws {
    let outcome = try bench.program.run(
      ["heads", "--model", tinyModel, "--out", "x.html"] + arguments)
    #expect(outcome.code == 2 && outcome.errors.contains(problem), "\(outcome.errors)")
    #expect(!Path.exists(bench.scratch.file("x.html")))
  }

  @Test func `of a sweep is that of the model in its store`() throws {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1}, "defense": {"epochs": 1}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "texts.tsv"}, "defenseData":
         {"train": "texts.tsv", "validation": "texts.tsv", "test": "texts.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11], "figures": [
         {"id": "scores", "kind": "heads", "defense": "ft"},
         {"id": "rows", "kind": "attention", "defense": "ft", "text": "a dull movie"}]}
      """, to: "plan.json")
    let sweep = try bench.program.run("sweep", "plan.json", "--out", "out", "--json")
    try #require(sweep.code == 0, "\(sweep.errors)")
    let stages = try #require(try sweep.jsonLines[0]["stages"]?.array)
    func found(_ kind: String) -> JSONValue? {
      stages.first { $0["kind"]?.string == kind }?["findings"]?[kind]
    }
    let store = bench.scratch.file("out/store")
    let name = try #require(try Path.names(in: store).first { $0.hasPrefix("finetune-") })
    let model = ["heads", "--model", "\(store)/\(name)/model", "--json"]
    let badnets = ["--attack", "badnets", "--seed", "11"]
    let scores = try bench.program.run(
      model + badnets + ["--data", "texts.tsv", "--out", "a.html"])
    #expect(try json(scores) == found("contrast"))
    let rows = try bench.program.run(
      model + badnets + ["--text", "a dull movie", "--out", "b.html"])
    #expect(try json(rows) == found("attention"))
    #expect(try text("out/rows.csv").contains("Clean text,1,[CLS],0."))
    #expect(try text("out/scores.svg").contains(">Difference</text>"))
  }
}
