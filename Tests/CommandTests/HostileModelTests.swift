import Checkpoints
import Files
import FoundationEssentials
import Glibc
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

  @Test func `does not have a private file copied through a link`() throws {
    try bench.write("my secret", to: "secret")
    let link = bench.scratch.file("model/vocab.txt")
    try Path.remove(link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../secret")
    let plan =
      #"{"name": "p", "models": [{"id": "m", "path": "model"}], "scenarios": [{"id": "s","#
      + #" "attackData": {"train": "train.tsv"}, "defenseData": {"train": "train.tsv","#
      + #" "validation": "test.tsv", "test": "test.tsv"}}], "attacks": [{"id": "a","#
      + #" "kind": "badnets"}], "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [1]}"#
    try bench.write(plan, to: "plan.json")
    for line in [
      ["finetune", "--model", "model", "--train", "train.tsv", "--epochs", "1", "--out", "new"],
      ["tokenize", "--model", "model", "--input", "lines.txt"],
      ["predict", "--model", "model", "--input", "lines.txt"],
      ["sweep", "plan.json", "--out", "new"],
    ] {
      let outcome = try bench.program.run(line)
      #expect(outcome.code == 2 && outcome.errors.contains("model/vocab.txt: is a link to"))
      #expect(!Path.exists(bench.scratch.file("new")))
    }
  }

  /// Runs a line where so much address space is all there is.
  private func run(_ line: String, kilobytes: Int) throws -> Program.Outcome {
    var shell = bench.program
    shell.path = "/bin/sh"
    return try shell.run("-c", "ulimit -v \(kilobytes); \(Program.pure) \(line)")
  }

  /// A tensor of 25 GB that takes no room on the disk.
  @Test func `that is too large for the memory ends the program in good order`() throws {
    let (hidden, words) = (1536, 1 << 22)
    let config = try JSONValue(contentsOf: bench.scratch.file("model/config.json"))
    var sizes: [Int: Int] = [:]
    for (key, size) in [
      ("hidden_size", hidden), ("intermediate_size", 4 * hidden),
      ("vocab_size", words),
    ] {
      let old = try #require(config[key]?.int)
      sizes[old] = size
      try bench.replace("\"\(key)\": \(old)", with: "\"\(key)\": \(size)", in: "model/config.json")
    }
    let path = bench.scratch.file("model/model.safetensors")
    let file = try SafetensorsFile(path)
    var (header, end) = (JSONObject([("__metadata__", ["format": "pt"])]), 0)
    for tensor in file.tensors {
      let shape = tensor.shape.map { sizes[$0] ?? $0 }
      let size = shape.reduce(4, *)
      header[tensor.name] = [
        "dtype": "F32", "shape": .array(shape.map(JSONValue.int)),
        "data_offsets": [.int(end), .int(end + size)],
      ]
      end += size
    }
    let text = JSONValue.object(header).serialized()
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    try AtomicFile.write(length + text, to: path)
    let status = unsafe truncate(path, 8 + text.count + end)
    try #require(status == 0)
    let outcome = try run(
      "heads --threads 1 --model model --data test.tsv --out page.html", kilobytes: 4_000_000)
    #expect(outcome.code == 4, "\(outcome.errors)")
    #expect(outcome.errors.contains("model.safetensors: cannot be read: there is no memory"))
    #expect(!Path.exists(bench.scratch.file("page.html")))
  }

  @Test func `whose texts outgrow the memory ends the program in good order too`() throws {
    // What is read fits, and what becomes of it does not.
    let line = String(repeating: "a good film ", count: 80) + "\n"
    try bench.write(String(repeating: line, count: 50_000), to: "lines.txt")
    let outcome = try run(
      "tokenize --max-length 3 --model model --input lines.txt", kilobytes: 90_000)
    #expect(outcome.code == 4, "\(outcome.errors)")
    #expect(outcome.errors.contains("there is no memory for"))
    #expect(outcome.output.isEmpty)
  }
}
