import Checkpoints
import Encoders
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `A fresh head` {
  private static let labels = (0..<50).map { "label \($0)" }

  @Test func `of one linear layer is uniform within one over the root of the hidden size`() throws {
    let model = try classifier(.linear, seed: 11)
    let bound = 1 / Double(model.configuration.hiddenSize).squareRoot()
    let weights = try values(model, ["head.output.weight", "head.output.bias"])
    #expect(weights.allSatisfy { abs($0) <= bound })
    expectDistribution(of: weights) { ($0 / bound + 1) / 2 }
  }

  @Test(arguments: ModelFamily.allCases)
  func `of the family is normal, with biases of zero`(family: ModelFamily) throws {
    let model = try classifier(.native, seed: 11, family)
    let deviation = model.configuration.initializerRange
    let weights = try values(model, ["head.dense.weight", "head.output.weight"])
    expectDistribution(of: weights) { (1 + erf($0 / deviation / 2.0.squareRoot())) / 2 }
    #expect(try values(model, ["head.dense.bias", "head.output.bias"]).allSatisfy { $0 == 0 })
  }

  @Test(arguments: ClassifierKind.allCases)
  func `depends on the seed alone and leaves the encoder as it was`(head: ClassifierKind) throws {
    let source = try source(.bert)
    let first = try classifier(head, seed: 11)
    #expect(
      try first.parameters.flat.hostFloats()
        == classifier(head, seed: 11).parameters.flat.hostFloats())
    let other = try classifier(head, seed: 12)
    for slot in first.parameters.layout.slots {
      let (one, two) = (
        try first.parameters[slot.name].hostFloats(), try other.parameters[slot.name].hostFloats()
      )
      if slot.name.hasPrefix("head.") {
        let isDrawn = head == .linear || slot.name.hasSuffix("weight")
        // Two draws are the same float with a probability of about 2^-24.
        #expect(!isDrawn || zip(one, two).count { $0 == $1 } <= 1, "\(slot.name)")
      } else {
        #expect(one == source.parameters[slot.name]?.values, "\(slot.name)")
        #expect(one == two, "\(slot.name)")
      }
    }
  }

  /// Kolmogorov and Smirnov: the empirical distribution of n numbers leaves the true one by more than
  /// √(ln(2/α) / 2n) with a probability of at most α (Massart 1990).
  private func expectDistribution(
    of values: [Double], is distribution: (Double) -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let count = Double(values.count)
    let largest = values.sorted().enumerated().map { index, value in
      max(
        abs(distribution(value) - Double(index) / count),
        abs(distribution(value) - Double(index + 1) / count))
    }.max()
    let bound = (log(2 / 1e-9) / (2 * count)).squareRoot()
    #expect((largest ?? .infinity) <= bound, sourceLocation: sourceLocation)
  }

  private func values(_ model: Classifier, _ names: [String]) throws -> [Double] {
    try names.flatMap { try model.parameters[$0].hostFloats().map(Double.init) }
  }

  private func classifier(
    _ head: ClassifierKind, seed: UInt64, _ family: ModelFamily = .bert
  ) throws -> Classifier {
    try Classifier(
      source(family), freshClassifier: head, labels: Self.labels, seed: seed, on: CPUBackend.shared)
  }

  /// An encoder with a head of two classes, which has to give way.
  private func source(_ family: ModelFamily) throws -> ModelCheckpoint {
    let configuration = EncoderConfiguration(
      family: family, layerCount: 1, headCount: 4, hiddenSize: 64, intermediateSize: 16,
      vocabularySize: 11, maximumPositionCount: 9, initializerRange: 0.03)
    let random = try Classifier(
      random: configuration, classifier: .native, seed: 5, on: CPUBackend.shared)
    let nothing = ModelCheckpoint(
      configuration: configuration, classifierKind: nil, parameters: [:])
    return try random.checkpoint(source: nothing, prunedHeads: [[]])
  }
}
