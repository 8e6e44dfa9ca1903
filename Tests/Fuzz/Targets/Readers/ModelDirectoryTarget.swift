import Checkpoints
import Files
import Stages

/// A model directory: configuration, weights or the index of their shards, card. What is read can
/// be written and read again.
struct ModelDirectoryTarget: FuzzTarget {
  static let name = "model"
  private let folder: FuzzFolder
  private let names = [
    "config.json", "model.safetensors", "model.safetensors.index.json",
    "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "README.md",
    "pure_head.safetensors",
  ]

  init(in folder: String) throws { self.folder = try FuzzFolder(folder) }

  func seeds() throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    for (family, kind) in [
      (ModelFamily.bert, ClassifierKind.native), (.distilbert, .linear), (.roberta, .native),
    ] {
      let written = folder.file("seed")
      try tiny(family, kind).write(to: written, card: ModelCard(summary: "é"))
      let files = try names.filter { Path.isFile(Path.join(written, $0)) }.map {
        ($0, try ByteFile.contents(of: Path.join(written, $0)))
      }
      try Path.remove(written)
      seeds.append(FuzzArchive.packed(files))
    }
    return seeds + [try sharded(seeds[0])]
  }

  private func tiny(_ family: ModelFamily, _ kind: ClassifierKind) -> ModelCheckpoint {
    let configuration = EncoderConfiguration(
      family: family, layerCount: 1, headCount: 2, hiddenSize: 2, intermediateSize: 1,
      vocabularySize: 5, maximumPositionCount: 5, tokenTypeCount: family == .distilbert ? nil : 1)
    var parameters: [String: HostTensor] = [:]
    for parameter in ParameterTable(configuration, classifier: kind).parameters {
      parameters[parameter.name] = HostTensor(
        shape: parameter.shape, values: Array(repeating: 0.5, count: parameter.shape.reduce(1, *)))
    }
    return ModelCheckpoint(
      configuration: configuration, classifierKind: kind, parameters: parameters,
      prunedHeads: [[1]])
  }

  /// The same model as one shard that an index names.
  private func sharded(_ archive: [UInt8]) throws -> [UInt8] {
    let shard = "model-00001-of-00002.safetensors"
    var files = FuzzArchive.files(archive, named: names)
    try folder.hold(files)
    let weights = try SafetensorsFile(folder.file("model.safetensors"))
    let map = JSONObject(weights.tensors.map { ($0.name, .string(shard)) })
    files = files.map { $0.name == "model.safetensors" ? (shard, $0.bytes) : $0 }
    let index: JSONValue = ["metadata": ["total_size": 1], "weight_map": .object(map)]
    return FuzzArchive.packed(files + [("model.safetensors.index.json", index.serialized())])
  }

  func read(_ bytes: [UInt8]) throws {
    try folder.hold(FuzzArchive.files(bytes, named: names))
    for purpose in [ModelCheckpoint.Purpose.freshClassifier, .classifying] {
      let model = try ModelCheckpoint.load(directory: folder.path, for: purpose)
      let path = Path.join(Path.parent(of: folder.path), "again")
      defer { try? Path.remove(path) }
      try model.write(to: path, card: ModelCard(summary: ""))
      let again = try ModelCheckpoint.load(directory: path, for: purpose)
      claim(again.configuration == model.configuration, "has another configuration when written")
      claim(again.parameters == model.parameters, "has other weights when it was written and read")
      claim(again.prunedHeads == model.prunedHeads, "has other pruned heads when written")
      claim(again.classifierKind == model.classifierKind, "has another head when written")
      claim(again.license == model.license, "has another licence when written")
    }
  }
}
