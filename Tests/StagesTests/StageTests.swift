import Files
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

/// Counts to `limit`.
private struct Counting: StageWork {
  static let kind = "count"
  let limit: Int
  var title: String { "count to \(limit)" }
  var parameters: JSONValue { ["limit": .int(limit)] }

  init(_ limit: Int) { self.limit = limit }
  init(_ parameters: JSONNode) throws(InputError) {
    limit = try parameters.required("limit").int(in: 0...9)
  }
  func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    StageOutcome()
  }
}

/// Sorts texts, and so computes nothing.
private struct Sorting: StageWork {
  static let kind = "sort"
  static let computes = false
  var title: String { "sort" }
  var parameters: JSONValue { [:] }

  init() {}
  init(_ parameters: JSONNode) throws(InputError) {}
  func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    StageOutcome()
  }
}

/// A model and texts of the user.
private struct Inputs {
  private let files: Scratch
  let texts: TextSource
  var model: String { files.path }

  init(_ text: String = "text\tlabel\nfine\t1\n") throws {
    files = try Scratch()
    try files.write("{}", to: "config.json")
    texts = TextSource(try files.write(text, to: "texts.tsv"))
  }

  func change(_ name: String) throws { try files.write("[]", to: name) }
}

private func read(_ json: JSONValue) throws -> Stage {
  try Stage(JSONNode(json, file: "message.json")) { kind, parameters throws(InputError) in
    let works: [any StageWork.Type] = [Counting.self, Sorting.self]
    return try kind.named(among: works, { $0.kind }).init(parameters)
  }
}

@Suite struct `A stage` {
  @Test func `has the hash of its canonical identity as its key`() throws {
    let inputs = try Inputs()
    let hasher = ContentHasher()
    let first = Stage(Sorting(), [try hasher.texts(inputs.texts, as: "test")])
    let stage = Stage(
      Counting(3),
      [
        try hasher.texts(inputs.texts, as: "train"), first.output(as: "sorted"),
        try hasher.model(inputs.model, as: "model"),
      ])
    // SHA-256 of the file, and of {"config.json":"SHA-256 of {}"}, as sha256sum has them.
    let texts = "deeb14140f88eeb8bd26f7035e9c19c69a21bafda819683c28b984bdf32ba201"
    let model = "9df1c274ba06313ce97952d48460c38f4804a0dd8ae5e18895c22a087216b4e0"
    let sorting =
      #"{"formatVersion":3,"inputs":{"test":"content:\#(texts)"},"kind":"sort","parameters":{}}"#
    #expect(first.key == SHA256.hex(of: Array(sorting.utf8)))
    let counting =
      #"{"formatVersion":3,"inputs":{"model":"content:\#(model)","sorted":"stage:\#(first.key)","#
      + #""train":"content:\#(texts)"},"kind":"count","parameters":{"limit":3}}"#
    #expect(stage.identity.serialized(.canonical) == Array(counting.utf8))
    #expect(stage.key == SHA256.hex(of: Array(counting.utf8)))
    #expect(stage.name == "count-" + stage.key.prefix(16))
  }

  @Test func `is another in another precision, unless it computes nothing`() {
    let plain = Stage(Counting(3), [])
    #expect(plain.precision == .fp32 && plain.identity["precision"] == nil)
    for precision in [Precision.tf32, .bf16] {
      let other = Stage(Counting(3), [], precision: precision)
      #expect(other.key != plain.key && other.identity["precision"] == .string(precision.rawValue))
      #expect(Stage(Sorting(), [], precision: precision) == Stage(Sorting(), []))
    }
    #expect(Stage(Sorting(), [], precision: .bf16).precision == nil)
    #expect(Stage(Counting(4), []).key != plain.key)
  }

  @Test(arguments: [Precision.fp32, .bf16])
  func `comes back from JSON with every kind of input`(precision: Precision) throws {
    let inputs = try Inputs()
    let hasher = ContentHasher()
    var part = inputs.texts.split(validationFraction: 0.25, seed: 7).validation
    (part.textColumn, part.labels, part.format) = ("text", ["no", "yes"], .tabs)
    let stage = Stage(
      Counting(3),
      [
        try hasher.model(inputs.model, as: "model"), try hasher.texts(part, as: "validation"),
        Stage(Sorting(), []).output(as: "sorted"),
      ], precision: precision)
    let written = try JSONValue(parsing: stage.json.serialized(.canonical), file: "message.json")
    let again = try read(written)
    #expect(again == stage && again.key == stage.key && again.inputs == stage.inputs)
    #expect(again.work.title == "count to 3" && again.precision == precision)
    let sorting = Stage(Sorting(), [], precision: precision)
    #expect(try read(sorting.json).precision == nil)
  }

