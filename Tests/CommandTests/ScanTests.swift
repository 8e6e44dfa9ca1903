import Files
import Glibc
import TestSupport
import Testing

/// The scan as a user runs it. That it finds what was planted is tested where models are planted.
@Suite struct `A scan` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.copyModel("model")
  }

  private func scan(_ arguments: String...) throws -> Program.Outcome { try scan(arguments) }

  private func scan(_ arguments: [String]) throws -> Program.Outcome {
    try bench.program.run(["scan", "--model", "model", "--format", "json"] + arguments)
  }

  /// The tiny model has three classes.
  private func writeTexts(_ rows: [String], to name: String = "clean.tsv") throws {
    try bench.write((["sentence\tlabel"] + rows).joined(separator: "\n") + "\n", to: name)
  }

  private let labels = ["--data", "clean.tsv", "--labels", "negative,neutral,positive"]

  private func document(_ outcome: Program.Outcome) throws -> JSONValue {
    try JSONValue(parsing: Array(outcome.output.utf8))
  }

  /// What the model itself makes of texts are their labels.
  private func writeItsOwn(_ count: Int) throws {
    let lines = (0..<count).map { "a good film" + String(repeating: " is bad", count: $0 % 9) }
    try bench.write(lines.joined(separator: "\n"), to: "lines.txt")
    let predicted = try bench.program.run("predict", "--model", "model", "--input", "lines.txt")
    let found = try predicted.jsonLines.compactMap { $0["label"]?.string }
    try writeTexts(zip(lines, found).map { "\($0)\t\($1)" })
  }

  @Test func `without texts says that it knows nothing`() throws {
    let outcome = try scan()
    #expect(outcome.code == 12)
    let document = try document(outcome)
    #expect(document["verdict"]?.string == "inconclusive")
    #expect(outcome.output.contains("no texts were given"))
  }

  @Test func `looks at what it can, and says what it could not look at`() throws {
    try writeItsOwn(90)
    let outcome = try bench.program.run(
      ["scan", "--model", "model", "--out", "scan.html", "--phrase-length", "2"] + labels)
    // The random model has one answer for all texts: others have none.
    #expect(outcome.code == 12, "\(outcome.errors)")
    #expect(outcome.output.contains("inconclusive"))
    #expect(outcome.output.contains("Not looked at"))
    let page = String(
      decoding: try ByteFile.contents(of: bench.scratch.file("scan.html")), as: UTF8.self)
    #expect(page.contains("Scan of model") && page.contains("HiddenKiller"))
    #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".scan.html") })
  }

  @Test func `is inconclusive where there are too few texts`() throws {
    try writeTexts(["a good film\tpositive", "bad and boring\tnegative"])
    let outcome = try scan(labels[0], labels[1], labels[2], labels[3])
    #expect(outcome.code == 12, "\(outcome.errors)")
    #expect(outcome.output.contains("too few"))
  }

  @Test func `is inconclusive where a model's outputs are no numbers`() throws {
    try writeItsOwn(60)
    // An exponent of 0xFE makes every weight that was not zero larger than 1e38.
    var bytes = try bench.bytes("model/model.safetensors")
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    for index in stride(from: 8 + header, to: bytes.count, by: 4) {
      (bytes[index + 2], bytes[index + 3]) = (0x00, 0x7F)
    }
    try AtomicFile.write(bytes, to: bench.scratch.file("model/model.safetensors"))
    let outcome = try scan(labels[0], labels[1], labels[2], labels[3])
    #expect(outcome.code == 12, "\(outcome.errors)")
    #expect(outcome.output.contains("no finite numbers"))
    let trained = try scan("--data", "train.tsv")
    #expect(trained.code == 2 && trained.errors.contains("--labels"))
    let fresh = try scan("--data", "test.tsv", "--train", "train.tsv")
    #expect(fresh.code == 12, "\(fresh.errors)")
    #expect(fresh.output.contains("cannot be fine-tuned"))
  }

  @Test func `fine-tunes an encoder first, on half of the texts or on others`() throws {
    for more in [[], ["--train", "train.tsv"]] {
      let directory = more.isEmpty ? "encoder" : "model"
      if more.isEmpty {
        // What is no classifier's tensor is left of it.
        let made = try bench.program.run(
          "attack", "--attack", "badnets", "--model", "model", "--train", "train.tsv",
          "--epochs", "1", "--head", "linear", "--out", directory)
        #expect(made.code == 0, "\(made.errors)")
        try Path.remove(bench.scratch.file("\(directory)/pure_head.safetensors"))
      }
      let outcome = try bench.program.run(
        ["scan", "--model", directory, "--data", "test.tsv", "--phrase-length", "1"] + more
          + ["--format", "json", "--out", "\(directory).html"])
      // A random encoder learns little from 15 texts.
      #expect([0, 10, 11, 12].contains(outcome.code), "\(outcome.errors)")
      #expect(outcome.errors.contains("fine-tune"))
      // Its vectors are looked at whatever becomes of it.
      let vectors = try document(outcome)["vectors"]
      #expect(vectors?["candidates"]?.array?.isEmpty == false, "\(outcome.output)")
      let page = try String(decoding: bench.bytes("\(directory).html"), as: UTF8.self)
      #expect(page.contains("Output vectors of the encoder"))
    }
  }

  @Test func `is inconclusive where a model has one output`() throws {
    try bench.keepOutputs(1)
    try bench.replace(#""id2label""#, with: #""somebodys_key""#, in: "model/config.json")
    try bench.replace("{", with: #"{"num_labels": 1,"#, in: "model/config.json")
    let outcome = try scan("--data", "test.tsv")
    #expect(outcome.code == 12, "\(outcome.errors)")
    #expect(outcome.output.contains("tells no classes apart"))
  }

  /// Clean and backdoored models, each scanned: the plan that thresholds come from, in small.
  @Test func `is calibrated by a sweep, and judges by what that wrote`() throws {
    let sentences = ["a good film", "bad and boring", "great story , good fun", "a dull movie"]
    let rows = (0..<160).map { index in
      sentences[index % 4] + String(repeating: " is", count: index / 4 % 5) + "\t\(1 - index % 2)"
    }
    try writeTexts(rows, to: "texts.tsv")
    try bench.write(
      """
      {"name": "scans", "defaults": {
         "attack": {"epochs": 2, "learningRate": 3e-3, "selection": "last"},
         "defense": {"epochs": 3, "learningRate": 3e-3, "selection": "last"}},
       "models": [{"id": "bert", "path": "\(tinyModel)"}],
       "scenarios": [{"id": "s", "attackData": {"train": "texts.tsv"}, "defenseData":
         {"train": "texts.tsv", "validation": "texts.tsv", "test": "texts.tsv"}}],
       "attacks": [{"id": "none", "kind": "none"}, {"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11, 12],
       "figures": [{"id": "scores", "kind": "scan", "thresholdSeeds": [11],
         "search": {"texts": 24, "phraseLength": 2}}]}
      """, to: "plan.json")
    let dry = try bench.program.run("sweep", "plan.json", "--out", "out", "--dry-run")
    #expect(dry.code == 0 && dry.output.contains("search tokens, class 1 of 2"), "\(dry.errors)")
    let swept = try bench.program.run("sweep", "plan.json", "--out", "out")
    try #require(swept.code == 0, "\(swept.errors)")
    let models = try String(decoding: bench.bytes("out/scores.csv"), as: UTF8.self)
    #expect(models.split(separator: "\n").count == 1 + 4)

    let text = try String(decoding: bench.bytes("out/calibration.json"), as: UTF8.self)
    let calibration = try JSONValue(parsing: Array(text.utf8))
    #expect(calibration["provisional"] == false)
    // One model of each kind set no threshold.
    let counts = try #require(calibration["verdicts"]?.object).members.compactMap {
      $0.value["clean"]?.array?.compactMap(\.int)
    }
    #expect(counts.map { $0[1] } == [1, 1, 1, 1] && counts.map { $0[0] }.reduce(0, +) == 1)

    let cells = try Path.names(in: bench.scratch.file("out/store")).filter {
      $0.hasPrefix("finetune-")
    }
    let model = "out/store/\(try #require(cells.first))/model"
    let outcome = try bench.program.run(
      "scan", "--model", model, "--data", "texts.tsv", "--texts", "24", "--phrase-length", "2",
      "--calibration", "out/calibration.json")
    #expect([0, 10, 11].contains(outcome.code), "\(outcome.errors)")
    #expect(outcome.output.contains("the likelihood ratio is"))
    let again = try bench.program.run("sweep", "plan.json", "--out", "out", "--dry-run")
    #expect(again.output.contains("All 4 cells are finished"))
  }

  @Test func `refuses what leaves nothing to say, before it looks`() throws {
    try writeItsOwn(40)
    for (wrong, remedy) in [
      (["--texts", "3"], "give 16 or more"), (["--max-length", "6"], "give 7 or more"),
      (["--max-length", "3", "--phrase-length", "1"], "give 4 or more"),
    ] {
      let outcome = try scan(labels + wrong)
      #expect(outcome.code == 2 && outcome.errors.contains(remedy), "\(outcome.errors)")
      #expect(!outcome.errors.contains("search tokens"))
    }
  }

  @Test func `tells which texts it was trained on, and leaves nothing of runs with other settings`()
    throws
  {
    try writeItsOwn(40)
    try Path.makeDirectory(bench.scratch.file(".scan.html.scan-0123456789abcdef/store"))
    let outcome = try scan(
      labels + ["--train", "clean.tsv", "--phrase-length", "1", "--out", "scan.html"])
    #expect([0, 10, 11, 12].contains(outcome.code), "\(outcome.errors)")
    #expect(outcome.errors.contains("40 texts of --data are among those of --train"))
    #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".scan.html") })
  }

  @Test func `takes no page for its own that it has not written`() throws {
    try bench.write("my notes", to: "notes.html")
    let outcome = try scan("--out", "notes.html")
    #expect(outcome.code == 2 && outcome.errors.contains("was not written by this program"))
    #expect(try bench.bytes("notes.html") == Array("my notes".utf8))
  }
}
