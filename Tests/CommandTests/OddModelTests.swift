import Files
import Glibc
import TestSupport
import Testing

@Suite struct `A model with an odd head` {
  private let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.copyModel("model")
  }

  /// Cuts the head of the tiny model down to its first outputs: what follows in the file is taken
  /// out, and the header names fewer rows.
  private func keepOutputs(_ count: Int, of all: Int = 3) throws {
    let bytes = try bench.bytes("model/model.safetensors")
    let start = 8 + bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let table = JSONNode(
      try JSONValue(parsing: Array(bytes[8..<start])), file: "model.safetensors")
    var header = JSONObject([("__metadata__", ["format": "pt"])])
    var data: [UInt8] = []
    for (name, node) in try table.members() where name != "__metadata__" {
      let offsets = try node.required("data_offsets").elements().map { try $0.int() }
      var shape = try node.required("shape").elements().map { try $0.int() }
      var length = offsets[1] - offsets[0]
      if name.hasPrefix("classifier.") {
        #expect(shape[0] == all)
        shape[0] = count
        length = length / all * count
      }
      let begin = data.count
      data += bytes[start + offsets[0]..<start + offsets[0] + length]
      header[name] = [
        "dtype": "F32", "shape": .array(shape.map(JSONValue.int)),
        "data_offsets": [.int(begin), .int(data.count)],
      ]
    }
    let text = JSONValue.object(header).serialized()
    let size = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    try AtomicFile.write(
      size + text + data, to: bench.scratch.file("model/model.safetensors"))
  }

  private func predict() throws -> Program.Outcome {
    try bench.program.run("predict", "--model", "model", "--input", "lines.txt")
  }

  @Test func `with one output gives the score that stock pipelines give, and no classes`() throws {
    let before = try predict().jsonLines
    try keepOutputs(1)
    try bench.replace(#""id2label""#, with: #""somebodys_key""#, in: "model/config.json")
    try bench.replace("{", with: #"{"num_labels": 1,"#, in: "model/config.json")
    let lines = try predict().jsonLines
    #expect(lines.count == before.count)
    for (line, whole) in zip(lines, before) {
      let logits = try #require(line["logits"]?.array).compactMap(\.double)
      let probabilities = try #require(line["probabilities"]?.array).compactMap(\.double)
      // Another shape of product may round differently.
      let first = try #require(whole["logits"]?.array?.first?.double)
      #expect(logits.count == 1 && abs(logits[0] - first) < 0x1p-20 * max(1, abs(first)))
      #expect(probabilities == [1 / (1 + exp(-logits[0]))])
    }
    let evaluated = try bench.program.run("evaluate", "--model", "model", "--test", "test.tsv")
    #expect(evaluated.code == 2)
    #expect(evaluated.errors.contains("has one output"))
  }

  @Test func `is trained with a fresh one, and says what it left aside`() throws {
    try bench.replace(
      #""BertForSequenceClassification""#, with: #""BertForTokenClassification""#,
      in: "model/config.json")
    let refused = try predict()
    #expect(refused.code == 2)
    #expect(refused.errors.contains("BertForTokenClassification"))
    #expect(refused.errors.contains("pure finetune"))
    let note = "left aside: classifier.bias, classifier.weight\n"
    let training = ["--model", "model", "--train", "train.tsv", "--epochs", "1"]
    for command in [["finetune"], ["defend"], ["attack", "--attack", "badnets"]] {
      let outcome = try bench.program.run(command + training + ["--out", "out-" + command[0]])
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(note), "\(outcome.errors)")
    }
    try bench.write(
      """
      {"name": "tiny", "defaults": {"attack": {"epochs": 1}, "defense": {"epochs": 1}},
       "models": [{"id": "ner", "path": "model"}],
       "scenarios": [{"id": "s", "attackData": {"train": "train.tsv"}, "defenseData":
         {"train": "train.tsv", "validation": "test.tsv", "test": "test.tsv"}}],
       "attacks": [{"id": "badnets", "kind": "badnets"}],
       "defenses": [{"id": "ft", "kind": "ft"}], "seeds": [11, 12]}
      """, to: "plan.json")
    let sweep = try bench.program.run("sweep", "plan.json", "--out", "swept")
    #expect(sweep.code == 0, "\(sweep.errors)")
    #expect(sweep.errors.ranges(of: note).count == 1, "\(sweep.errors)")
  }
}
