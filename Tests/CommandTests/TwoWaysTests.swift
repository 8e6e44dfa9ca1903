import Defenses
import Files
import Stages
import Testing

/// The tiny model reads 40 tokens, fewer than plan and command ask for: both have to see that.
@Suite struct `A defence in one go and in a sweep` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test(arguments: ["paper", "reference"])
  func `gives the same bits, heads and rates`(recipe: String) throws {
    let defenses = KnownDefenses.all.map { #"{"id": "\#($0.name)", "kind": "\#($0.name)"}"# }
      .joined(separator: ", ")
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 4, "batchSize": 8, "learningRate": 1e-3},
         "defense": {"recipe": "\(recipe)", "epochs": 3, "batchSize": 8, "learningRate": 1e-3,
           "accuracyFloor": 0.45, "pruningStep": \(recipe == "paper" ? 1 : 10), "normWeight": 0.5,
           "stepLimit": 8}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [\(defenses)], "seeds": [12]}
      """, to: "plan.json")
    let records = try bench.program.run("sweep", "plan.json", "--out", "out", "--json").jsonLines
    #expect(records.count == KnownDefenses.all.count)
    for record in records {
      let record = JSONNode(record, file: "record")
      let method = try record.required("group").string().split(separator: "/").suffix(1).joined()
      let stages = try record.required("stages").elements()
      func artifact(_ kind: String) throws -> String {
        let stage = try #require(stages.last { $0.value["kind"]?.string == kind }, "no \(kind)")
        return try "out/store/\(kind)-" + stage.required("key").string().prefix(16)
      }
      let prunes = ["pure", "prune-only"].contains(method)
      let normalizes = ["pure", "norm-only"].contains(method)
      let defended = try bench.program.run(
        [
          "defend", "--method", method, "--recipe", recipe, "--model",
          artifact("poison") + "/model", "--train", "train.tsv", "--validation", "test.tsv",
          "--head", "linear", "--epochs", "3", "--batch-size", "8", "--learning-rate", "1e-3",
          "--seed", "12", "--json", "--out", method,
        ] + (prunes ? ["--accuracy-floor", "0.45"] : [])
          + (normalizes ? ["--norm-weight", "0.5"] : [])
          + (method == "meft" ? ["--step-limit", "8"] : [])
          + (method == "fine-mixing" ? ["--clean-model", tinyModel] : []))
      try #require(defended.code == 0, "\(method): \(defended.errors)")
      let card = String(decoding: try bench.bytes("\(method)/README.md"), as: UTF8.self)
      #expect(card.contains("kept-share") == (method == "fine-mixing"), "\(method)")
      #expect(card.contains("accuracy-floor") == prunes, "\(method)")
      let sees = method == "fine-mixing" ? ["cleanTexts", "cleanModel"] : ["cleanTexts"]
      #expect(card.contains("clean texts and a clean model") == (sees.count == 2), "\(method)")
      #expect(card.contains("may see"), "\(method)")
      for said in [
        try JSONValue(parsing: bench.bytes("\(method)/config.json"))["pure"]?["sees"],
        record.value["configuration"]?["defense"]?["sees"],
      ] {
        #expect(said == .array(sees.map(JSONValue.string)), "\(method)")
      }
      for file in ["model.safetensors", "pure_head.safetensors"] {
        #expect(
          try bench.bytes("\(method)/\(file)")
            == bench.bytes("\(artifact("finetune"))/model/\(file)"), "\(method)")
      }

      let found = JSONNode(try JSONValue(parsing: Array(defended.output.utf8)), file: "defend")
      let pruned = try record.required("headsPruned").int()
      #expect(try found.required("headsPruned").int() == pruned, "\(method)")
      #expect(prunes == (pruned > 0), "\(method) pruned \(pruned)")
      #expect(found.value["varianceScores"] == record.value["heads"]?["scores"], "\(method)")

      let measured = try bench.program.run(
        "evaluate", "--model", method, "--test", "test.tsv", "--attack", "badnets", "--seed", "12",
        "--json")
      let rates = try JSONValue(parsing: Array(measured.output.utf8))
      for rate in ["accuracy", "labelFlipRate"] {
        #expect(rates[rate]?.double != nil && rates[rate] == record.value[rate], "\(method)")
      }
    }
  }
}

/// Paraphrases are named in the plan by paths beside it, and reach a worker as inputs of its stage;
/// rules reach it as a setting.
@Suite struct `An attack with paraphrases in one go and in a sweep` {
  /// Who paraphrases, as a plan and as options say it.
  struct Source: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let plan: String
    let training: [String]
    let testing: [String]
    /// What results are marked with.
    let mark: String

    static let files = Source(
      testDescription: "files",
      plan: #""trainParaphrases": "when/train.tsv", "testParaphrases": "when/test.tsv", "#
        + #""paraphraseColumn": "paraphrase""#,
      training: ["--train-paraphrases", "when/train.tsv", "--paraphrase-column", "paraphrase"],
      testing: ["--test-paraphrases", "when/test.tsv", "--paraphrase-column", "paraphrase"],
      mark: "")
    static let rules = Source(
      testDescription: "rules", plan: #""rewriter": "rules""#, training: ["--rewriter", "rules"],
      testing: ["--rewriter", "rules"], mark: " (rule-based)")
  }

  private let bench: Bench

  init() throws {
    bench = try Bench()
    for name in ["train", "test"] {
      let rows = String(decoding: try bench.bytes("\(name).tsv"), as: UTF8.self)
        .split(separator: "\n").dropFirst()
      try bench.write(
        "paraphrase\tlabel\n" + rows.map { "when the end , \($0)\n" }.joined(),
        to: "when/\(name).tsv")
    }
  }

  @Test(arguments: [(Source.files, "join"), (.files, "replace"), (.rules, "join")])
  func `gives the same encoder, rates and marks`(source: Source, mixing: String) throws {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 2, "batchSize": 8, "learningRate": 1e-3},
         "defense": {"epochs": 2, "batchSize": 8, "learningRate": 1e-3}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv", "validation": "test.tsv"},
         "defenseData": {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "hiddenkiller", "kind": "hiddenkiller", "settings": {
         \(source.plan), "mixing": "\(mixing)"}}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [12]}
      """, to: "plan.json")
    let swept = try bench.program.run("sweep", "plan.json", "--out", "out", "--json")
    let record = try #require(try swept.jsonLines.first, "\(swept.errors)")
    let stages = try JSONNode(record, file: "record").required("stages").elements()
    func artifact(_ kind: String) throws -> String {
      let stage = try #require(stages.first { $0.value["kind"]?.string == kind }, "no \(kind)")
      return try "out/store/\(kind)-" + stage.required("key").string().prefix(16)
    }

    let attacked = try bench.program.run(
      [
        "attack", "--attack", "hiddenkiller", "--model", tinyModel, "--train", "train.tsv",
        "--validation", "test.tsv", "--mixing", mixing, "--head", "linear", "--epochs", "2",
        "--batch-size", "8", "--learning-rate", "1e-3", "--seed", "12", "--out", "attacked",
      ] + source.training)
    try #require(attacked.code == 0, "\(attacked.errors)")
    // 30 of 60 texts are negative; 0.3 of these join, or 0.3 of all are replaced.
    let note = mixing == "join" ? "9 of 69 training texts" : "18 of 60 training texts"
    #expect(
      attacked.errors.contains("\(note) are poisoned, by HiddenKiller\(source.mark)\n"),
      "\(attacked.errors)")
    #expect(
      try bench.bytes("attacked/model.safetensors")
        == bench.bytes("\(artifact("poison"))/model/model.safetensors"))

    let measured = try bench.program.run(
      [
        "evaluate", "--model", "\(artifact("finetune"))/model", "--test", "test.tsv", "--attack",
        "hiddenkiller", "--seed", "12", "--json",
      ] + source.testing)
    try #require(measured.code == 0, "\(measured.errors)")
    let rates = try JSONValue(parsing: Array(measured.output.utf8))
    for rate in ["accuracy", "labelFlipRate"] {
      #expect(rates[rate]?.isNull == false && rates[rate] == record[rate], "\(rate)")
    }
    #expect(rates["attack"]?.string == "HiddenKiller" + source.mark)
    let written = try bench.program.run(
      [
        "trigger", "--attack", "hiddenkiller", "--seed", "12", "--input", "test.tsv", "--out",
        "triggered.tsv",
      ] + source.testing)
    try #require(written.code == 0, "\(written.errors)")
    #expect(written.output.contains("with the trigger of HiddenKiller\(source.mark) written"))
    #expect(
      try bench.bytes("triggered.tsv") == bench.bytes("\(artifact("trigger"))/triggered.tsv"))

    try expectMarks(source, artifact("poison"))
  }

  /// Models and reports say who paraphrased, wherever they end up.
  private func expectMarks(_ source: Source, _ poisoned: String) throws {
    func text(_ path: String) throws -> String {
      String(decoding: try bench.bytes(path), as: UTF8.self)
    }
    let isMarked = !source.mark.isEmpty
    #expect(try text("attacked/README.md").contains("HiddenKiller\(source.mark)"))
    for file in [
      "\(poisoned)/model/README.md", "\(poisoned)/model/config.json", "out/records.jsonl",
      "out/report.html", "out/tables.md", "out/tables.csv",
    ] {
      #expect(try text(file).contains("rule-based") == isMarked, "\(file)")
    }
  }
}
