import Checkpoints
import Conformance
import Encoders
import Files
import Tensors
import Testing
import Text

@testable import Training

/// With dropout, on toy texts; the values themselves are held against PyTorch's beside the other
/// gradients.
@Suite struct `A restricted inner product` {
  private let clean = Batch(Toy.texts(16, seed: 2), indices: Array(0..<16))
  private let same = Batch(Toy.texts(16, seed: 6), indices: Array(0..<16))
  private let opposite: Batch = {
    let texts = Toy.texts(16, seed: 6)
    let labels = texts.labels.map { 1 - $0 }
    return Batch(
      EncodedDataset((0..<16).map { Array(texts[$0]) }, labels: labels), indices: Array(0..<16))
  }()

  private func accumulation(
    _ rule: any StepRule, tokenLimit: Int? = nil, on backend: any Backend = CPUBackend.shared
  ) throws -> GradientAccumulation {
    let objective = Objective(
      streams: [Objective.Stream("clean"), Objective.Stream("poisoned")], rule: rule)
    return try GradientAccumulation(
      TrainingStep(Toy.model(on: backend), objective: objective, settings: Toy.settings()),
      cut: tokenLimit.map { BatchCut(tokenLimit: $0, partCount: 1, stepCount: 0) })
  }

  private func rule(
    weight: Double = 4, isByTensor: Bool = false, isRectified: Bool = true, shift: Double = 0.01
  ) -> RestrictedInnerProduct {
    RestrictedInnerProduct(
      of: "poisoned", with: "clean", weight: weight, isByTensor: isByTensor,
      isRectified: isRectified, shift: shift)
  }

  /// Gradient and loss of one step.
  private func gradient(
    _ rule: any StepRule, poisoned: Batch, tokenLimit: Int? = nil
  ) throws -> [Double] {
    var steps = try accumulation(rule, tokenLimit: tokenLimit)
    try steps.backpropagate([clean, poisoned], step: 3)
    let step = steps.training
    return try (step.gradient.flat.hostFloats() + step.lossSum.hostFloats()).map(Double.init)
  }

  private func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func difference(_ one: [Double], _ other: [Double]) -> Double {
    norm(zip(one, other).map { $0 - $1 })
  }

  @Test func `that is positive leaves the gradient and the loss alone, bit for bit`() throws {
    let alone = try gradient(One("poisoned"), poisoned: same)
    #expect(try gradient(rule(), poisoned: same) == alone)
    // It would not do so by chance.
    #expect(try gradient(rule(isRectified: false), poisoned: same) != alone)
  }

  @Test func `adds to the loss what it restricts`() throws {
    let alone = try gradient(One("poisoned"), poisoned: opposite)
    let clean = try gradient(
      One("clean"), poisoned: opposite)
    let product = zip(alone.dropLast(), clean.dropLast()).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(product < 0)
    let restricted = try gradient(rule(), poisoned: opposite)
    let added = restricted[restricted.count - 1] - alone[alone.count - 1]
    let expected = -product * 4 / 16
    // Three roundings of numbers as large as the loss.
    #expect(abs(added - expected) <= 3 * 0x1p-24 * restricted[restricted.count - 1])
  }

  /// Masks that differed between the two points would make a difference that grows as the shift
  /// shrinks.
  @Test(arguments: [false, true])
  func `draws the same masks at both points`(isByTensor: Bool) throws {
    let alone = try gradient(One("poisoned"), poisoned: opposite)
    let whole = try gradient(rule(isByTensor: isByTensor), poisoned: opposite)
    let half = try gradient(rule(isByTensor: isByTensor, shift: 0.005), poisoned: opposite)
    #expect(difference(whole, half) <= 1e-2 * difference(whole, alone))
  }

  /// Without the rectifier, a sum over tensors is the product over the model.
  @Test func `over tensors is that over the model when nothing is rectified`() throws {
    for poisoned in [same, opposite] {
      let alone = try gradient(One("poisoned"), poisoned: poisoned)
      let whole = try gradient(rule(isRectified: false), poisoned: poisoned)
      let parts = try gradient(rule(isByTensor: true, isRectified: false), poisoned: poisoned)
      // The same passes; the sum of products alone is rounded elsewhere.
      #expect(whole.dropLast() == parts.dropLast())
      let (loss, other) = (whole[whole.count - 1], parts[parts.count - 1])
      #expect(abs(loss - other) <= 50 * 0x1p-24 * (1 + abs(loss)))
      #expect(difference(whole, alone) > 0)
    }
  }

  @Test(arguments: [20, 80])
  func `of batches in parts is that of whole ones, but for rounding`(tokenLimit: Int) throws {
    let alone = try gradient(One("poisoned"), poisoned: opposite)
    let whole = try gradient(rule(), poisoned: opposite)
    let cut = try gradient(rule(), poisoned: opposite, tokenLimit: tokenLimit)
    #expect(cut != whole)
    // Rounding of gradients of about this norm, over twice the shift, times weight and length.
    let length = try norm(gradient(One("clean"), poisoned: opposite).dropLast())
    let sizes = Toy.configuration
    let terms =
      sizes.layerCount * 2 * (4 * sizes.hiddenSize + 2 * sizes.intermediateSize)
      + clean.tokenCount
    let bound =
      2 * Tolerance.relativeError(terms: terms) * norm(alone) * (1 + 4 / 16 * length / 0.01)
    #expect(difference(cut, whole) <= bound)
    #expect(bound <= difference(whole, alone) / 10, "the bound lets mistakes through")
  }

  /// The budget falls until not one text fits: steps that failed first leave the bits of steps
  /// that were cut from the beginning, in whichever of the passes they failed.
  @Test func `leaves no trace of the attempts that failed`() throws {
    var partCounts: Set<Int> = []
    var budget = 8 << 20
    while true {
      let backend = CPUBackend(memoryLimit: budget)
      budget -= budget / 8
      guard var limited = try? accumulation(rule(isByTensor: true), on: backend) else { break }
      do {
        for step in 0..<2 {
          try limited.run([clean, opposite], step: step, learningRate: 1e-3)
        }
        partCounts.insert(limited.cut?.partCount ?? 1)
        var known = try accumulation(
          rule(isByTensor: true), tokenLimit: limited.cut?.tokenLimit)
        for step in 0..<2 { try known.run([clean, opposite], step: step, learningRate: 1e-3) }
        #expect(try limited.training.model.bits() == known.training.model.bits())
        #expect(
          try limited.training.lossSum.hostFloats() == known.training.lossSum.hostFloats())
      } catch DeviceError.outOfMemory {
        #expect(try limited.training.model.bits() == Toy.model().bits())
        let embeddings = try limited.training.gradient.embeddings.hostFloats()
        #expect(embeddings.allSatisfy { $0 == 0 })
      }
    }
    #expect(partCounts.contains(1) && partCounts.contains { $0 >= 2 })
  }
}

/// One of the streams alone: the same texts, the same masks.
private struct One: StepRule {
  let stream: String
  var json: JSONValue { .string(stream) }

  init(_ stream: String) { self.stream = stream }

  func backpropagate(_ passes: inout StepPasses) throws(DeviceError) {
    try passes.backpropagate(stream, into: passes.gradient, loss: passes.loss)
  }
}