  @Test func `is refused where its key is another, or its work unknown`() throws {
    func change(_ key: String, to value: JSONValue) throws -> InputError? {
      var object = try #require(Stage(Counting(3), []).json.object)
      object[key] = value
      return #expect(throws: InputError.self) { _ = try read(.object(object)) }
    }
    let parameters = try change("parameters", to: ["limit": 4])
    #expect(parameters?.place == .key("key"))
    #expect(parameters?.problem == "is not that of its stage, \(Stage(Counting(4), []).key)")
    #expect(try change("key", to: "abc")?.place == .key("key"))
    #expect(try change("precision", to: "bf16")?.place == .key("key"))
    #expect(try change("precision", to: "fp64")?.place == .key("precision"))
    #expect(try change("kind", to: "counts")?.remedy == #"did you mean "count"?"#)
    #expect(try change("parameters", to: ["limit": 10])?.place == .key("parameters.limit"))
    let outside: JSONValue = [["name": "model", "stage": "abc", "artifact": "../up"]]
    #expect(try change("inputs", to: outside)?.place == .key("inputs[0].artifact"))
  }
}

@Suite struct `The content of an input` {
  @Test func `counts, and where it is does not`() throws {
    let (first, second) = (try Inputs(), try Inputs())
    let hasher = ContentHasher()
    func key(_ inputs: Inputs, _ change: (inout TextSource) -> Void = { _ in }) throws -> String {
      var source = inputs.texts
      change(&source)
      return Stage(
        Counting(3),
        [try hasher.texts(source, as: "train"), try hasher.model(inputs.model, as: "model")]
      ).key
    }
    #expect(try key(first) == key(second))
    let changes: [(inout TextSource) -> Void] = [
      { $0.textColumn = "text" }, { $0.textColumn = "label" }, { $0.labelColumn = "label" },
      { $0.format = .tabs },
      { $0.labels = ["no", "yes"] }, { $0.labels = ["yes", "no"] }, { $0.firstLabel = 1 },
      { $0 = $0.split(validationFraction: 0.5, seed: 1).training },
      { $0 = $0.split(validationFraction: 0.5, seed: 1).validation },
      { $0 = $0.split(validationFraction: 0.5, seed: 2).validation },
    ]
    let keys = try [key(first)] + changes.map { try key(first, $0) }
    #expect(Set(keys).count == keys.count)
    for (change, expected) in zip(changes, keys.dropFirst()) {
      #expect(try key(second, change) == expected)
    }
    #expect(try key(Inputs("text\tlabel\nfine\t0\n")) != keys[0])
  }

  @Test func `is seen to have changed`() throws {
    let inputs = try Inputs()
    let known = ContentHasher()
    let (texts, model) = (
      try known.texts(inputs.texts, as: "train"), try known.model(inputs.model, as: "model")
    )
    #expect(try ContentHasher().holds(texts) && ContentHasher().holds(model))
    try inputs.change("texts.tsv")
    #expect(try !ContentHasher().holds(texts))
    try inputs.change("tokenizer.json")
    #expect(try !ContentHasher().holds(model))
    #expect(try ContentHasher().holds(Stage(Sorting(), []).output(as: "sorted")))
    // A hasher reads each once.
    #expect(try known.holds(texts) && known.holds(model))
  }
}

@Suite struct `A graph of stages` {
  @Test func `keeps equal stages once, each after those that it needs`() throws {
    let inputs = try Inputs()
    var graph = StageGraph(precision: .bf16)
    let sorted = graph.add(Sorting(), try graph.texts(inputs.texts, as: "test"))
    let first = graph.add(Counting(3), sorted.output(as: "texts"), nil)
    let again = graph.add(Counting(3), sorted.output(as: "texts"))
    let other = graph.add(Counting(3), sorted.output(as: "others"))
    let model = graph.add(Counting(3), [try graph.model(inputs.model)])
    #expect(first == again)
    #expect(graph.stages == [sorted, first, other, model])
    #expect(graph.stages.map(\.precision) == [nil, .bf16, .bf16, .bf16])
    #expect(model.inputs.map(\.name) == ["model"])
  }
}

@Test func `what has changed since its stage was named for it is not taken for it`() throws {
  let scratch = try Scratch()
  let model = scratch.file("model")
  let tiny = Path.join(Path.parent(of: Path.parent(of: #filePath)), "Fixtures/models/bert")
  for name in try Path.names(in: tiny) {
    try scratch.write(try ByteFile.contents(of: Path.join(tiny, name)), to: "model/" + name)
  }
  let texts = TextSource(try scratch.write("sentence\tlabel\ngood\t1\n", to: "texts.tsv"))
  let graph = StageGraph()
  let stage = Stage(
    FineTuningStage(TrainingSettings()),
    [try graph.model(model), try graph.texts(texts, as: "train")])
  let request = StageRequest(
    stage: stage, store: scratch.path, outputDirectory: scratch.path,
    workDirectory: scratch.path, report: { _ in }, isCancelled: { false })
  #expect(try request.texts("train").count == 1)
  _ = try request.model("model")
  try scratch.write("sentence\tlabel\nbad\t0\n", to: "texts.tsv")
  try scratch.write("{}", to: "model/special_tokens_map.json")
  for (path, read) in [
    (texts.path, { _ = try request.texts("train") }), (model, { _ = try request.model("model") }),
  ] {
    let error = #expect(throws: InputError.self) { try read() }
    #expect(error?.file == path && error?.problem == "has changed since the work began")
  }
}
