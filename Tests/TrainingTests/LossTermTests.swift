import Checkpoints
import Conformance
import Encoders
import Tensors
import Testing
import Text
import Training

/// With query and key at zero every row attends evenly: a row over n tokens has the norm 1 / √n.
@Suite struct `The norm term of even attention` {
  private static let (tokens, count, heads) = (9, 6, 2)
  private static let weight = 0.3

  @Test(arguments: [false, true])
  func `is one over the root of n a head, or of n over B`(joint: Bool) throws {
    let norm =
      joint
      ? (Double(Self.count) / Double(Self.tokens)).squareRoot()
      : 1 / Double(Self.tokens).squareRoot()
    let term = try term([0.5, 1], joint: joint, dropout: 0)
    expect(term, Self.weight * 1.5 * Double(Self.heads) * norm)
  }

  @Test(arguments: [false, true])
  func `counts living heads and layers of some weight alone`(joint: Bool) throws {
    let norm =
      joint
      ? (Double(Self.count) / Double(Self.tokens)).squareRoot()
      : 1 / Double(Self.tokens).squareRoot()
    let mask = HeadMask(layerCount: 2, headCount: Self.heads, pruned: [[1], []])
    expect(
      try term([0.5, 1], joint: joint, dropout: 0, mask: mask), Self.weight * (0.5 + 2) * norm)
    expect(
      try term([0, 1], joint: joint, dropout: 0), Self.weight * Double(Self.heads) * norm)
    expect(try term([0, 0], joint: joint, dropout: 0), 0)
  }

  /// The reference code takes the weights after dropout, the paper those before.
  @Test func `sees dropout in the reference recipe alone`() throws {
    let paper = Self.weight * 1.5 * Double(Self.heads) / Double(Self.tokens).squareRoot()
    expect(try term([0.5, 1], joint: false, dropout: 0.5), paper)
    // Half of the weights are zero and half doubled: sums of squares double in the mean and norms grow by about √2,
    // by 2 if every weight were kept.
    let even =
      Self.weight * 1.5 * Double(Self.heads)
      * (Double(Self.count) / Double(Self.tokens)).squareRoot()
    let dropped = try term([0.5, 1], joint: true, dropout: 0.5)
    #expect(dropped > 1.1 * even && dropped < 2 * even)
  }

  /// What the term adds to the loss of one batch of equal texts.
  private func term(
    _ layerWeights: [Double], joint: Bool, dropout: Double, mask: HeadMask? = nil
  ) throws -> Double {
    let penalty = AttentionPenalty(
      weight: Self.weight, layerWeights: layerWeights, followsReferenceCode: joint)
    return try loss([CrossEntropyTerm(), penalty], dropout, mask)
      - loss([CrossEntropyTerm()], dropout, mask)
  }

  private func loss(
    _ terms: [any LossTerm], _ dropout: Double, _ mask: HeadMask?
  ) throws -> Double {
    let model = try Toy.model(dropout: dropout)
    for layer in 0..<2 {
      for name in ["query", "key"] {
        for part in ["weight", "bias"] {
          try model.backend.fill(
            model.parameters["layers.\(layer).attention.\(name).\(part)"], with: 0)
        }
      }
    }
    let step = try TrainingStep(
      model, objective: Objective(terms: terms), headMask: mask, settings: Toy.settings())
    let text: [Int32] = [1] + (0..<Int32(Self.tokens - 2)).map { 5 + $0 } + [2]
    let data = EncodedDataset(
      Array(repeating: text, count: Self.count), labels: Array(repeating: 1, count: Self.count))
    let batch = Batch(data, indices: Array(0..<Self.count))
    try step.backpropagate(EncoderBatch(batch, on: model.backend), step: 0)
    return Double(try step.lossSum.hostFloats()[0])
  }

  /// Float32 sums of a loss of a few units: of the texts and of a norm for each text, layer and head.
  private func expect(
    _ term: Double, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let terms = Self.count * (1 + 2 * Self.heads) + Self.tokens
    let magnitude = expected + 4
    #expect(
      abs(term - expected) <= Tolerance.relativeError(terms: terms) * magnitude,
      sourceLocation: sourceLocation)
  }
}
