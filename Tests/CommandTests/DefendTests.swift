import Files
import TestSupport
import Testing

@Suite struct `An accuracy floor` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func defend(_ floor: String, _ out: String, _ more: [String] = []) throws
    -> Program.Outcome
  {
    try bench.program.run(
      ["defend", "--method", "prune-only", "--accuracy-floor", floor]
        + Bench.training + ["--epochs", "3", "--learning-rate", "1e-3", "--out", out] + more)
  }

  @Test func `below zero counts from what plain fine-tuning reaches`() throws {
    let relative = try defend("-0.25", "relative", ["--json"])
    try #require(relative.code == 0, "\(relative.errors)")
    let pruning = try #require(try JSONValue(parsing: Array(relative.output.utf8))["pruning"])
    let before = try #require(pruning["accuracyBefore"]?.double)
    #expect(pruning["accuracyFloor"]?.double == before - 0.25)
    let absolute = try defend("\(before - 0.25)", "absolute")
    #expect(absolute.code == 0)
    #expect(
      absolute.output.contains("after plain fine-tuning; pruning ended below "), "\(absolute)")
    #expect(
      try bench.bytes("relative/model.safetensors") == bench.bytes("absolute/model.safetensors"))
    #expect(try defend("-1.5", "none").errors.contains("accuracy-floor"))
  }
}

@Suite struct `A defence with a scan` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func defend(_ method: String, _ out: String, _ more: String...) throws
    -> Program.Outcome
  {
    try bench.program.run(
      ["defend", "--method", method] + Bench.training + ["--epochs", "1", "--out", out] + more)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try bench.bytes(name), as: UTF8.self)
  }

  @Test func `says before and after in every format`() throws {
    let scan = ["--scan", "--phrase-length", "1", "--texts", "8"]
    let outcome = try bench.program.run(
      ["defend", "--method", "prune-only", "--accuracy-floor", "-0.5"] + Bench.training
        + ["--epochs", "1", "--out", "clean", "--report", "page.html", "--bom", "bill.json"] + scan)
    try #require(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("scan before, plainly fine-tuned: "))
    #expect(outcome.output.contains("scan after: "))
    let configuration = try JSONValue(parsing: bench.bytes("clean/config.json"))
    let found = try #require(configuration["pure"]?["scan"])
    let recounts = try #require(found["recounts"]?.array)
    #expect(recounts.count == 2)
    #expect(try text("page.html").contains("Scan before and after"))
    #expect(try text("clean/README.md").contains("scan after"))
    let counted = recounts.contains { $0["candidates"]?.array?.isEmpty == false }
    #expect(try text("bill.json").contains("label flip rate after the defence") == counted)
  }

  @Test func `gives methods without a first fine-tuning one of their own`() throws {
    let outcome = try defend("meft", "clean", "--scan", "--phrase-length", "1", "--json")
    try #require(outcome.code == 0, "\(outcome.errors)")
    let document = try JSONValue(parsing: Array(outcome.output.utf8))
    #expect(document["scan"]?["before"]?["verdict"]?.string != nil)
    #expect(document["scan"]?["after"]?["verdict"]?.string != nil)
  }

  @Test func `takes no setting of a scan without one`() throws {
    let outcome = try defend("ft", "clean", "--texts", "8")
    #expect(outcome.code == 2 && outcome.errors.contains("--texts means nothing without --scan"))
    #expect(try defend("ft", "clean").code == 0)
    let configuration = try JSONValue(parsing: bench.bytes("clean/config.json"))
    #expect(configuration["pure"]?["settings"]?["shortlist"] == nil)
    #expect(configuration["pure"]?["scan"] == nil)
  }
}

@Suite struct `A bill of materials` {
  private let bench: Bench

  init() throws { bench = try Bench() }

  private func fineTune(_ bill: String, _ out: String = "new") throws -> Program.Outcome {
    try bench.program.run(
      ["finetune"] + Bench.training + ["--epochs", "1", "--out", out, "--bom", bill])
  }

  @Test func `takes the place of an earlier one and of nothing else`() throws {
    try bench.write("mine", to: "bill.json")
    let refused = try fineTune("bill.json")
    #expect(refused.code == 2 && refused.errors.contains("was not written by this program"))
    #expect(try bench.bytes("bill.json") == Array("mine".utf8))
    #expect(try !bench.scratch.names().contains("new"))
    #expect(try fineTune("new/bill.json").errors.contains("has to be empty"))

    #expect(try fineTune("other.json").code == 0)
    let first = try bench.bytes("other.json")
    #expect(try fineTune("other.json", "newer").code == 0)
    #expect(try bench.bytes("other.json") != first)
  }

  @Test func `shows nothing that a name tries to do to a terminal`() throws {
    try bench.write(
      String(decoding: bench.bytes("train.tsv"), as: UTF8.self), to: "a\u{1B}[2Jb\u{202E}.tsv")
    let outcome = try bench.program.run([
      "finetune", "--model", tinyModel, "--train", "a\u{1B}[2Jb\u{202E}.tsv", "--epochs", "1",
      "--out", "new", "--bom", "bill.json",
    ])
    #expect(outcome.code == 0, "\(outcome.errors)")
    let text = String(decoding: try bench.bytes("bill.json"), as: UTF8.self)
    #expect(text.contains("ab.tsv") && !text.contains("\\u001b") && !text.contains("\u{202E}"))
  }
}
