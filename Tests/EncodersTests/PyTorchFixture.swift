@testable import Checkpoints
import Conformance
import Encoders
import Files
import Tensors
import Testing

/// One family's tiny model and what PyTorch makes of it; `Tests/Fixtures/README.md` names the quantities.
struct PyTorchFixture {
  static let families = ["bert", "roberta", "distilbert"]
  private static let longestSum = 40
  /// Relative to a tensor's magnitude, what two float32 evaluations differ by.
  static let floor = Tolerance.relativeError(terms: longestSum)

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

  /// The training settings of the fixture.
  func training() throws -> (steps: Int, learningRate: Double, weightDecay: Double, norm: Double) {
    let training = try facts.required("training")
    return (
      try training.required("steps").int(), try training.required("learningRate").double(),
      try training.required("weightDecay").double(),
      try training.required("largestGradientNorm").double()
    )
  }

  func normTerm() throws -> (weight: Double, layerWeights: [Double]) {
    let norm = try facts.required("norm")
    return (
      try norm.required("mu").double(),
      try norm.required("layerWeights").elements().map { try $0.double() }
    )
  }

  func termWeights() throws -> (entropy: Double, state: Double) {
    let terms = try facts.required("terms")
    return (
      try terms.required("entropyWeight").double(), try terms.required("stateWeight").double()
    )
  }

  /// The streams and the weight of the restricted inner product.
  func restricted() throws -> (cleanCount: Int, poisonedLabels: [Int32], weight: Double) {
    let facts = try facts.required("restricted")
    return (
      try facts.required("cleanCount").int(),
      try facts.required("poisonedLabels").elements().map { Int32(try $0.int()) },
      try facts.required("weight").double()
    )
  }

  /// The classifier of the fixture: the family's own head, or the linear one whose start the fixture holds.
  func classifier(_ head: ClassifierKind, on backend: any Backend, dropout: Double = 0) throws
    -> Classifier
  {
    var checkpoint = self.checkpoint
    checkpoint.configuration.hiddenDropout = dropout
    checkpoint.configuration.attentionDropout = dropout
    checkpoint.configuration.classifierDropout = dropout
    if head == .native { return try Classifier(checkpoint, on: backend) }
    let labels = checkpoint.configuration.labels
    let model = try Classifier(
      checkpoint, freshClassifier: .linear, labels: labels, seed: 0, on: backend)
    for part in ["weight", "bias"] {
      try model.parameters["head.output.\(part)"].write(
        try expected("linear/start/classifier.\(part)").values)
    }
    return model
  }

  /// What Hugging Face calls the parameters of the classification model, by our names.
  func hubNames(_ head: ClassifierKind) -> [String: String] {
    let prefix = HubNames(checkpoint.configuration.family).prefix
    let table = ParameterTable(checkpoint.configuration, classifier: head).parameters
    return Dictionary(
      uniqueKeysWithValues: table.map { parameter in
        if parameter.isInEncoder { return (parameter.name, prefix + parameter.hubName) }
        // The fixture's linear head is a module called `classifier`.
        return (parameter.name, (head == .linear ? "classifier." : "") + parameter.hubName)
      })
  }

  /// Holds `actual` against what PyTorch computed in float64: no element further off than twice the worst of PyTorch's
  /// own float32 run, plus the rounding of a sum of 40 terms at the tensor's magnitude, below which two float32
  /// evaluations differ by luck: no sum here is longer (40 tokens, 37 intermediate features).
  ///
  /// - Parameters:
  ///   - largest: the magnitude, where the tensor's largest expected value is not it.
  ///   - slack: by element, added to the bound; why is the caller's to say.
  func expectAgreement(
    _ actual: Tensor, _ name: String, largest: Double? = nil, slack: [Double]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try expected(name)
    let doubles = expected.values.map(Double.init)
    let tolerance = Tolerance.relativeToNaive(multiple: 2, terms: Self.longestSum)
    let magnitude = largest ?? doubles.reduce(0) { max($0, abs($1)) }
    // The bound is (relative error) · magnitude, so slack enters as the magnitude that yields it.
    let magnitudes = doubles.indices.map {
      magnitude + (slack?[$0] ?? 0) / Self.floor
    }
    let comparison = Comparison(
      "\(family)/\(name)", actual: try actual.hostFloats(), shape: actual.shape, expected: doubles,
      expectedShape: expected.shape, tolerance: tolerance, magnitudes: magnitudes,
      naive: Self.evaluation(of: doubles, deviation: try float32Deviation(name)))
    #expect(
      comparison.passed && comparison.nonFiniteCount == 0, "\(comparison.description)",
      sourceLocation: sourceLocation)
  }

  /// A float32 evaluation whose worst element is off by `deviation`: the element nearest to zero, which rounds least.
  private static func evaluation(of values: [Double], deviation: Double) -> [Float] {
    var floats = values.map { Float($0) }
    if let place = values.indices.min(by: { abs(values[$0]) < abs(values[$1]) }) {
      floats[place] = Float(values[place] + deviation)
    }
    return floats
  }
}
