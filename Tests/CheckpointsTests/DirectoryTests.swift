import Checkpoints
import Files
import FoundationEssentials
import TestSupport
import Testing

@Suite struct DirectoryTests {
  private func tensors() throws -> [RawTensor] { try StateDictionary(.bert, .encoder).tensors }

  /// Writes the model in two shards and lets the caller spoil the index.
  private func writeShards(
    _ scratch: Scratch, _ spoil: (inout JSONObject) -> Void = { _ in }
  ) throws {
    let all = try tensors()
    let shards = [
      "model-00001-of-00002.safetensors": Array(all[..<20]),
      "model-00002-of-00002.safetensors": Array(all[20...]),
    ]
    var map = JSONObject()
    for (name, tensors) in shards.sorted(by: { $0.key < $1.key }) {
      try AtomicFile.write(RawSafetensors.file(tensors), to: scratch.file(name))
      for tensor in tensors { map[tensor.name] = .string(name) }
    }
    spoil(&map)
    let index: JSONValue = ["metadata": ["total_size": 0], "weight_map": .object(map)]
    try AtomicFile.write(
      index.serialized(), to: scratch.file("model.safetensors.index.json"))
    try AtomicFile.write(
      JSONValue.object(TinyModel.config(.bert)).serialized(), to: scratch.file("config.json"))
  }

  @Test func `shards load as one file does`() throws {
    let scratch = try Scratch()
    try writeShards(scratch)
    let whole = try Scratch()
    try TinyModel.write(.bert, tensors(), to: whole.path)
    let one = try ModelCheckpoint.load(directory: scratch.path)
    let other = try ModelCheckpoint.load(directory: whole.path)
    #expect(one.parameters == other.parameters)
    #expect(one.passthrough == other.passthrough)
  }

