import Checkpoints
import Encoders
import Tensors
import Testing
import Text

@testable import Training

/// RIPPLe's gradient by differences of gradients, against PyTorch's by double backward.
@Suite struct `A restricted inner product against PyTorch` {
  @Test(arguments: PyTorchFixture.families, [false, true])
  func `gives the loss and every gradient`(family: String, isByTensor: Bool) throws {
    let fixture = try PyTorchFixture(family)
    let run = try RestrictedRun(fixture)
    let name = isByTensor ? "native/restricted-by-tensor" : "native/restricted"
    let shift = 0.01
    let (loss, actual) = try run.gradient(isByTensor: isByTensor, shift: shift)
    let (_, half) = try run.gradient(isByTensor: isByTensor, shift: shift / 2)
    let (_, alone) = try run.gradient(weight: 0, shift: shift)
    // The products that the loss counts are sums of gradients' products.
    try fixture.expectAgreement(loss, "\(name)/total", largest: try run.largestProduct())
    let hubNames = fixture.hubNames(.native)
    for slot in run.model.parameters.layout.slots {
      let gradient = "\(name)/gradient/\(try #require(hubNames[slot.name]))"
      let expected = try fixture.expected(gradient).values.map(Double.init)
      let range = slot.offset..<slot.offset + slot.count
      // What reaches query and key went through the softmax's gradient, a difference of numbers as
      // large as those that make the value's gradient.
      let value = run.model.parameters.layout[
        slot.name.replacing(/attention\.(query|key)/, with: "attention.value")]
      let size = alone[value.offset..<value.offset + value.count].reduce(0) { max($0, abs($1)) }
      let (actual, half, alone) = (actual[range], half[range], alone[range])
      // Half the shift has a quarter of the truncation, so their difference is three quarters of
      // it. Rounding of the two gradients, of which the plain one is as large, is divided by twice
      // the shift over the length.
      let truncation = zip(actual, half).reduce(0) { max($0, abs($1.0 - $1.1)) } * 4 / 3
      let deviation = try fixture.float32Deviation(gradient)
      let rounding =
        2 * deviation + PyTorchFixture.floor * size
        * (1 + run.weight / Double(run.cleanCount) * run.length / shift)
      let worst = zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst <= truncation + rounding, "\(slot.name): \(worst)")
      let own = zip(expected, alone).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // A bound above a tenth of what the penalty adds would let mistakes through.
      let isZero = slot.name.hasSuffix("key.bias")
      #expect(isZero || truncation + rounding <= own / 10, "\(slot.name) is not resolved")
    }
  }
}

/// Three clean texts of the fixture and two poisoned ones.
private struct RestrictedRun {
  let model: Classifier
  let clean: Batch
  let poisoned: Batch
  let weight: Double
  var cleanCount: Int { clean.count }
  /// Of the clean gradient.
  let length: Double

  init(_ fixture: PyTorchFixture) throws {
    model = try fixture.classifier(.native, on: CPUBackend.shared)
    let facts = try fixture.restricted()
    weight = facts.weight
    let batch = try fixture.batch(on: model.backend)
    let ids = try batch.tokenIDs.hostIntegers()
    let offsets = try batch.sequences.offsets.hostIntegers().map(Int.init)
    let texts = zip(offsets, offsets.dropFirst()).map { Array(ids[$0..<$1]) }
    let labels = try batch.labels.hostIntegers().prefix(facts.cleanCount) + facts.poisonedLabels
    let data = EncodedDataset(texts, labels: Array(labels))
    clean = Batch(data, indices: Array(0..<facts.cleanCount))
    poisoned = Batch(data, indices: Array(facts.cleanCount..<texts.count))
    let step = try TrainingStep(model, settings: TrainingSettings())
    var steps = try GradientAccumulation(step)
    try steps.backpropagate([clean], step: 0)
    length = try step.gradient.flat.hostFloats().reduce(0) { $0 + Double($1) * Double($1) }
      .squareRoot()
  }

  /// The step's loss and gradient.
  func gradient(
    weight: Double? = nil, isByTensor: Bool = false, shift: Double
  ) throws -> (loss: Tensor, gradient: [Double]) {
    let rule = RestrictedInnerProduct(
      of: "poisoned", with: "clean", weight: weight ?? self.weight, isByTensor: isByTensor,
      shift: shift)
    let step = try TrainingStep(
      model,
      objective: Objective(
        streams: [Objective.Stream("clean"), Objective.Stream("poisoned")], rule: rule),
      settings: TrainingSettings())
    var steps = try GradientAccumulation(step)
    try steps.backpropagate([clean, poisoned], step: 0)
    return (step.lossSum, try step.gradient.flat.hostFloats().map(Double.init))
  }

  /// What the loss counts of the product's size.
  func largestProduct() throws -> Double {
    let (_, poisoned) = try gradient(weight: 0, shift: 1)
    let other = poisoned.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return weight / Double(cleanCount) * length * other
  }
}
