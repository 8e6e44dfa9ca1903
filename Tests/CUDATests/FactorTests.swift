import Tensors
import Testing

/// What is rounded beside a result: the result's own rounding to bf16, whoever does it, and never
/// taken for up to date when it is not.
@Suite struct FactorTests {
  private let backend: CUDABackend
  private var random = Philox(seed: 8, stream: 1)

  init() throws { backend = try Emulator.backend(in: .bf16) }

  /// Rows that are no multiple of a block's, columns that are one of eight.
  private static let shape = [37, 24]

  private mutating func values(_ shape: [Int], factors: Bool = false) throws -> Tensor {
    let tensor = try factors ? Tensor(factors: shape, on: backend) : Tensor(shape, on: backend)
    try tensor.write((0..<tensor.count).map { _ in Float(random.uniform() - 0.5) })
    return tensor
  }

  /// To the nearest of 8 bits, halves to even: the definition, in integers.
  private static func rounded(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let half: UInt32 = 0x8000
    let (kept, rest) = (bits >> 16, bits & 0xFFFF)
    return UInt16(rest > half || (rest == half && kept & 1 == 1) ? kept + 1 : kept)
  }

  private func expectRounded(_ tensor: Tensor, _ name: String) throws {
    let factors = try #require(try tensor.hostFactors(), "\(name) is not rounded")
    let floats = try tensor.hostFloats()
    #expect(floats.contains { $0 != 0 } && floats.allSatisfy(\.isFinite), "\(name)")
    #expect(factors == floats.map(Self.rounded), "\(name)")
  }

  @Test mutating func `a linear layer rounds what its activation gives`() throws {
    let (rows, columns) = (Self.shape[0], Self.shape[1])
    let input = try values(Self.shape, factors: true)
    let weight = try values([16, columns], factors: true)
    let output = try Tensor(factors: [rows, 16], on: backend)
    #expect(try input.hostFactors() == nil && weight.hostFactors() == nil)
    try backend.linear(
      input, weight: weight, bias: values([16]), activation: .gelu, into: output)
    for (tensor, name) in [(input, "input"), (weight, "weight"), (output, "output")] {
      try expectRounded(tensor, name)
    }
    // A bare product leaves its output to who reads it.
    try backend.linear(input, weight: weight, bias: nil, into: output)
    #expect(try output.hostFactors() == nil)
    let (dInput, dWeight) = (
      try Tensor(Self.shape, on: backend), try Tensor([16, columns], on: backend)
    )
    try backend.linearGradient(
      output, input: input, weight: weight, dInput: dInput, dWeight: dWeight, dBias: nil)
    try expectRounded(output, "dOutput")
  }

  @Test mutating func `the gradient of an activation is rounded, and the activation`() throws {
    let preActivation = try values(Self.shape, factors: true)
    let gradient = try values(Self.shape, factors: true)
    try backend.activationGradient(.gelu, preActivation: preActivation, gradient: gradient)
    try expectRounded(preActivation, "activation")
    try expectRounded(gradient, "gradient")
  }

  @Test(arguments: [Dropout.none, Dropout(probability: 0.3, seed: 2, step: 1, site: 3)])
  mutating func `layer norm rounds its output and its input's gradient`(dropout: Dropout) throws {
    let (rows, columns) = (Self.shape[0], Self.shape[1])
    let sum = try values(Self.shape)
    let output = try Tensor(factors: Self.shape, on: backend)
    let statistics = try LayerNormStatistics(rowCount: rows, on: backend)
    let gamma = try values([columns])
    try backend.layerNorm(
      sum, inputDropout: dropout, gamma: gamma, beta: values([columns]), epsilon: 1e-5,
      into: output, statistics: statistics)
    try expectRounded(output, "output")
    let dSum = try Tensor(factors: Self.shape, on: backend)
    let dInput = dropout.probability > 0 ? try Tensor(factors: Self.shape, on: backend) : nil
    let (dGamma, dBeta) = (try Tensor([columns], on: backend), try Tensor([columns], on: backend))
    try backend.layerNormGradient(
      values(Self.shape), sum: sum, gamma: gamma, statistics: statistics, inputDropout: dropout,
      dSum: dSum, dInput: dInput, dGamma: dGamma, dBeta: dBeta, dBias: nil)
    try expectRounded(dInput ?? dSum, "gradient of the input")
    #expect(try dInput == nil || dSum.hostFactors() == nil)
  }