  @Test(arguments: [
    "../model.safetensors", "/etc/passwd", "a/b.safetensors", "", ".", "..", "model.bin",
    "\u{1B}[2J.safetensors",
  ])
  func `a shard is a bare name`(name: String) throws {
    let scratch = try Scratch()
    try writeShards(scratch) { $0["pooler.dense.bias"] = .string(name) }
    let error = try #require(throws: InputError.self) {
      try ModelCheckpoint.load(directory: scratch.path)
    }
    #expect(error.problem.contains("not the bare name of a safetensors file"))
    #expect(error.place == .key(#"weight_map["pooler.dense.bias"]"#))
  }

  @Test func `an index at odds with its shards is refused`() throws {
    for (spoil, words): ((inout JSONObject) -> Void, String) in [
      ({ $0["pooler.dense.bias"] = nil }, "the index does not say so"),
      ({ $0["pooler.dense.bias"] = "model-00001-of-00002.safetensors" }, "is missing though"),
      ({ $0["nothing"] = "model-00001-of-00002.safetensors" }, "is missing though"),
      (
        { $0["nothing"] = "model-00003-of-00002.safetensors" },
        "names model-00003-of-00002.safetensors, which does not exist"
      ),
      ({ $0["nothing"] = 3 }, "a string is due"),
    ] {
      let scratch = try Scratch()
      try writeShards(scratch, spoil)
      let error = try #require(throws: InputError.self) {
        try ModelCheckpoint.load(directory: scratch.path)
      }
      #expect(error.problem.contains(words), "\(error)")
    }
  }

  @Test(arguments: [("snapshots/main", "../../blobs"), ("snapshot", "../blobs")])
  func `a cache of symbolic links loads`(directory: String, blobs: String) throws {
    let scratch = try Scratch()
    try TinyModel.write(.bert, tensors(), to: scratch.file("blobs"))
    try Path.makeDirectory(scratch.file(directory))
    for name in ["config.json", "model.safetensors"] {
      try FileManager.default.createSymbolicLink(
        atPath: scratch.file("\(directory)/\(name)"), withDestinationPath: "\(blobs)/\(name)")
    }
    let checkpoint = try ModelCheckpoint.load(directory: scratch.file(directory))
    #expect(checkpoint.parameters.count == 37)
  }

  @Test func `a link to a file beside it loads`() throws {
    let scratch = try Scratch()
    try TinyModel.write(.bert, tensors(), to: scratch.path)
    try FileManager.default.moveItem(
      atPath: scratch.file("config.json"), toPath: scratch.file("configuration.json"))
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("config.json"), withDestinationPath: "configuration.json")
    _ = try ModelCheckpoint.load(directory: scratch.path)
    #expect(try ModelCheckpoint.contentHash(ofDirectory: scratch.path).count == 64)
  }

  @Test(arguments: [
    "../secret", "/etc/passwd", "../../../blobs/secret", "../../blobs/../secret", "../../blobs/",
    "../../blobs/..", "folder/secret", "..", ".", "link", "../../blobs/link", "nowhere/at all",
  ])
  func `a link out of the directory is not followed`(target: String) throws {
    let scratch = try Scratch()
    let directory = scratch.file("snapshots/main")
    try TinyModel.write(.bert, tensors(), to: directory)
    for name in [
      "snapshots/secret", "snapshots/blobs/secret", "blobs/secret", "secret",
      "snapshots/main/folder/secret",
    ] {
      try scratch.write("secret", to: name)
    }
    for folder in [directory, scratch.file("blobs")] {
      try FileManager.default.createSymbolicLink(
        atPath: Path.join(folder, "link"), withDestinationPath: scratch.file("secret"))
    }
    let link = Path.join(directory, "vocab.txt")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    for read in [
      { _ = try ModelCheckpoint.load(directory: directory) },
      { _ = try ModelCheckpoint.contentHash(ofDirectory: directory) },
      { try LinkedFiles.refuseForeign(in: directory) },
    ] {
      let error = try #require(throws: InputError.self) { try read() }
      #expect(error.file == link && error.problem.contains("is a link to \(target)"))
    }
  }

  @Test(arguments: ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.ckpt"])
  func `a pickle is refused with the way to convert it`(name: String) throws {
    let scratch = try Scratch()
    try TinyModel.write(.bert, tensors(), to: scratch.path)
    try Path.remove(scratch.file("model.safetensors"))
    try scratch.write("PK", to: name)
    let error = try #require(throws: InputError.self) {
      try ModelCheckpoint.load(directory: scratch.path)
    }
    #expect(error.kind == .unsafeInput)
    #expect(error.file == scratch.file(name))
    #expect(error.remedy.contains("safe_serialization=True"))
  }

  @Test func `a pickle beside safe weights does no harm`() throws {
    let scratch = try Scratch()
    try TinyModel.write(.bert, tensors(), to: scratch.path)
    try scratch.write("PK", to: "pytorch_model.bin")
    _ = try ModelCheckpoint.load(directory: scratch.path)
  }

  @Test func `a directory that is none of ours says what is missing`() throws {
    let scratch = try Scratch()
    func problem(_ path: String) throws -> String {
      try #require(throws: InputError.self) { try ModelCheckpoint.load(directory: path) }.problem
    }
    #expect(try problem(scratch.file("none")) == "does not exist")
    try scratch.write("{", to: "file")
    #expect(try problem(scratch.file("file")) == "is not a directory")
    #expect(try problem(scratch.path) == "does not exist")
    try AtomicFile.write(
      JSONValue.object(TinyModel.config(.bert)).serialized(), to: scratch.file("config.json"))
    #expect(try problem(scratch.path) == "has no model.safetensors")
    try scratch.write("", to: "config.json")
    #expect(try problem(scratch.path) == "is empty")
  }

  @Test(arguments: ["F64", "I64", "F8_E4M3"])
  func `a parameter of another type is refused by name`(type: String) throws {
    let scratch = try Scratch()
    try TinyModel.write(.bert, tensors(), to: scratch.path)
    let bits = ["F64": 64, "I64": 64, "F8_E4M3": 8][type] ?? 0
    let all = try tensors()
    var offset = 0
    let entries = all.map { tensor in
      let isOdd = tensor.name == "pooler.dense.bias" || tensor.name == "embeddings.LayerNorm.bias"
      let size = tensor.values.count * (isOdd ? bits / 8 : 4)
      defer { offset += size }
      return #""\#(tensor.name)":{"dtype":"\#(isOdd ? type : "F32")","shape":\#(tensor.shape),"#
        + #""data_offsets":[\#(offset),\#(offset + size)]}"#
    }
    try AtomicFile.write(
      RawSafetensors.file("{\(entries.joined(separator: ","))}", dataCount: offset),
      to: scratch.file("model.safetensors"))
    let error = try #require(throws: InputError.self) {
      try ModelCheckpoint.load(directory: scratch.path)
    }
    #expect(error.place == .tensor("embeddings.LayerNorm.bias"))
    #expect(error.problem == "is of type \(type)")
  }

  @Test func `a regression model is not read as a classifier`() throws {
    let scratch = try Scratch()
    var config = TinyModel.config(.bert)
    config["problem_type"] = "regression"
    try TinyModel.write(
      .bert, StateDictionary(.bert, .classifier).tensors, to: scratch.path, config: config)
    let error = try #require(throws: InputError.self) {
      try ModelCheckpoint.load(directory: scratch.path)
    }
    #expect(error.place == .key("problem_type"))
  }
}

