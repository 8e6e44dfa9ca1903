import Files
import TestSupport
import Testing

@Suite struct `Standard streams` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  @Test func `that are full get a sentence`() throws {
    for line in [["info"], ["--help"], ["defend", "--help"]] {
      let outcome = try bench.program.run(line, output: "/dev/full")
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains("standard output: cannot be written"))
    }
  }

  @Test func `that are closed neither stop the work nor end up in a file of it`() throws {
    let line = ["finetune"] + Bench.training + ["--epochs", "2", "--out"]
    #expect(try bench.program.run(line + ["whole"]).code == 0)
    #expect(try bench.program.run(line + ["quiet"], closed: [2]).code == 0)
    #expect(try bench.program.run(line + ["silent"], closed: [0, 1, 2]).code == 2)
    for name in ["quiet", "silent"] {
      for file in try Path.names(in: bench.scratch.file("whole")) where file != "config.json" {
        #expect(try bench.bytes("\(name)/\(file)") == bench.bytes("whole/\(file)"), "\(file)")
      }
    }
  }

  @Test func `hold one JSON document or one a line where that is promised`() throws {
    let model = ["--model", tinyModel]
    let classes = ["--labels", "0,1,2", "--target-label", "1"]
    let documents = [
      ["info"], ["verify", "--operation", "fill"], ["bench", "--operation", "fill"],
      ["evaluate", "--test", "test.tsv", "--attack", "badnets"] + classes + model,
      ["heads", "--data", "test.tsv", "--out", "page.html"] + model,
      ["finetune", "--epochs", "1", "--out", "one"] + Bench.training,
      ["attack", "--attack", "badnets", "--epochs", "1", "--out", "two"] + Bench.training,
      ["defend", "--epochs", "1", "--out", "three", "--report", "r.html"] + Bench.training,
    ]
    for line in documents {
      let outcome = try bench.program.run(line + ["--json"])
      #expect(outcome.code == 0, "\(line): \(outcome.errors)")
      #expect(throws: Never.self) { try JSONValue(parsing: Array(outcome.output.utf8)) }
    }
    for line in [["predict"], ["tokenize"], ["tokenize", "--tokens"]] {
      let outcome = try bench.program.run(line + model + ["--input", "lines.txt"])
      #expect(try outcome.jsonLines.count == 31)
    }
  }

  @Test func `pass over blank lines of JSON, and of plain text over none`() throws {
    for (name, content, count) in [
      ("blank.jsonl", "\n\"a good film\"\n \r\n{\"text\": \"\"}\n\n\n", 2),
      ("blank.txt", "\na good film\n \n\n", 4),
    ] {
      try bench.write(content, to: name)
      let outcome = try bench.program.run("predict", "--model", tinyModel, "--input", name)
      #expect(try outcome.jsonLines.count == count, "\(outcome.errors)")
    }
  }

  @Test func `tell apart from results what is read and what is odd about it`() throws {
    try bench.write("sentence\tlabel\na good film\t1\na good film\t1\n \t0\n", to: "odd.tsv")
    let outcome = try bench.program.run(
      "evaluate", "--model", tinyModel, "--test", "odd.tsv", "--labels", "0,1,2",
      "--target-label", "1", "--device", "cpu")
    #expect(
      outcome.errors == "test: 3 texts of odd.tsv (0: 1, 1: 2, 2: 0), 1 seen before, 1 empty\n")
  }

  @Test func `tell accuracy without a target, and a flip rate where one is named`() throws {
    let line = [
      "evaluate", "--model", tinyModel, "--test", "test.tsv", "--labels", "0,1,2", "--json",
    ]
    let accuracy = try bench.program.run(line)
    #expect(accuracy.code == 0, "\(accuracy.errors)")
    let document = try JSONValue(parsing: Array(accuracy.output.utf8))
    #expect(document["accuracy"]?.double != nil)
    #expect(document["cleanLabelFlipRate"] == .null && document["targetLabel"] == .null)
    let named = try JSONValue(
      parsing: Array(try bench.program.run(line + ["--target-label", "1"]).output.utf8))
    #expect(named["targetLabel"]?.string == "1" && named["cleanLabelFlipRate"]?.double != nil)
    let attacked = try bench.program.run(line + ["--attack", "badnets"])
    #expect(attacked.code == 2 && attacked.errors.contains("--target-label"))
  }

  @Test func `tell of a file that may not grow, and nothing of it is left`() throws {
    // Twenty blocks of 512 bytes hold no model of 46 KB.
    for epochs in ["1", "2"] {
      let outcome = try bench.program.run(
        ["finetune"] + Bench.training + ["--epochs", epochs, "--out", "new"], limit: 20)
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains("cannot be written"))
      #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix(".") && !$0.hasPrefix("new") })
    }
  }
}
