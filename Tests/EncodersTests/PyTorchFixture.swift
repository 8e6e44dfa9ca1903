import Checkpoints
import Encoders
import Files
import Tensors

/// One family's tiny model and what PyTorch makes of it; `Tests/Fixtures/README.md` names the quantities.
struct PyTorchFixture {
  static let families = ["bert", "roberta", "distilbert"]

  let family: String
  let checkpoint: ModelCheckpoint
  private let tensors: SafetensorsFile
  private let facts: JSONNode

  init(_ family: String) throws {
    self.family = family
    let directory = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let fixtures = "/\(directory)/Fixtures"
    checkpoint = try ModelCheckpoint.load(directory: "\(fixtures)/models/\(family)")
    tensors = try SafetensorsFile("\(fixtures)/encoders/\(family).safetensors")
    facts = try JSONNode(contentsOf: "\(fixtures)/encoders/\(family).json")
  }

  func expected(_ name: String) throws -> HostTensor { try tensors.tensor("\(family)/\(name)") }

  /// PyTorch's own float32 error against its float64 run.
  func float32Deviation(_ name: String) throws -> Double {
    try facts.required("float32Deviation").required("\(family)/\(name)").double()
  }

  func batch(on backend: any Backend) throws -> EncoderBatch {
    let batch = try facts.required("batch")
    func integers(_ key: String) throws -> [Int32] {
      try batch.required(key).elements().map { Int32(try $0.int()) }
    }
    let (ids, offsets) = (try integers("ids"), try integers("offsets"))
    let positions = zip(offsets, offsets.dropFirst()).flatMap { Array(0..<($1 - $0)) }
    let unique = Set(ids).sorted()
    let groups = unique.map { id in ids.indices.filter { ids[$0] == id }.map(Int32.init) }
    return try EncoderBatch(
      tokenIDs: ids, positions: positions, sequenceOffsets: offsets,
      labels: integers("labels"), uniqueTokenIDs: unique,
      groupOffsets: groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) },
      groupedTokens: groups.flatMap { $0 }, on: backend)
  }

  /// The masked heads of the variants that mask.
  func headMask() throws -> HeadMask {
    HeadMask(
      layerCount: checkpoint.configuration.layerCount,
      headCount: checkpoint.configuration.headCount,
      pruned: try facts.required("heads").required("masked").elements().map {
        try $0.elements().map { try $0.int() }
      })
  }

  func normTerm() throws -> (weight: Double, layerWeights: [Double]) {
    let norm = try facts.required("norm")
    return (
      try norm.required("mu").double(),
      try norm.required("layerWeights").elements().map { try $0.double() }
    )
  }

  /// The classifier of the fixture: the family's own head, or the linear one whose start the fixture holds.
  func classifier(_ head: HeadKind, on backend: any Backend) throws -> Classifier {
    if head == .native { return try Classifier(checkpoint, on: backend) }
    let labels = checkpoint.configuration.labels
    let model = try Classifier(checkpoint, freshHead: .linear, labels: labels, seed: 0, on: backend)
    for part in ["weight", "bias"] {
      try model.parameters["head.output.\(part)"].write(
        try expected("linear/start/classifier.\(part)").values)
    }
    return model
  }
}
