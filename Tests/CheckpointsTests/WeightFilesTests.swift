import Checkpoints
import Files
import TestSupport
import Testing

/// Directories whose weights are not in `model.safetensors`. Public reports:
/// huggingface/transformers issues 1566, 8292 and 15490.
@Suite struct WeightFilesTests {
  private func directory(_ names: String..., architecture: String? = nil) throws -> Scratch {
    let scratch = try Scratch()
    var config = TinyModel.config(.bert)
    config["architectures"] = architecture.map { [.string($0)] }
    try scratch.write(JSONValue.object(config).serialized(), to: "config.json")
    for name in names { try scratch.write("?", to: name) }
    return scratch
  }

  private func refusal(_ scratch: Scratch) throws -> InputError {
    try #require(throws: InputError.self) {
      _ = try ModelCheckpoint.load(directory: scratch.path, for: .freshClassifier)
    }
  }

  @Test(arguments: [
    ("tf_model.h5", "from_tf=True"), ("tf_model-00001-of-00002.h5", "from_tf=True"),
    ("flax_model.msgpack", "from_flax=True"), ("model.ckpt.index", "\"DIR/model.ckpt.index\""),
    ("bert_model.ckpt.index", "BertConfig.from_json_file"), ("model.onnx", "get model.safetensors"),
    ("rust_model.ot", "get model.safetensors"), ("ggml-model-q8.gguf", "get model.safetensors"),
    ("adapter_model.safetensors", "merge_and_unload"), ("weights.safetensors", "rename it"),
    ("pytorch_model-00001-of-00002.bin", "safe_serialization=True"),
  ])
  func `what is there instead is named with the way to convert it`(
    name: String, words: String
  ) throws {
    let scratch = try directory(name)
    let error = try refusal(scratch)
    #expect(error.file == scratch.file(name))
    #expect(error.problem.hasSuffix("there is no model.safetensors"))
    #expect(error.remedy.contains(words), "\(error)")
    #expect(error.kind == (name.hasSuffix(".bin") ? .unsafeInput : .data))
    // As their authors published them, without Hugging Face's configuration.
    try Path.remove(scratch.file("config.json"))
    #expect(try refusal(scratch).file == scratch.file(name))
  }

  @Test func `a classifier is converted with its head`() throws {
    let task = "AutoModelForSequenceClassification.from_pretrained"
    for (architecture, isClassifier) in [
      ("TFBertForSequenceClassification", true), ("BertForMaskedLM", false), (nil, false),
    ] {
      for name in ["tf_model.h5", "flax_model.msgpack", "pytorch_model.bin"] {
        let error = try refusal(directory(name, architecture: architecture))
        #expect(error.remedy.contains(task) == isClassifier, "\(error)")
        #expect(error.remedy.contains("AutoModel.from_pretrained") != isClassifier)
      }
    }
  }

  @Test func `the state of a training is not taken for a model`() throws {
    let error = try refusal(directory("optimizer.pt", "training_args.bin", "rng_state.pth"))
    #expect(error.problem == "has no model.safetensors")
  }

  private func writeShards(_ scratch: Scratch, _ numbers: [Int], of total: Int) throws {
    let tensors = try StateDictionary(.bert, .encoder).tensors
    for number in numbers {
      let part = tensors.enumerated().filter { $0.offset % total == number - 1 }.map(\.element)
      try AtomicFile.write(
        RawSafetensors.file(part),
        to: scratch.file("model-0000\(number)-of-0000\(total).safetensors"))
    }
  }

  @Test func `shards without an index are read if all are there`() throws {
    let scratch = try directory()
    try writeShards(scratch, [1, 2, 3], of: 3)
    let whole = try Scratch()
    try TinyModel.write(.bert, StateDictionary(.bert, .encoder).tensors, to: whole.path)
    let checkpoint = try ModelCheckpoint.load(directory: scratch.path)
    #expect(checkpoint.parameters == (try ModelCheckpoint.load(directory: whole.path)).parameters)
    #expect(!checkpoint.passthrough.isEmpty)
  }

  @Test func `of shards without an index the missing one is named`() throws {
    let scratch = try directory()
    try writeShards(scratch, [1, 3], of: 3)
    let error = try refusal(scratch)
    #expect(error.problem.contains("has 2 of 3 shards"))
    #expect(error.problem.contains("number 2 is missing"))
    try writeShards(scratch, [2], of: 2)
    #expect(try refusal(scratch).problem.contains("of two sets of shards"))
  }

  @Test func `a tensor in two shards is refused`() throws {
    let scratch = try directory()
    let tensors = try StateDictionary(.bert, .encoder).tensors
    for number in [1, 2] {
      try AtomicFile.write(
        RawSafetensors.file(tensors), to: scratch.file("model-\(number)-of-2.safetensors"))
    }
    #expect(try refusal(scratch).problem == "is in another shard as well")
  }

  @Test func `an index names all shards that are missing`() throws {
    let scratch = try directory()
    let map: JSONValue = [
      "weight_map": [
        "a": "model-00002-of-00003.safetensors", "b": "model-00003-of-00003.safetensors",
      ]
    ]
    try scratch.write(map.serialized(), to: "model.safetensors.index.json")
    let error = try refusal(scratch)
    #expect(error.problem.hasPrefix("names model-00002-of-00003.safetensors (and 1 more)"))
  }
}