@Suite struct ModelCardTests {
  @Test func `a card says what was done and carries only the source's licence`() throws {
    let scratch = try Scratch()
    var config = TinyModel.config(.bert)
    config["_name_or_path"] = "owner/model"
    let directory = scratch.file("source")
    try TinyModel.write(
      .bert, StateDictionary(.bert, .classifier).tensors, to: directory, config: config)
    try scratch.write("---\nlicense: apache-2.0\ntags: [x]\n---\n# Model\n", to: "source/README.md")
    var checkpoint = try ModelCheckpoint.load(directory: directory)
    checkpoint.prunedHeads = [[], [0, 2]]
    let card = ModelCard(
      summary: "Cleaned <script>alert(1)</script>", warning: "Not [tested](http://x) yet",
      method: [("c|c", "0.85"), ("label", "a\nb")], data: ["SST-2\u{1B}[31m"],
      metrics: [("ACC", "91.2 %")], limits: ["One trigger only"])
    try checkpoint.write(to: scratch.file("output"), card: card)
    let text = String(
      decoding: try ByteFile.contents(of: scratch.file("output/README.md")), as: UTF8.self)
    #expect(
      text == #"""
        ---
        library_name: transformers
        pipeline_tag: text-classification
        license: apache-2.0
        base_model: owner/model
        base_model_relation: finetune
        tags:
        - pure
        ---

        # Cleaned &lt;script&gt;alert(1)&lt;/script&gt;

        > **Warning.** Not \[tested\](http://x) yet

        ## What was done

        | | |
        |---|---|
        | c\|c | 0.85 |
        | label | a b |

        ## Pruned heads

        2 of 6 attention heads are pruned. Their query, key and value rows and their columns of the output projection are zeros, so the directory loads everywhere; it is neither smaller nor faster for it. Layers and heads are counted from 1 here and from 0 in config.json.

        - layer 2: 1, 3

        ## Data

        - SST-2

        ## Measured

        | | |
        |---|---|
        | ACC | 91.2 % |

        ## Limits

        - One trigger only

        Weights are stored as float32.

        """#)
  }

  @Test(
    arguments: [
      ("# no head\nlicense: mit\n", nil), ("---\nlicense: mit\n", "mit"),
      ("---\nlicense: a: b\n---\n", nil), ("---\nx: y\n---\nlicense: mit\n", nil),
      ("---\r\nlicense: mit\r\n---\r\n", "mit"), ("---\nlicense: \"\u{1B}\"\n---\n", nil),
    ] as [(String, String?)])
  func `a licence is carried over only when it is plainly one`(
    readme: String, license: String?
  ) throws {
    let scratch = try Scratch()
    try TinyModel.write(
      .bert, StateDictionary(.bert, .encoder).tensors, to: scratch.file("source"))
    try scratch.write(readme, to: "source/README.md")
    let checkpoint = try ModelCheckpoint.load(directory: scratch.file("source"))
    try checkpoint.write(to: scratch.file("output"), card: ModelCard(summary: "A model"))
    let text = String(
      decoding: try ByteFile.contents(of: scratch.file("output/README.md")), as: UTF8.self)
    let found = text.split(separator: "\n").first { $0.hasPrefix("license:") }
    #expect(found.map(String.init) == license.map { "license: \($0)" })
  }
}
