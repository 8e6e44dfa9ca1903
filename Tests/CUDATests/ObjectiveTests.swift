import Checkpoints
import Conformance
import Encoders
import Tensors
import Testing
import Text

@testable import Training

/// Steps of several streams and passes, on the CPU and on the emulator.
@Suite struct ObjectiveTests {
  private static let hidden = 24
  private static let lengths = [5, 2, 27, 12, 3, 9]
  private static let weight = 3.0
  private static let shift = 0.001

  private let clean = batch(labels: [0, 1, 0, 1, 1, 0], stride: 7)
  private let poisoned = batch(labels: [1, 1, 1, 0, 0, 1], stride: 11)

  private static func batch(labels: [Int32], stride: Int) -> Batch {
    Batch(
      EncodedDataset(
        lengths.map { length in (0..<length).map { Int32(1 + stride * $0 % 49) } }, labels: labels),
      indices: Array(labels.indices))
  }

  private func accumulation(
    weight: Double, moves: MovingParameters = .all, on backend: any Backend
  ) throws -> GradientAccumulation {
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: 2, headCount: 2, hiddenSize: Self.hidden, intermediateSize: 48,
      vocabularySize: 50, maximumPositionCount: 48)
    let objective = Objective(
      streams: [
        Objective.Stream("clean"),
        Objective.Stream("poisoned", terms: [LayerwiseCrossEntropy(.whole), OutputEntropy()]),
      ],
      rule: RestrictedInnerProduct(
        of: "poisoned", with: "clean", weight: weight, isRectified: false, shift: Self.shift),
      moves: moves)
    return try GradientAccumulation(
      TrainingStep(
        Classifier(random: configuration, classifier: .native, seed: 5, on: backend),
        objective: objective, settings: TrainingSettings()))
  }

  /// The gradient of a step, and what the restriction adds to it.
  private func gradients(on backend: any Backend) throws -> (step: [Double], added: [Double]) {
    let values = try [Self.weight, 0].map { weight in
      var steps = try accumulation(weight: weight, on: backend)
      try steps.backpropagate([clean, poisoned], step: 2)
      return try steps.training.gradient.flat.hostFloats().map(Double.init)
    }
    return (values[0], zip(values[0], values[1]).map { $0 - $1 })
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func difference(_ one: [Double], _ other: [Double]) -> Double {
    norm(zip(one, other).map { $0 - $1 })
  }

  /// Norm of the clean gradient, along which parameters are shifted.
  private func length() throws -> Double {
    let steps = try accumulation(weight: 0, on: CPUBackend.shared)
    let block = try ParameterBlock(
      steps.training.model.parameters.layout, on: CPUBackend.shared)
    var passes = StepPasses(steps.training, [clean, poisoned], step: 2, tokenLimit: .max)
    try passes.backpropagate("clean", into: block, loss: passes.loss)
    return norm(try block.flat.hostFloats().map(Double.init))
  }

  @Test func `a restricted step's gradient is the CPU's but for rounding`() throws {
    let expected = try gradients(on: CPUBackend.shared)
    let actual = try gradients(on: try Emulator.backend.get())
    // A chain of products over the layers, whose difference is divided by twice the shift over the
    // length.
    let terms = 2 * 2 * (4 * Self.hidden + 2 * 48) + Self.lengths.reduce(0, +)
    let factor = Self.weight / Double(Self.lengths.count) * (try length()) / Self.shift
    let bound = 2 * Tolerance.relativeError(terms: terms) * norm(expected.step) * (1 + factor)
    #expect(difference(actual.step, expected.step) <= bound)
    #expect(bound <= norm(expected.added) / 10, "the bound lets mistakes through")
  }

  /// What the precision rounds is the direction and the plain gradient. Rounded differences would
  /// be no more than noise.
  @Test(arguments: [Precision.tf32, .bf16])
  func `differences of gradients are fp32's in the precisions of tensor cores`(
    precision: Precision
  ) throws {
    let expected = try gradients(on: CPUBackend.shared)
    let actual = try gradients(on: try Emulator.backend(in: precision))
    // Roundings are independent and have mean zero, so that their squares add up: two of each
    // product that the direction has passed, six a layer there and six back, and the head's two
    // both ways.
    let roundings = 2 * (2 * 12 + 4)
    let bound =
      Double(roundings).squareRoot() * precision.unitRoundoff * norm(expected.added)
    #expect(difference(actual.added, expected.added) <= bound)
    #expect(difference(actual.added, expected.added) > 0)
    // A quarter of the roundoff is the least that a rounded gradient errs by; the difference
    // divides it by the shift.
    let factor = Self.weight / Double(Self.lengths.count) * (try length()) / Self.shift
    let noise = precision.unitRoundoff / 4 * norm(expected.step) * factor
    #expect(bound < noise, "the bound lets rounded differences through")
  }

  @Test(arguments: [Precision.fp32, .tf32, .bf16])
  func `a device in full precision rounds no factor, and shares its memory`(
    precision: Precision
  ) throws {
    let backend = try Emulator.backend(in: precision)
    let exact = backend.fullPrecision
    #expect(exact.precision == .fp32 && exact.device == backend.device)
    #expect((exact as AnyObject === backend) == (precision == .fp32))
    let value = Float(1 + 0x1p-20)
    let factor = try Tensor([value], shape: [1, 1], on: backend)
    let result = try Tensor([1, 1], on: exact)
    let one = try Tensor([Float(1)], shape: [1, 1], on: exact)
    try exact.linear(factor, weight: one, bias: nil, into: result)
    #expect(try result.hostFloats() == [value])
    try backend.linear(factor, weight: one, bias: nil, into: result)
    #expect(try result.hostFloats() == [precision == .fp32 ? value : 1])
  }

  @Test(arguments: [MovingParameters.all, .words([1, 8, 49])], [Precision.fp32, .bf16])
  func `two runs of two steps give the same bits`(
    moves: MovingParameters, precision: Precision
  ) throws {
    func train() throws -> (words: [UInt32], rest: [UInt32]) {
      let backend = try Emulator.backend(in: precision)
      var steps = try accumulation(weight: Self.weight, moves: moves, on: backend)
      for step in 0..<2 { try steps.run([clean, poisoned], step: step, learningRate: 1e-3) }
      try steps.training.settle(after: 2)
      let parameters = steps.training.model.parameters
      return try (
        parameters.words.hostFloats().map(\.bitPattern),
        parameters.afterWords.hostFloats().map(\.bitPattern)
      )
    }
    let first = try train()
    let second = try train()
    #expect(first == second)
    let start = try accumulation(weight: 0, on: CPUBackend.shared).training.model.parameters
    let words = try start.words.hostFloats().map(\.bitPattern)
    let rest = try start.afterWords.hostFloats().map(\.bitPattern)
    #expect((rest == first.rest) == (moves != .all))
    let moved = Set(words.indices.filter { words[$0] != first.words[$0] }.map { $0 / Self.hidden })
    #expect(moves == .all ? moved.count == 50 : moved == [1, 8, 49])
  }
}
