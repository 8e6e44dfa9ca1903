import Files
import TestSupport
import Testing

@Suite struct `A path that would colour the terminal` {
  private let bench: Bench
  private let folder = "d\u{1B}[31m\u{9B}5m"

  init() throws {
    bench = try Bench()
    try Path.makeDirectory(bench.scratch.file(folder))
  }

  @Test func `is written out by every command that tells where its result is`() throws {
    let classes = ["--labels", "0,1,2", "--target-label", "1"]
    for line in [
      ["trigger", "--attack", "badnets", "--input", "test.tsv", "--out", "\(folder)/t.tsv"]
        + classes,
      ["heads", "--model", tinyModel, "--data", "test.tsv", "--out", "\(folder)/h.html"],
      ["finetune", "--epochs", "1", "--out", "\(folder)/m"] + Bench.training,
      ["finetune", "--epochs", "1", "--out", "\(folder)/m"] + Bench.training,
    ] {
      let outcome = try bench.program.run(line)
      let text = outcome.output + outcome.errors
      #expect(text.contains(#"d\u{1B}[31m\u{9B}5m"#), "\(text)")
      #expect(!text.unicodeScalars.contains("\u{1B}") && !text.unicodeScalars.contains("\u{9B}"))
    }
  }

  @Test func `stays what it is in a document`() throws {
    let path = "\(folder)/m"
    let outcome = try bench.program.run(
      ["finetune", "--epochs", "1", "--json", "--out", path] + Bench.training)
    let document = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(document["out"]?.string == path)
  }
}
