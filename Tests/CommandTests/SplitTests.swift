import Files
import TestSupport
import Testing
import Text

extension Refusal {
  /// What `pure split` cannot do.
  static let splits = [
    splitting(says: ["--shares or --counts"]),
    splitting("--shares", "0.9,0.1", "--counts", "9,1", says: ["either --shares or --counts"]),
    splitting("--shares", "0.9", says: ["0.9", "two or three"]),
    splitting("--shares", "0.9,0.2", says: ["0.9, 0.2", "no parts of a whole"]),
    splitting("--shares", "nine,one", says: ["--shares", #""nine""#]),
    splitting("--shares", "nan,0.1", says: ["no parts of a whole"]),
    splitting("--counts", "9.5,1", says: ["--counts", #""9.5""#]),
    splitting("--counts", "9,-1", says: ["9, -1", "at least 1"]),
    splitting("--counts", "60,1", says: ["train.tsv", "60 rows to split", "60, 1"]),
    splitting("--counts", "9,1", "--draw", "61", says: ["train.tsv", "60 rows", "61"]),
    splitting("--counts", "9,1", "--draw", "0", says: ["--draw", "at least 1"]),
    splitting("--counts", "9,1", "--seed", "-1", says: ["--seed"]),
    splitting("--counts", "9,1", "--format", "polarity", says: ["train.tsv, line 1", "no text"]),
    Refusal("split", "--counts", "9,1", "--out", "new", says: ["--data", "required"]),
    Refusal(
      "split", "--data", "train.tsv", "--counts", "9,1", "--out", "full",
      says: ["full", "not empty"]),
    Refusal(
      "split", "--data", "train.tsv", "--counts", "9,1", "--out", "test.tsv",
      says: ["test.tsv", "not a directory"]),
    Refusal(
      "split", "--data", "unlabelled.tsv", "--counts", "9,1", "--out", "new",
      says: ["unlabelled.tsv, line 2", "no label"]),
    Refusal(
      "split", "--data", "absent.tsv", "--counts", "9,1", "--out", "new", says: ["does not exist"]),
    // By the recipe reference an attacker has no texts to choose by.
    Refusal(
      "attack", "--attack", "badnets", "--recipe", "reference", "--selection", "best", "--model",
      tinyModel, "--train", "train.tsv", "--out", "new", says: ["--selection best", "--validation"]),
  ]

  private static func splitting(_ more: String..., says: [String]) -> Refusal {
    var refusal = Refusal("split", "--data", "train.tsv", "--out", "new", says: says)
    refusal.arguments = refusal.arguments + more
    return refusal
  }
}

@Suite struct `A split data set` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func split(_ arguments: String...) throws -> JSONValue {
    let outcome = try bench.program.run(["split", "--out", "parts"] + arguments)
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try JSONValue(parsing: bench.bytes("parts/split.json"))
  }

  @Test func `has the parts of the library's split, and says how it came about`() throws {
    let record = try split(
      "--data", "train.tsv", "--shares", "0.7,0.2,0.1", "--draw", "50", "--seed", "3")
    let data = try Dataset.load(bench.scratch.file("train.tsv"))
    let parts = try data.parts(of: DatasetSplit(.shares([0.7, 0.2, 0.1]), seed: 3, drawn: 50))
    for (part, count) in [(DatasetSplit.Part.train, 35), (.dev, 10), (.test, 5)] {
      let written = try Dataset.load(bench.scratch.file("parts/\(part.rawValue).tsv"))
      #expect(written.examples == parts[part]?.examples && written.count == count)
      let file = record["files"]?["\(part.rawValue).tsv"]
      let labels = DatasetSummary(written).labelCounts
      #expect(
        file == [
          "count": .int(count),
          "labels": ["negative": .int(labels[0]), "positive": .int(labels[1])],
        ])
    }
    #expect(record["sha256"] == .string(SHA256.hex(of: try bench.bytes("train.tsv"))))
    #expect(record["source"] == "train.tsv" && record["count"] == 60)
    #expect(record["seed"] == 3 && record["draw"] == 50 && record["shares"] == [0.7, 0.2, 0.1])
    #expect(Set(try Path.names(in: bench.scratch.file("parts"))).count == 4)
  }

  /// Reviews as Yelp and IMDB publish them have line ends.
  @Test func `has lines of JSON where a text does not fit between tabs`() throws {
    let reviews = (1...9).map { #""\#(1 + $0 % 2)","\#($0) ""fine""\n\nfood""# }
    try bench.write(reviews.joined(separator: "\n") + "\n", to: "train.csv")
    let record = try split("--data", "train.csv", "--format", "polarity", "--counts", "6,3")
    #expect(record["counts"] == [6, 3] && record["seed"] == 11)
    let parts = try ["train", "dev"].map {
      try Dataset.load(bench.scratch.file("parts/\($0).jsonl")).examples
    }
    #expect(parts.map(\.count) == [6, 3])
    for example in parts.joined() {
      let number = try #require(Int(example.text.prefix(1)))
      #expect(example.text == "\(number) \"fine\"\n\nfood" && example.label == number % 2)
    }
    #expect(Set(parts.joined().map(\.text)).count == 9)
    #expect(record["flatten"] == nil)

    let flat = try bench.program.run(
      "split", "--data", "train.csv", "--format", "polarity", "--counts", "6,3", "--flatten",
      "--out",
      "flat")
    try #require(flat.code == 0, "\(flat.errors)")
    let table = try Dataset.load(bench.scratch.file("flat/train.tsv")).examples
    #expect(
      table == parts[0].map { Example(text: "\($0.text.prefix(1)) \"fine\" food", label: $0.label) }
    )
    #expect(try JSONValue(parsing: bench.bytes("flat/split.json"))["flatten"] == true)
  }

  @Test func `may come from folders, and keeps the names of its classes`() throws {
    for number in 0..<10 {
      let folder = number % 2 == 0 ? "neg" : "pos"
      try bench.write("text \(number)", to: "aclImdb/train/\(folder)/\(number)_1.txt")
    }
    let record = try split("--data", "aclImdb/train", "--shares", "0.9,0.1")
    let source = bench.scratch.file("aclImdb/train")
    #expect(record["sha256"] == .string(try Dataset.contentHash(of: source)))
    let parts = try Dataset.load(source).parts(of: .released)
    #expect(
      try Dataset.load(bench.scratch.file("parts/train.tsv")).examples == parts[.train]?.examples)

    try bench.write(
      "text,label\n" + (0..<9).map { "t\($0),c\($0 % 3)\n" }.joined(), to: "three.csv")
    let three = try bench.program.run(
      "split", "--data", "three.csv", "--labels", "c0,c1,c2", "--counts", "5,4", "--out", "three")
    #expect(
      three.output == "5 texts written to three/train.tsv\n4 texts written to three/dev.tsv\n")
    let text = String(decoding: try bench.bytes("three/train.tsv"), as: UTF8.self)
    #expect(
      text.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("t") && $0.contains("\tc") }
    )
  }
}

