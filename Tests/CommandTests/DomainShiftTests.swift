import Files
import Stages
import TestSupport
import Testing

/// Poisoned on texts of one data set, defended and tested on another's.
@Suite struct `A sweep over a domain shift` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    for (index, line) in ["a dull movie", "bad story", "good fun", "a great film"].enumerated() {
      for copy in 0..<6 {
        try bench.write(
          line + " the end" + String(repeating: " of a story", count: copy),
          to: "imdb/train/\(index < 2 ? "neg" : "pos")/\(index)\(copy).txt")
      }
    }
    let rows = (0..<24).map { #""\#($0 % 2 + 1)","\#($0 % 2 == 0 ? "bad , bad" : "good") end""# }
    try bench.write(rows.joined(separator: "\n") + "\n", to: "yelp/validation.csv")
    for folder in ["yelp", "amazon", "sst2"] {
      for (name, source) in [("train", "train"), ("dev", "test"), ("test", "test")] {
        let text = String(decoding: try bench.bytes("\(source).tsv"), as: UTF8.self)
        try bench.write(text, to: "\(folder)/\(name).tsv")
      }
    }
  }

  private let plan = Path.join(packageRoot, "experiments/plans/domain-shift.json")

  private func dryRun(_ names: String...) throws -> Program.Outcome {
    try bench.program.run(
      ["sweep", plan, "--out", "out", "--dry-run", "--json", "--set", "MODEL=\(tinyModel)"]
        + names.flatMap { ["--set", "\($0)=\($0.lowercased())"] })
  }

  @Test func `lists its stages for the data that are there`() throws {
    let near = try dryRun("SST2")
    let all = try dryRun("SST2", "YELP", "AMAZON", "IMDB")
    #expect(near.code == 0 && all.code == 0, "\(near.errors)\(all.errors)")
    for name in ["yelp", "amazon", "imdb"] {
      #expect(near.errors.contains("the scenario \"\(name)\" is left out; --set"))
      #expect(!all.errors.contains("the scenario \"\(name)\""))
    }
    func count(_ outcome: Program.Outcome, _ kind: String) throws -> Int {
      try outcome.jsonLines.count { $0["artifact"]?.string?.hasPrefix(kind + "-") ?? false }
    }
    // Three attacks and three seeds; Yelp and Amazon have the same texts here, as SST-2 has, which
    // is read up to another length.
    #expect(try count(near, "poison") == 9 && count(all, "poison") == 3 * 9)
    // Plain and fast fine-tuning, and those after levelling and pruning, of three poisoned models,
    // and the plain one of the clean model: the same whatever the attacker reads.
    #expect(try count(near, "finetune") == 3 * (3 * 4 + 1))
    #expect(try count(all, "finetune") == 3 * (3 * 3 * 4 + 1))
    #expect(try count(all, "trigger") == count(near, "trigger"))
  }

  @Test func `reads each data set in its own way and length`() throws {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1, "batchSize": 8},
         "defense": {"epochs": 1, "batchSize": 8}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [
         {"id": "far", "attackData": {"train": "imdb/train",
            "validation": {"path": "yelp/validation.csv", "format": "polarity"}},
          "defenseData": {"train": "sst2/train.tsv", "validation": "sst2/dev.tsv",
            "test": "sst2/test.tsv"},
          "attack": {"maximumLength": 24, "insertionLimit": 8, "selection": "best"},
          "defense": {"maximumLength": 12}}],
       "attacks": [{"id": "none", "title": "clean", "kind": "none", "only": {"defenses": ["ft"]}},
         {"id": "badnets", "kind": "badnets"}, {"id": "lwp", "kind": "lwp"}],
       "defenses": [{"id": "ft", "kind": "ft"},
         {"id": "norm", "title": "Norm-Only, λ = 1", "kind": "norm-only",
          "settings": {"layerWeights": "uniform"}}],
       "seeds": [11]}
      """, to: "plan.json")
    let outcome = try bench.program.run("sweep", "plan.json", "--out", "out", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let records = try outcome.jsonLines
    #expect(
      records.compactMap { $0["group"]?.string } == [
        "bert/none+badnets/far/ft", "bert/badnets/far/ft", "bert/badnets/far/norm",
        "bert/lwp/far/ft", "bert/lwp/far/norm",
      ])
    for record in records.dropFirst() {
      let configuration = record["configuration"]
      #expect(configuration?["attack"]?["training"]?["maximumLength"] == 24)
      #expect(configuration?["attack"]?["training"]?["selection"] == "best")
      #expect(configuration?["defense"]?["training"]?["maximumLength"] == 12)
    }
    let stages = try JSONNode(records[2], file: "record").required("stages").elements()
    let kinds = try stages.map { try $0.required("kind").string() }
    #expect(kinds == ["trigger", "poison", "finetune", "evaluation"])
    let key = try stages[2].required("key").string().prefix(16)
    let note = try JSONValue(parsing: bench.bytes("out/store/finetune-\(key)/stage.json"))
    #expect(note["outcome"]?["findings"]?["layerWeights"] == [.double(1), .double(1)])
    // Both attacks are compared with the one clean model.
    let rates = records.compactMap { $0["labelFlipRate"]?.double }
    let table = String(decoding: try bench.bytes("out/tables.csv"), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let column = try #require(table[0].firstIndex(of: "excess_lfr_mean"))
    let plain = table.filter { $0[3] == "FT" && $0[1] != "\"clean" }
    #expect(plain.map { Double($0[column]) } == [rates[1] - rates[0], rates[3] - rates[0]])
  }
}
