import Files
import FoundationEssentials
import Synchronization
import TestSupport
import Testing

@testable import Checkpoints

@Suite struct RoundTripTests {
  private let card = ModelCard(summary: "A model")

  private func source(
    _ family: ModelFamily, _ kind: StateDictionary.Kind, in scratch: Scratch
  ) throws -> ModelCheckpoint {
    let directory = scratch.file("source")
    try TinyModel.write(family, StateDictionary(family, kind).tensors, to: directory)
    return try ModelCheckpoint.load(directory: directory)
  }

  @Test(
    arguments: ModelFamily.allCases,
    StateDictionary.Kind.allCases.flatMap { kind in WeightType.allCases.map { (kind, $0) } })
  func `what was read is written as transformers names it`(
    family: ModelFamily, _ variant: (kind: StateDictionary.Kind, weights: WeightType)
  ) throws {
    let scratch = try Scratch()
    let checkpoint = try source(family, variant.kind, in: scratch)
    let output = scratch.file("output")
    try checkpoint.write(to: output, weights: variant.weights, card: card)

    // A pre-training head is dropped, so what is left is the bare encoder, here without pooler.
    let isClassifier = variant.kind == .classifier
    var expected = try StateDictionary(family, isClassifier ? .classifier : .encoder).tensors
    if variant.kind == .maskedLanguageModel { expected.removeAll { $0.name.hasPrefix("pooler") } }
    let file = try SafetensorsFile(Path.join(output, "model.safetensors"))
    #expect(Set(file.tensors.map(\.name)) == Set(expected.map(\.name)))
    for tensor in expected {
      let found = try file.tensor(tensor.name)
      #expect(file.description(of: tensor.name)?.type == variant.weights.rawValue.uppercased())
      #expect(found.shape == tensor.shape)
      if variant.kind != .maskedLanguageModel { #expect(found.values == tensor.values) }
    }
    #expect(file.metadata["format"] == "pt")

    let again = try ModelCheckpoint.load(directory: output)
    #expect(again.configuration == checkpoint.configuration)
    #expect(again.classifierKind == checkpoint.classifierKind)
    #expect(again.parameters == checkpoint.parameters)
    #expect(again.passthrough == checkpoint.passthrough)
    #expect(again.prunedHeads == [[], []])
  }

  @Test(arguments: ModelFamily.allCases)
  func `a linear head stands in a file of its own`(family: ModelFamily) throws {
    let scratch = try Scratch()
    let encoder = try source(family, .encoder, in: scratch)
    var checkpoint = encoder
    checkpoint.classifierKind = .linear
    checkpoint.parameters["head.output.weight"] = HostTensor(
      shape: [3, 6], values: (0..<18).map(Float.init))
    checkpoint.parameters["head.output.bias"] = HostTensor(shape: [3], values: [-1, 0, 1])
    let output = scratch.file("output")
    try checkpoint.write(to: output, card: card)

    let weights = try SafetensorsFile(Path.join(output, "model.safetensors"))
    #expect(
      Set(weights.tensors.map(\.name))
        == Set(try StateDictionary(family, .encoder).tensors.map(\.name)))
    let head = try SafetensorsFile(Path.join(output, "pure_head.safetensors"))
    #expect(head.tensors.map(\.name) == ["weight", "bias"])
    let config = try JSONValue(contentsOf: Path.join(output, "config.json"))
    #expect(config["pure"]?["head"] == "linear")

    let again = try ModelCheckpoint.load(directory: output)
    #expect(again.classifierKind == .linear)
    #expect(again.parameters == checkpoint.parameters)
    // transformers keeps our key but not our file.
    try Path.remove(Path.join(output, "pure_head.safetensors"))
    #expect(try ModelCheckpoint.load(directory: output).classifierKind == nil)
  }

