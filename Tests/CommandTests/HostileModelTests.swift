import Files
import TestSupport
import Testing

@Suite struct `A hostile model directory` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.copyModel("model")
  }

  private func predict() throws -> Program.Outcome {
    try bench.program.run("predict", "--model", "model", "--input", "lines.txt")
  }

  @Test func `is read when nothing is wrong with it`() throws {
    #expect(try predict().code == 0)
  }

  /// Nothing but `tokenizer.json` says what stands around a text.
  private func leaveAllToTokenizerFile() throws {
    try bench.write(
      #"{"tokenizer_class": "PreTrainedTokenizerFast"}"#, to: "model/tokenizer_config.json")
  }

  @Test func `does not make the program read beyond the embeddings`() throws {
    try leaveAllToTokenizerFile()
    try bench.replace(
      "\"ids\": [\n          2\n", with: "\"ids\": [\n          9999999\n",
      in: "model/tokenizer.json")
    let outcome = try predict()
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("ids up to 9999999"))
  }

  @Test func `does not crowd out the text with special tokens`() throws {
    let piece = "{\"SpecialToken\": {\"id\": \"[CLS]\", \"type_id\": 0}}, "
    try bench.replace(
      "\"single\": [", with: "\"single\": [" + String(repeating: piece, count: 200),
      in: "model/tokenizer.json")
    for command in ["predict", "tokenize"] {
      let outcome = try bench.program.run(
        command, "--model", "model", "--input", "lines.txt", "--max-length", "3")
      #expect(outcome.code == 2)
      #expect(outcome.errors.contains("201 tokens before a text"))
    }
  }

  @Test func `needs a token before an empty text`() throws {
    try leaveAllToTokenizerFile()
    try bench.replace("\"post_processor\": {", with: "\"other\": {", in: "model/tokenizer.json")
    try bench.write("\n\n", to: "lines.txt")
    let outcome = try predict()
    #expect(outcome.code == 2)
    #expect(outcome.errors.contains("[CLS]"))
  }

  @Test func `that overflows gives an error, not a prediction`() throws {
    // An exponent of 0xFE makes every weight that was not zero larger than 1e38.
    var bytes = try bench.bytes("model/model.safetensors")
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    for index in stride(from: 8 + header, to: bytes.count, by: 4) {
      (bytes[index + 2], bytes[index + 3]) = (0x00, 0x7F)
    }
    try AtomicFile.write(bytes, to: bench.scratch.file("model/model.safetensors"))
    #expect(try predict().errors.contains("not finite"))
    let heads = try bench.program.run(
      "heads", "--model", "model", "--data", "test.tsv", "--out", "page.html", "--json")
    #expect(heads.code == 2)
    #expect(!Path.exists(bench.scratch.file("page.html")))
  }

  @Test func `is refused with a code of its own where reading it could run code`() throws {
    try Path.remove(bench.scratch.file("model/model.safetensors"))
    try bench.write("PK\u{3}\u{4}", to: "model/pytorch_model.bin")
    #expect(try predict().code == 3)
    try bench.write("version https://git-lfs.github.com/spec/v1\n", to: "model/model.safetensors")
    let pointer = try predict()
    #expect(pointer.code == 2)
    #expect(pointer.errors.contains("git lfs pull"))
  }

  @Test func `cannot send escapes to a terminal through its labels`() throws {
    try bench.replace("neutral", with: #"\u001b[31m\u009b2J\u202e"#, in: "model/config.json")
    let outcome = try predict()
    #expect(outcome.code == 0)
    let raw: Set<Unicode.Scalar> = ["\u{1B}", "\u{9B}", "\u{202E}"]
    #expect(!outcome.output.unicodeScalars.contains { raw.contains($0) })
    let labels = try outcome.jsonLines.compactMap { $0["label"]?.string }
    #expect(labels.count == 31)
    #expect(labels.contains("\u{1B}[31m\u{9B}2J\u{202E}"))
  }
}
