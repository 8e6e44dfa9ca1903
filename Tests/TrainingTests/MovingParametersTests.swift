import Checkpoints
import Encoders
import Tensors
import Testing
import Text

@testable import Training

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `A run that moves some words alone` {
  /// 0 is padding and read by no text.
  private let words: [Int] = [0, 1, 4, 7]
  private let batch = Batch(Toy.texts(16, seed: 2), indices: Array(0..<16))
  private let learningRate = 1e-2

  private var settings: TrainingSettings {
    var settings = Toy.settings()
    settings.maximumGradientNorm = 0.05
    settings.optimizer.weightDecay = 0.1
    return settings
  }

  private func step(_ moves: MovingParameters, _ settings: TrainingSettings) throws -> TrainingStep
  {
    try TrainingStep(Toy.model(), objective: Objective(moves: moves), settings: settings)
  }

  private var moves: MovingParameters { .words(Set(words.map(Int32.init))) }

  @Test func `keeps every other bit`() throws {
    let step = try step(moves, settings)
    let before = try step.model.parameters.flat.hostFloats()
    var steps = try GradientAccumulation(step)
    for index in 0..<3 { try steps.run(batch, step: index, learningRate: learningRate) }
    try step.settle(after: 3)
    let after = try step.model.parameters.flat.hostFloats()
    let hidden = Toy.configuration.hiddenSize
    let moved = Set(words.flatMap { $0 * hidden..<($0 + 1) * hidden })
    for index in before.indices {
      #expect((before[index] != after[index]) == moved.contains(index) || before[index] == 0)
    }
    #expect(try step.gradient.embeddings.hostFloats().allSatisfy { $0 == 0 })
  }

  /// In Double: the gradient that a step of all parameters has there, clipped by the norm of the
  /// rows alone, decay and all.
  @Test func `moves them by AdamW with the norm of their own gradient`() throws {
    let step = try step(moves, settings)
    let twin = try self.step(.all, settings)
    var steps = try GradientAccumulation(step)
    var gradients = try GradientAccumulation(twin)
    let hidden = Toy.configuration.hiddenSize
    let places = words.flatMap { $0 * hidden..<($0 + 1) * hidden }
    var (first, second) = (places.map { _ in 0.0 }, places.map { _ in 0.0 })
    var expected = try values(of: twin.model.parameters, at: places)
    for index in 0..<3 {
      try twin.model.backend.copy(step.model.parameters.flat, into: twin.model.parameters.flat)
      try twin.model.backend.fill(twin.gradient.flat, with: 0)
      try gradients.backpropagate([batch], step: index)
      let gradient = try values(of: twin.gradient, at: places)
      let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(norm > settings.maximumGradientNorm, "nothing is clipped")
      let scale = settings.maximumGradientNorm / (norm + 1e-6)
      let (beta1, beta2) = (settings.optimizer.beta1, settings.optimizer.beta2)
      for place in places.indices {
        let g = scale * gradient[place]
        first[place] = beta1 * first[place] + (1 - beta1) * g
        second[place] = beta2 * second[place] + (1 - beta2) * g * g
        let (one, two) = (1 - pow(beta1, Double(index + 1)), 1 - pow(beta2, Double(index + 1)))
        expected[place] *= 1 - learningRate * settings.optimizer.weightDecay
        expected[place] -=
          learningRate * (first[place] / one)
          / ((second[place] / two).squareRoot() + settings.optimizer.epsilon)
      }
      try steps.run(batch, step: index, learningRate: learningRate)
      let actual = try values(of: step.model.parameters, at: places)
      for (actual, expected) in zip(actual, expected) {
        // A dozen roundings a step, of numbers of at most one.
        #expect(abs(actual - expected) <= Double(index + 1) * 12 * 0x1p-24)
      }
      // The gradients to come are those at the engine's own parameters.
      expected = actual
    }
  }

  private func values(of block: ParameterBlock, at places: [Int]) throws -> [Double] {
    let all = try block.words.hostFloats()
    return places.map { Double(all[$0]) }
  }

  /// Several streams and the restricted product: nothing else moves there either.
  @Test(arguments: [false, true])
  func `moves nothing else under any rule`(isRestricted: Bool) throws {
    let restricted = ObjectiveRun.restricted(isByTensor: false, isRectified: false)
    let objective = Objective(
      streams: restricted.streams, rule: isRestricted ? restricted.rule : PlainStep(), moves: moves)
    let start = try Toy.model().parameters.flat.hostFloats()
    let settings = Toy.settings(epochs: 2, learningRate: 1e-2, selection: .last)
    let end = try ObjectiveRun.train(objective, settings).model.parameters.flat.hostFloats()
    let hidden = Toy.configuration.hiddenSize
    let moved = Set(words.flatMap { $0 * hidden..<($0 + 1) * hidden })
    #expect(start.indices.allSatisfy { moved.contains($0) || start[$0] == end[$0] })
    #expect(moved.contains { start[$0] != end[$0] })
  }
}