/// What the recipe does where nobody names validation texts.
@Suite struct `A command by the recipe of the released code` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func run(_ arguments: String...) throws -> Program.Outcome {
    let outcome = try bench.program.run(
      arguments + Bench.training + ["--epochs", "1", "--recipe", "reference"])
    try #require(outcome.code == 0, "\(outcome.errors)")
    return outcome
  }

  @Test func `defends with the split of its authors, whatever the seed`() throws {
    let split = try bench.program.run(
      "split", "--data", "train.tsv", "--shares", "0.9,0.1", "--out", "parts")
    try #require(split.code == 0, "\(split.errors)")
    let whole = try run("finetune", "--seed", "12", "--out", "whole")
    #expect(whole.errors.contains("training: 54 texts") && whole.errors.contains("validation: 6 "))
    let parts = try bench.program.run(
      [
        "finetune", "--model", tinyModel, "--train", "parts/train.tsv", "--validation",
        "parts/dev.tsv", "--batch-size", "8", "--epochs", "1", "--recipe", "reference", "--seed",
        "12", "--out", "split",
      ])
    try #require(parts.code == 0, "\(parts.errors)")
    #expect(
      try bench.bytes("whole/model.safetensors") == bench.bytes("split/model.safetensors"))
  }

  @Test func `attacks with all texts, poisoned alike for all seeds`() throws {
    for seed in ["11", "12"] {
      let attacked = try run(
        "attack", "--attack", "badnets", "--seed", seed, "--out", "attacked-\(seed)")
      #expect(attacked.errors.contains("15 of 75 training texts are poisoned"))
      #expect(!attacked.errors.contains("validation"))
    }
    let card = String(decoding: try bench.bytes("attacked-11/README.md"), as: UTF8.self)
    #expect(card.contains("Trained on 75 texts") && !card.contains("Chosen by"))
  }

  @Test func `is followed in a plan, which names the sampling and parts of a file`() throws {
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"recipe": "reference", "epochs": 1, "batchSize": 8},
         "defense": {"recipe": "reference", "epochs": 1, "batchSize": 8}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData": {
         "train": {"path": "train.tsv", "part": {"name": "train", "shares": [0.9, 0.1]}},
         "validation": {"path": "train.tsv", "part": {"name": "dev", "shares": [0.9, 0.1]}},
         "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}], "defenses": [{"id": "ft", "kind": "ft"}],
       "seeds": [12]}
      """, to: "plan.json")
    let swept = try bench.program.run("sweep", "plan.json", "--out", "out", "--json")
    let record = JSONNode(
      try #require(try swept.jsonLines.first, "\(swept.errors)"), file: "record")
    let stages = try record.required("stages").elements()
    func artifact(_ kind: String) throws -> String {
      let stage = try #require(stages.first { $0.value["kind"]?.string == kind }, "no \(kind)")
      return try "out/store/\(kind)-" + stage.required("key").string().prefix(16)
    }
    let note = try JSONValue(parsing: bench.bytes("\(artifact("poison"))/stage.json"))
    #expect(note.text().contains(#""sampling":"released""#), "\(note.text())")

    _ = try run(
      "attack", "--attack", "badnets", "--head", "linear", "--seed", "12", "--out", "attacked")
    #expect(
      try bench.bytes("attacked/model.safetensors")
        == bench.bytes("\(artifact("poison"))/model/model.safetensors"))
    let tuned = try bench.program.run(
      [
        "finetune", "--model", "\(artifact("poison"))/model", "--train", "train.tsv", "--head",
        "linear", "--batch-size", "8", "--epochs", "1", "--recipe", "reference", "--seed", "12",
        "--out", "tuned",
      ])
    try #require(tuned.code == 0, "\(tuned.errors)")
    #expect(
      try bench.bytes("tuned/model.safetensors")
        == bench.bytes("\(artifact("finetune"))/model/model.safetensors"))
  }
}