  /// With a masked head, whose gradients are zero, and rows behind the texts.
  @Test(arguments: [8, 64]) mutating func `attention rounds its context and gradients`(size: Int)
    throws
  {
    let offsets = try Tensor([Int32(0), 5, 30], on: backend)
    let projected = try values([37, 3 * 2 * size])
    let inputs = AttentionInputs(
      sequences: PackedSequences(
        offsets: offsets, tokenCount: 30, rowCount: 37, longestSequence: 25),
      query: Columns(projected, offset: 0, size: 2 * size),
      key: Columns(projected, offset: 2 * size, size: 2 * size),
      value: Columns(projected, offset: 4 * size, size: 2 * size), headCount: 2,
      headMask: try Tensor([Float(1), 0], on: backend))
    let context = try Tensor(factors: [37, 2 * size], on: backend)
    let logSumExp = try Tensor([37, 2], on: backend)
    try backend.attention(inputs, into: context, logSumExp: logSumExp)
    try expectRounded(context, "context")
    let gradient = try Tensor(factors: [37, 3 * 2 * size], on: backend)
    func columns(_ index: Int) -> Columns {
      Columns(gradient, offset: 2 * index * size, size: 2 * size)
    }
    try backend.attentionGradient(
      values([37, 2 * size]), inputs: inputs, context: context, logSumExp: logSumExp,
      dQuery: columns(0), dKey: columns(1), dValue: columns(2))
    try expectRounded(gradient, "gradients")
  }

  @Test mutating func `AdamW rounds the parameters that it moves`() throws {
    let block = try Tensor(factors: [1000], from: 100, on: backend)
    try block.write((0..<1000).map { _ in Float(random.uniform()) })
    let rest = block.slice(at: 104, shape: [896])
    let (gradient, first) = (try values([896]), try values([896]))
    let second = try Tensor([896], on: backend)
    try backend.fill(second, with: 1)
    try backend.adamW(
      AdamWParameters(), learningRate: 0.01, step: 1, gradientScale: nil, gradient: gradient,
      parameter: rest, firstMoment: first, secondMoment: second)
    try expectRounded(rest, "parameters")
    try expectRounded(block.slice(at: 200, shape: [10, 8]), "some of them")
    #expect(try block.hostFactors() == nil)
    // What lies before them has no factors; whoever writes to them makes them out of date.
    try backend.fill(block.slice(at: 0, shape: [100]), with: 3)
    try expectRounded(rest, "parameters")
    try backend.fill(block.slice(at: 500, shape: [1]), with: 3)
    #expect(try rest.hostFactors() == nil)
  }

  @Test(arguments: ["fill", "copy", "add", "dropout", "write", "first rows"])
  mutating func `floats that change leave no factors behind`(way: String) throws {
    let tensor = try values([3, 8], factors: true)
    let other = try values([3, 8])
    try backend.linear(
      tensor, weight: values([8, 8]), bias: nil, into: Tensor([3, 8], on: backend))
    try expectRounded(tensor, "input")
    switch way {
    case "fill": try backend.fill(tensor, with: 1)
    case "copy": try backend.copy(other, into: tensor)
    case "add": try backend.add(other, to: tensor)
    case "dropout":
      try backend.dropout(tensor, Dropout(probability: 0.5, seed: 1, step: 0, site: 0))
    case "write": try tensor.write([Float](repeating: 2, count: 24))
    default:
      let sequences = PackedSequences(
        offsets: try Tensor([Int32(0), 3], on: backend), tokenCount: 3, longestSequence: 3)
      try backend.gatherFirstRows(tensor, sequences: sequences, into: other.rows(0..<1))
      #expect(try tensor.hostFactors() != nil)
      try backend.addToFirstRows(other.rows(0..<1), sequences: sequences, of: tensor)
    }
    #expect(try tensor.hostFactors() == nil)
  }
}
