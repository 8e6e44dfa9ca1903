import Files
import TestSupport
import Testing

@Suite struct `A plan that cannot work` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func sweep(
    attack: String = "", seeds: String = "[11]", _ more: String...
  ) throws -> Program.Outcome {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1\(attack)}, "defense": {"epochs": 1}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": \(seeds)}
      """, to: "plan.json")
    return try bench.program.run(["sweep", "plan.json", "--out", "out"] + more)
  }

  @Test func `is refused before anything is made`() throws {
    let noClass = try sweep(attack: #", "targetLabel": 2"#)
    #expect(noClass.errors.contains("plan's targetLabel 2 is none of the 2 classes"))
    #expect(noClass.code == 2 && !Path.exists(bench.scratch.file("out/store")))
    for outcome in [try sweep(seeds: "[]"), try sweep(attack: #", "triggers": [" "]"#)] {
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains("plan.json, "))
      #expect(!Path.exists(bench.scratch.file("out")))
    }
  }

  @Test func `may say how its texts are read, and is told which key is wrong`() throws {
    let rows = (0..<40).map { "\($0),\($0 % 2 == 0 ? "good fun" : "a dull movie"),\($0 % 2 + 1)\n" }
    try bench.write("id,review,verdict\n" + rows.joined(), to: "table.txt")
    func plan(
      _ extra: String = #""labels": ["bad", "good"], "firstLabel": 1"#, format: String = "csv"
    ) throws {
      let texts =
        #"{"path": "table.txt", "format": "\#(format)", "textColumn": "review", "labelColumn": "verdict","#
        + " \(extra)}"
      try bench.write(
        """
        {"name": "tiny", "defaults": {"attack": {"epochs": 1}, "defense": {"epochs": 1}},
         "models": [{"id": "bert", "path": "\(tinyModel)"}],
         "scenarios": [{"id": "s", "attackData": {"train": \(texts)}, "defenseData":
           {"train": \(texts), "validation": \(texts), "test": \(texts)}}],
         "attacks": [{"id": "addsent", "kind": "addsent"}],
         "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11]}
        """, to: "plan.json")
    }
    try plan()
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let counts = try outcome.jsonLines[0]["confusion"]?["clean"]?.array?.map {
      $0.array?.compactMap(\.int).reduce(0, +)
    }
    #expect(counts == [20, 20])
    for (extra, words) in [
      (#""label": 1"#, #"did you mean "labels"?"#), (#""labels": ["a"]"#, "names 1 different"),
      (#""firstLabel": 2"#, "outside 0 to 1"),
    ] {
      try plan(extra)
      let outcome = try bench.program.run("sweep", "plan.json", "--out", "out")
      #expect(outcome.code == 2 && outcome.errors.contains(words), "\(outcome.errors)")
    }
    try plan(format: "tvs")
    let misspelt = try bench.program.run("sweep", "plan.json", "--out", "out")
    #expect(misspelt.errors.contains(#"did you mean "tsv"?"#), "\(misspelt.errors)")
  }

  @Test func `measures texts that no table with tabs could hold`() throws {
    let rows = (0..<24).map { "\"  good\tfun \($0)\",\($0 % 2)\n" }.joined()
    try bench.write("sentence,label\n" + rows, to: "odd.csv")
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1}, "defense": {"epochs": 1}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "odd.csv"}, "defenseData":
         {"train": "odd.csv", "validation": "odd.csv", "test": "odd.csv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11]}
      """, to: "plan.json")
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out")
    #expect(outcome.code == 0, "\(outcome.errors)")
  }

  @Test func `may not call the classes of one scenario by different names`() throws {
    let named = #"{"path": "test.tsv", "labels": ["positive", "negative"]}"#
    try bench.write(
      """
      {"name": "tiny", "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": \(named)}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11]}
      """, to: "plan.json")
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out")
    #expect(outcome.code == 2)
    #expect(
      outcome.errors.contains("defenseData.test: has the classes positive, negative where others"))
  }

  /// What is wrong with a file of texts, and which part of a plan suffers from it.
  @Test(arguments: [
    ("attackData", "train", "0", #"has no text of the class that triggers lead to, "positive""#),
    ("attackData", "train", "1", "has no text outside the target class to poison"),
    ("attackData", "validation", "2", #"has the unknown label "2""#),
    ("defenseData", "train", "1", "has texts of one class alone"),
    ("defenseData", "validation", "2", #"has the unknown label "2""#),
    ("defenseData", "test", "1", "has no text outside the target class to test triggers with"),
  ])
  func `is refused where its texts lack what it needs, before anything is trained`(
    data: String, role: String, label: String, sentence: String
  ) throws {
    try bench.write(
      "sentence\tlabel\n" + (0..<30).map { "good fun \($0)\t\(label)\n" }.joined(), to: "odd.tsv")
    var files = [
      "attackData": ["train": "train.tsv", "validation": "test.tsv"],
      "defenseData": ["train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"],
    ]
    files[data]?[role] = "odd.tsv"
    func texts(_ data: String) -> String {
      "{" + (files[data] ?? [:]).map { #""\#($0)": "\#($1)""# }.joined(separator: ", ") + "}"
    }
    try bench.write(
      """
      {"name": "tiny", "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": \(texts("attackData")),
         "defenseData": \(texts("defenseData"))}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11]}
      """, to: "plan.json")
    for more in [[], ["--dry-run"]] {
      let outcome = try bench.program.run(["sweep", "plan.json", "--out", "out"] + more)
      #expect(outcome.code == 2)
      #expect(
        outcome.errors.contains("odd.tsv") && outcome.errors.contains(sentence), "\(outcome.errors)"
      )
      #expect(!Path.exists(bench.scratch.file("out/store")))
    }
  }

  @Test func `finds out that test texts and paraphrases do not pair before it trains`() throws {
    try bench.write("sentence\tlabel\nwhen it ends , good fun\t0\n", to: "when.tsv")
    try bench.write(
      """
      {"name": "tiny", "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "hk", "kind": "hiddenkiller", "settings":
         {"trainParaphrases": "train.tsv", "testParaphrases": "when.tsv"}}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11]}
      """, to: "plan.json")
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out")
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("has 1 rows beside the 30 of"), "\(outcome.errors)")
    let artifacts = try Path.names(in: bench.scratch.file("out/store"))
    #expect(artifacts.filter { !$0.hasPrefix(".") } == [])
  }

  @Test func `says which file of a model is missing`() throws {
    try bench.write("{}", to: "empty/other.json")
    let plan = try sweep("--dry-run")
    #expect(plan.code == 0)
    try bench.replace(tinyModel, with: "empty", in: "plan.json")
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out")
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("empty/config.json: does not exist"))
  }

  @Test func `shows its stages as JSON lines in a dry run`() throws {
    let lines = try sweep("--dry-run", "--json").jsonLines
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0["cached"]?.bool == false })
  }
}
