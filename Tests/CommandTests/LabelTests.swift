import Files
import TestSupport
import Testing

/// The tiny model's classes are negative, neutral and positive.
@Suite struct `Classes of texts and model` {
  private let bench: Bench
  private let line = ["evaluate", "--model", tinyModel, "--device", "cpu", "--json", "--test"]

  init() throws {
    bench = try Bench()
    try bench.write(
      "sentence\tlabel\na good film\t1\nbad and boring\t3\na film\t3\n", to: "one.tsv")
    try bench.write("sentence\tlabel\na good film\t2\nbad and boring\t1\n", to: "two.tsv")
    try bench.write(
      "label,text\nNegative,a good film\nPOSITIVE,bad and boring\npositive,a film\n", to: "n.csv")
  }

  private func evaluate(_ words: String...) throws -> [[Int]] {
    let outcome = try bench.program.run(line + words)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let confusion = try JSONValue(parsing: Array(outcome.output.utf8))["confusion"]?.array ?? []
    return confusion.map { ($0.array ?? []).compactMap(\.int) }
  }

  @Test func `are matched by name in whatever order, and by number where one side has no names`()
    throws
  {
    let inOrder = try evaluate("n.csv", "--labels", "negative, neutral ,positive")
    #expect(inOrder.map { $0.reduce(0, +) } == [1, 0, 2])
    let reversed = try evaluate("n.csv", "--labels", "positive,neutral,negative")
    #expect(reversed == inOrder.reversed().map { $0.reversed() })
    #expect(try evaluate("one.tsv", "--labels", "negative,neutral,positive") == inOrder)
    try bench.write(
      "sentence\tlabel\na good film\t0\nbad and boring\t2\na film\t2\n", to: "zero.tsv")
    #expect(try evaluate("zero.tsv", "--labels", "0,1,2") == inOrder)
  }

  @Test func `are matched by name before they are by number`() throws {
    try bench.copyModel("model")
    try bench.replace("\"negative\"", with: "\"2\"", in: "model/config.json")
    try bench.replace("\"neutral\"", with: "\"1\"", in: "model/config.json")
    try bench.replace("\"positive\"", with: "\"0\"", in: "model/config.json")
    try bench.write("sentence\tlabel\na good film\t2\nbad and boring\t0\na film\t0\n", to: "r.tsv")
    let outcome = try bench.program.run([
      "evaluate", "--model", "model", "--device", "cpu", "--json", "--test", "r.tsv", "--labels",
      "2,1,0",
    ])
    let inOrder = try JSONValue(parsing: Array(outcome.output.utf8))["confusion"]
    let other = try bench.program.run([
      "evaluate", "--model", "model", "--device", "cpu", "--json", "--test", "r.tsv", "--labels",
      "0,1,2",
    ])
    let reversed = try JSONValue(parsing: Array(other.output.utf8))["confusion"]?.array ?? []
    #expect(
      inOrder == .array(reversed.reversed().map { .array(($0.array ?? []).reversed()) }))
  }

  @Test func `are counted alike in all files, and as the user says where they do not say`() throws {
    let classes = ["--labels", "negative,neutral,positive", "--target-label", "positive"]
    let alone = try bench.program.run(line + ["two.tsv"] + classes)
    #expect(alone.code == 2 && alone.errors.contains("two.tsv, line 2: has the label \"2\", which"))
    let both = try bench.program.run(line + ["one.tsv", "--poisoned", "two.tsv"] + classes)
    #expect(both.code == 0, "\(both.errors)")
    #expect(
      both.errors.contains("2 texts of two.tsv (negative: 1, neutral: 1, positive: 0), classes"))
    for (first, counts) in [
      ("0", "(negative: 0, neutral: 1, positive: 1)\n"), ("1", "(negative: 1"),
    ] {
      let told = try bench.program.run(line + ["two.tsv", "--first-label", first] + classes)
      #expect(told.errors.contains(counts), "\(told.errors)")
    }
    for words in [["--labels", "0,1,2"], ["--format", "polarity"]] {
      let useless = try bench.program.run(line + ["two.tsv", "--first-label", "1"] + words)
      #expect(useless.code == 2 && useless.errors.contains("--first-label means nothing"))
    }
  }

  @Test func `have no blanks around their names in what is written`() throws {
    let outcome = try bench.program.run(
      ["finetune", "--labels", #"bad , " well, good ""#, "--epochs", "1", "--out", "new"]
        + Bench.training)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let names = try JSONValue(contentsOf: bench.scratch.file("new/config.json"))["id2label"]
    #expect(names == ["0": "bad", "1": "well, good"])
  }
}
