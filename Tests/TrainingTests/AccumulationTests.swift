import Checkpoints
import Conformance
import Encoders
import Files
import Synchronization
import Tensors
import Testing
import Text

@testable import Training

/// What becomes of a batch for which the device has no room.
@Suite struct `A batch in parts` {
  /// What is added to the cross-entropy.
  private static let terms: [(any LossTerm)?] = [
    nil, penalty(false), penalty(true), LayerwiseCrossEntropy(.output(dropout: 0.2)),
    OutputEntropy(), OutputEntropy(weight: 0.01, sumsTexts: true),
  ]

  private static func penalty(_ followsReferenceCode: Bool) -> AttentionPenalty {
    AttentionPenalty(
      weight: 0.15, layerWeights: [0.5, 1], followsReferenceCode: followsReferenceCode)
  }

  /// With dropout and a masked head: masks, weights of the parts and the joint norm all have to be the whole batch's.
  @Test(arguments: terms, [20, 80, 150])
  func `gives the gradients and the loss of the whole, but for rounding`(
    term: (any LossTerm)?, tokenLimit: Int
  ) throws {
    let example = Example(term)
    let whole = try example.accumulation()
    try whole.backpropagate(example.batch)
    let cut = try example.accumulation(tokenLimit: tokenLimit)
    try cut.backpropagate(example.batch)
    #expect(whole.steps.cut == nil)
    #expect(cut.steps.cut?.stepCount == 1)
    let parts = BatchPart.cutting(example.batch, tokenLimit: tokenLimit)
    #expect(cut.steps.cut?.partCount == parts.count && parts.count >= 2)
    try Toy.expectSame(
      cut.steps.training, whole.steps.training, tokenCount: example.batch.tokenCount)
  }

  @Test func `covers every text once, in order, and knows the tokens before each part`() {
    let batch = Example().batch
    for tokenLimit in [1, 7, 30, 100, .max] {
      let parts = BatchPart.cutting(batch, tokenLimit: tokenLimit)
      #expect(parts.flatMap { Array($0.texts) } == Array(0..<batch.count))
      for part in parts {
        let piece = batch.part(part.texts)
        #expect(part.firstToken == Int(batch.sequenceOffsets[part.texts.lowerBound]))
        #expect(piece.tokenCount <= tokenLimit || piece.count == 1)
        #expect(piece == Batch(Example.texts, indices: Array(part.texts)))
      }
    }
  }

  @Test func `is no smaller for a cut that leaves a text of no tokens alone`() {
    let texts = EncodedDataset([[1, 3, 2], []], labels: [0, 1])
    #expect(BatchPart.largerHalf(of: 0..<2, in: Batch(texts, indices: [0, 1])) == nil)
    #expect(BatchPart.largerHalf(of: 0..<1, in: Batch(texts, indices: [0, 1])) == nil)
  }

  /// The budget falls until not one text fits: on the way, steps that failed first must leave the bits of steps that
  /// were cut from the beginning.
  @Test(arguments: terms)
  func `leaves no trace of the attempts that failed`(term: (any LossTerm)?) throws {
    let example = Example(term)
    var partCounts: Set<Int> = []
    var budget = 8 << 20
    while true {
      let limited: Run
      do throws(DeviceError) { limited = try example.accumulation(memoryLimit: budget) } catch {
        // Not even the model fits any more.
        break
      }
      do {
        for step in 0..<2 { try limited.run(example.batch, step: step) }
        let cut = limited.steps.cut
        partCounts.insert(cut?.partCount ?? 1)
        #expect(cut == nil || cut?.stepCount == 2)
        let known = try example.accumulation(tokenLimit: cut?.tokenLimit)
        for step in 0..<2 { try known.run(example.batch, step: step) }
        #expect(try limited.bits() == known.bits(), "\(String(describing: cut))")
      } catch DeviceError.outOfMemory {
        // No step was taken, so everything is as it was made.
        #expect(try limited.bits() == example.accumulation().bits())
        let embeddings = try limited.steps.training.gradient.embeddings.hostFloats()
        #expect(embeddings.allSatisfy { $0 == 0 })
      }
      budget -= budget / 8
    }
    #expect(partCounts.contains(1) && partCounts.contains(2) && partCounts.contains { $0 >= 4 })
  }

