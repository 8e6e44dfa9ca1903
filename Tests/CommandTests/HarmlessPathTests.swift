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

  @Test func `that is no UTF-8 is refused, as it would be another one`() throws {
    var shell = bench.program
    shell.path = "/bin/sh"
    let line = ["finetune", "--epochs", "1"] + Bench.training
    let outcome = try shell.run(
      "-c",
      "\(Program.pure) \(line.joined(separator: " ")) --out \"$(printf 'o\\377')\"")
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("\"o\u{FFFD}\" is not valid UTF-8"), "\(outcome.errors)")
    #expect(try bench.scratch.names().allSatisfy { !$0.hasPrefix("o") })
  }

  @Test func `in a folder of texts is refused where it is no UTF-8`() throws {
    for name in ["neg/1.txt", "pos/1.txt"] { try bench.write("a good film", to: "texts/" + name) }
    var shell = bench.program
    shell.path = "/bin/sh"
    let outcome = try shell.run(
      "-c",
      "cp texts/neg/1.txt \"$(printf 'texts/neg/\\377.txt')\"; \(Program.pure) trigger "
        + "--attack badnets --input texts --out new.tsv")
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("texts/neg: holds a file whose name"), "\(outcome.errors)")
  }
}