  @Test(arguments: ModelFamily.allCases)
  func `a classifier that is handed on without its head is a whole encoder`(
    family: ModelFamily
  ) throws {
    let scratch = try Scratch()
    let classifier = try source(family, .classifier, in: scratch)
    let encoder = ModelCheckpoint(
      configuration: classifier.configuration, classifierKind: nil,
      parameters: classifier.parameters.filter { !$0.key.hasPrefix("head.") }, source: classifier)
    try encoder.write(to: scratch.file("output"), card: card)
    var expected = try StateDictionary(family, .encoder).tensors.map(\.name)
    // The classifier of a RoBERTa has no pooler to hand on.
    if family == .roberta { expected.removeAll { $0.hasPrefix("pooler") } }
    let file = try SafetensorsFile(scratch.file("output/model.safetensors"))
    #expect(Set(file.tensors.map(\.name)) == Set(expected))
    if family == .bert {
      #expect(
        try file.tensor("pooler.dense.weight") == classifier.parameters["head.dense.weight"])
    }
  }

  @Test(arguments: ModelFamily.allCases)
  func `a pruned head is zero on both sides and all else is untouched`(
    family: ModelFamily
  ) throws {
    let scratch = try Scratch()
    var checkpoint = try source(family, .classifier, in: scratch)
    checkpoint.prunedHeads = [[1], [0, 2]]
    let output = scratch.file("output")
    try checkpoint.write(to: output, card: card)
    let again = try ModelCheckpoint.load(directory: output)
    #expect(again.prunedHeads == [[1], [0, 2]])
    // Three heads of two features: head 1 of layer 0 owns features 2 and 3.
    let pruned: [Set<Int>] = [[2, 3], [0, 1, 4, 5]]
    for (name, tensor) in checkpoint.parameters {
      let words = name.split(separator: ".")
      let layer = words[0] == "layers" ? Int(words[1]) : nil
      for index in tensor.values.indices {
        let columns = tensor.shape.count == 2 ? tensor.shape[1] : 1
        let isDead =
          if let layer, ["query", "key", "value"].contains(words[3]) {
            pruned[layer].contains(index / columns)
          } else if let layer, name.hasSuffix("attention.output.weight") {
            pruned[layer].contains(index % columns)
          } else {
            false
          }
        #expect(again.parameters[name]?.values[index] == (isDead ? 0 : tensor.values[index]))
      }
    }
  }

  @Test func `a list of pruned heads that the weights contradict is refused`() throws {
    let scratch = try Scratch()
    let tensors = try StateDictionary(.bert, .encoder).tensors
    for heads: JSONValue in [[[0], []], [[], [], []], [[3], []], [[1, 0], []], [[1, 1], []]] {
      var config = TinyModel.config(.bert)
      config["pure"] = ["prunedHeads": heads]
      try TinyModel.write(.bert, tensors, to: scratch.file("model"), config: config)
      let error = try #require(throws: InputError.self) {
        try ModelCheckpoint.load(directory: scratch.file("model"))
      }
      #expect(error.description.contains("pure.prunedHeads"))
    }
  }

  @Test func `tokenizer files are copied and provenance is handed on`() throws {
    let scratch = try Scratch()
    _ = try source(.bert, .encoder, in: scratch)
    try scratch.write("{ \"a\" : 1 }\r\n", to: "source/tokenizer.json")
    try scratch.write("[PAD]\n\u{FEFF}x", to: "source/vocab.txt")
    try scratch.write("import os", to: "source/evil.py")
    var checkpoint = try ModelCheckpoint.load(directory: scratch.file("source"))
    try checkpoint.write(
      to: scratch.file("one"), provenance: JSONObject([("attack", ["name": "badnets"])]), card: card
    )
    #expect(
      try Path.names(in: scratch.file("one")) == [
        "README.md", "config.json", "model.safetensors", "tokenizer.json", "vocab.txt",
      ])
    for name in ["tokenizer.json", "vocab.txt"] {
      #expect(
        try ByteFile.contents(of: scratch.file("one/\(name)"))
          == ByteFile.contents(of: scratch.file("source/\(name)")))
    }
    checkpoint = try ModelCheckpoint.load(directory: scratch.file("one"))
    try checkpoint.write(
      to: scratch.file("two"), provenance: JSONObject([("defense", ["name": "ft"])]), card: card)
    let provenance = try ModelCheckpoint.load(directory: scratch.file("two")).provenance
    #expect(provenance["attack"] == ["name": "badnets"])
    #expect(provenance["defense"] == ["name": "ft"])
  }

  @Test func `nothing is overwritten, least of all the source`() throws {
    let scratch = try Scratch()
    let checkpoint = try source(.bert, .encoder, in: scratch)
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("alias"), withDestinationPath: "source")
    for directory in ["source", "alias", "source/../source/"] {
      let error = try #require(throws: InputError.self) {
        try checkpoint.write(to: scratch.file(directory), card: card)
      }
      #expect(error.problem == "is the directory that the model was read from")
      #expect(error.kind == .usage)
    }
    try scratch.write("x", to: "mine")
    try Path.makeDirectory(scratch.file("full"))
    try scratch.write("x", to: "full/x")
    for directory in ["mine", "full"] {
      #expect(throws: InputError.self) {
        try checkpoint.write(to: scratch.file(directory), card: card)
      }
    }
    #expect(try Path.names(in: scratch.path) == ["alias", "full", "mine", "source"])
  }

  @Test func `a disk that fills up at any moment leaves nothing behind`() throws {
    let scratch = try Scratch()
    var checkpoint = try source(.distilbert, .encoder, in: scratch)
    checkpoint.classifierKind = .linear
    checkpoint.parameters["head.output.weight"] = HostTensor(
      shape: [3, 6], values: Array(repeating: 1, count: 18))
    checkpoint.parameters["head.output.bias"] = HostTensor(shape: [3], values: [1, 2, 3])
    let output = scratch.file("output")
    let full: Int32 = 28
    var number = 1
    while true {
      let count = Mutex(0)
      let last = number
      let outcome: Result<Void, any Error> = FaultInjection.$failure.withValue({ _ in
        count.withLock {
          $0 += 1
          return $0 == last ? full : nil
        }
      }) { Result { try checkpoint.write(to: output, card: card) } }
      guard case .failure(let error) = outcome else { break }
      #expect((error as? InputError)?.problem.contains("the disk is full") == true)
      // Only the last call, which makes the finished directory's name durable, comes too late.
      if Path.exists(output) {
        _ = try ModelCheckpoint.load(directory: output)
        try Path.remove(output)
      }
      #expect(try Path.names(in: scratch.path) == ["source"])
      number += 1
    }
    // Every tensor is a call of its own, so the loop has failed in each of them.
    #expect(number > checkpoint.parameters.count)
    #expect(try Path.names(in: scratch.path) == ["output", "source"])
  }

  @Test func `a number beyond half precision is refused by its tensor's name`() throws {
    let scratch = try Scratch()
    var checkpoint = try source(.bert, .encoder, in: scratch)
    checkpoint.parameters["layers.1.attention.query.bias"]?.values[3] = 65520
    let error = try #require(throws: InputError.self) {
      try checkpoint.write(to: scratch.file("half"), weights: .float16, card: card)
    }
    #expect(error.place == .tensor("encoder.layer.1.attention.self.query.bias"))
    try checkpoint.write(to: scratch.file("brain"), weights: .bfloat16, card: card)
    checkpoint.parameters["layers.1.attention.query.bias"]?.values[3] = .nan
    #expect(throws: InputError.self) {
      try checkpoint.write(to: scratch.file("single"), card: card)
    }
    #expect(try Path.names(in: scratch.path) == ["brain", "source"])
  }

  /// A header of 128 or 384 bytes begins with the bytes of a pickle.
  @Test func `a header of any length is read back`() throws {
    let scratch = try Scratch()
    let path = scratch.file("one.safetensors")
    var lengths: Set<Int> = []
    for padding in stride(from: 0, to: 320, by: 8) {
      var writer = try SafetensorsWriter(
        AtomicFile(path), tensors: [("one", [1])],
        metadata: JSONObject([("note", .string(String(repeating: "x", count: padding)))]))
      try writer.write(HostTensor(shape: [1], values: [5]))
      try writer.commit()
      lengths.insert(try ByteFile.contents(of: path).count - 12)
      #expect(try SafetensorsFile(path).tensor("one").values == [5])
    }
    #expect(lengths.isSuperset(of: [128, 384]))
  }
}