  @Test(arguments: 1...6)
  func `leaves no trace of the parts before the one that failed`(call: Int) throws {
    let example = Example()
    let limited = try example.accumulation(
      tokenLimit: 100, terms: [CrossEntropyTerm(), CountingTerm(failingAt: call)])
    try limited.run(example.batch, step: 0)
    let limit = try #require(limited.steps.cut?.tokenLimit)
    #expect(limit < 100)
    let known = try example.accumulation(tokenLimit: limit)
    try known.run(example.batch, step: 0)
    #expect(try limited.bits() == known.bits())
  }

  @Test func `is cut at once when an earlier one had to be`() throws {
    let example = Example()
    let term = CountingTerm()
    var budget = 8 << 20
    while true {
      let limited = try example.accumulation(
        memoryLimit: budget, terms: [CrossEntropyTerm(), term])
      try limited.run(example.batch, step: 0)
      budget -= budget / 8
      guard let partCount = limited.steps.cut?.partCount, partCount >= 4 else { continue }
      let before = term.count
      try limited.run(example.batch, step: 1)
      #expect(term.count - before == partCount)
      return
    }
  }

  /// Where a gradient is rounding noise AdamW lets its sign decide, so a parameter may differ by what the steps can
  /// move it, and on average by far less.
  @Test func `trains to the same parameters but for rounding`() throws {
    let example = Example(Self.penalty(true))
    let whole = try example.accumulation()
    let cut = try example.accumulation(tokenLimit: 60)
    for step in 0..<4 {
      try whole.run(example.batch, step: step)
      try cut.run(example.batch, step: step)
    }
    let (expected, actual) = try (whole.parameters(), cut.parameters())
    let differences = zip(expected, actual).map { Double(abs($0 - $1)) }
    #expect((differences.max() ?? .infinity) <= 2 * 4 * Example.learningRate)
    let mean = differences.reduce(0, +) / Double(differences.count)
    #expect(mean <= Example.learningRate * 0x1p-10, "a parameter differs by \(mean) on average")
  }
}

/// A step under test: what is mutated lies behind a reference.
private final class Run {
  var steps: GradientAccumulation

  init(_ steps: GradientAccumulation) { self.steps = steps }

  func run(_ batch: Batch, step: Int) throws {
    try steps.run(batch, step: step, learningRate: Example.learningRate)
  }

  func backpropagate(_ batch: Batch) throws { try steps.backpropagate([batch], step: 3) }

  func parameters() throws -> [Float] {
    try steps.training.model.parameters.flat.hostFloats()
  }

  /// Parameters, moments and loss.
  func bits() throws -> [UInt32] {
    let training = steps.training
    let tensors = [
      training.model.parameters.flat, training.firstMoment.flat, training.secondMoment.flat,
      training.lossSum,
    ]
    return try tensors.flatMap { try $0.hostFloats() }.map(\.bitPattern)
  }
}

/// Asks for nothing, counts how often a part of a batch got as far as the loss, and may find no room once.
private final class CountingTerm: LossTerm {
  private let calls = Mutex(0)
  private let failure: Int?
  var count: Int { calls.withLock { $0 } }
  var json: JSONValue { nil }

  init(failingAt call: Int? = nil) { failure = call }

  func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    let call = calls.withLock { calls in
      calls += 1
      return calls
    }
    if call == failure { throw .outOfMemory(device: .cpu, byteCount: 1) }
  }
}

private struct Example {
  static let learningRate = 1e-3
  static let texts = Toy.texts(96, seed: 6)
  let term: (any LossTerm)?
  let batch = Batch(texts, indices: Array(0..<96))

  init(_ term: (any LossTerm)? = nil) { self.term = term }

  func accumulation(
    tokenLimit: Int? = nil, memoryLimit: Int? = nil, terms: [any LossTerm]? = nil,
    objective: Objective? = nil
  ) throws(DeviceError) -> Run {
    let backend = memoryLimit.map { CPUBackend(memoryLimit: $0) } ?? .shared
    var own: [any LossTerm] = [CrossEntropyTerm()]
    if let term { own.append(term) }
    do {
      let step = try TrainingStep(
        Toy.model(on: backend), objective: objective ?? Objective(terms: terms ?? own),
        headMask: HeadMask(layerCount: 2, headCount: 2, pruned: [[1], []]),
        settings: Toy.settings())
      return Run(
        try GradientAccumulation(
          step, cut: tokenLimit.map { BatchCut(tokenLimit: $0, partCount: 1, stepCount: 0) }))
    } catch let error as DeviceError { throw error } catch {
      preconditionFailure("a toy model needs no file: \(error)")
    }
  }
}
