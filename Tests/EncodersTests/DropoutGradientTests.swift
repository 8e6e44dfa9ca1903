import Checkpoints
import Conformance
import Encoders
import Tensors
import Testing
import Training

/// PyTorch draws other masks, so with dropout on the loss itself is the witness of its gradient.
@Suite struct `With dropout on, the gradient` {
  /// The engine's loss is float32, so steps are long: truncation, h⁴, is measured, and rounding over h stays small.
  private static let step = 0x1p-6

  @Test(arguments: PyTorchFixture.families, FixtureVariant.allCases)
  func `is what finite differences of the loss give`(
    family: String, variant: FixtureVariant
  ) throws {
    let fixture = try PyTorchFixture(family)
    // DistilBERT's native head has the kink of a ReLU, over which differences do not converge.
    let head = family == "distilbert" ? ClassifierKind.linear : .native
    try expectGradient(
      of: FixtureRun.terms(fixture, variant, head), fixture, head, like: variant)
  }

  /// RoBERTa's head has a dense layer and drops out twice.
  @Test func `is that too where the whole head reads every layer`() throws {
    let fixture = try PyTorchFixture("roberta")
    // The norm term lets the queries' gradients stand out of the rounding.
    let terms = try FixtureRun.terms(fixture, .paper, .native) + [LayerwiseCrossEntropy(.whole)]
    try expectGradient(of: terms, fixture, .native, like: .layerwise)
  }

  private func expectGradient(
    of terms: [any LossTerm], _ fixture: PyTorchFixture, _ head: ClassifierKind,
    like variant: FixtureVariant
  ) throws {
    let model = try fixture.classifier(head, on: CPUBackend.shared, dropout: 0.3)
    var settings = TrainingSettings()
    settings.seed = 5
    let training = try TrainingStep(
      model, objective: Objective(terms: terms),
      headMask: variant.isMasked ? fixture.headMask() : nil,
      settings: settings)
    let batch = try fixture.batch(on: model.backend)
    let gradient = try gradient(training, batch)
    // What two float32 evaluations of this loss differ by, as everywhere in these tests.
    let deviation = try fixture.float32Deviation("\(head.rawValue)/\(variant.rawValue)/total")
    var generator = Generator(seed: 17)
    for slot in model.parameters.layout.slots {
      let own = Array(gradient[slot.offset..<slot.offset + slot.count])
      let length = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let random = generator.normal(slot.count).map(Double.init)
      let randomLength = random.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // A key bias moves all scores of a row alike: its gradient is zero.
      let isZero = slot.name.hasSuffix("key.bias")
      // Along the gradient a wrong factor shows most, along a random direction a wrong element.
      let direction = zip(own, random).map { (isZero ? 0 : $0 / length) + $1 / randomLength }
      let start = try model.parameters[slot.name].hostFloats()
      let values = try [-4, -2, -1, 1, 2, 4].map { multiple in
        try model.parameters[slot.name].write(
          zip(start, direction).map { $0 + Float(Double(multiple) * Self.step * $1) })
        return try loss(training, batch)
      }
      try model.parameters[slot.name].write(start)
      let analytic = zip(own, direction).reduce(0) { $0 + $1.0 * $1.1 }
      let narrow =
        (8 * (values[3] - values[2]) - (values[4] - values[1])) / (12 * Self.step)
      let wide = (8 * (values[4] - values[1]) - (values[5] - values[0])) / (24 * Self.step)
      let size = values.reduce(0) { max($0, abs($1)) }
      let rounding = 2 * deviation + PyTorchFixture.floor * size
      let bound = abs(narrow - wide) + 1.5 * rounding / Self.step
      #expect(abs(analytic - narrow) <= bound, "\(slot.name): \(analytic), not \(narrow)")
      // A bound above a fiftieth of the gradient would let mistakes through.
      #expect(isZero || bound <= abs(analytic) / 50, "\(slot.name) is not resolved")
    }
  }

  private func gradient(_ training: TrainingStep, _ batch: EncoderBatch) throws -> [Double] {
    try training.model.backend.fill(training.gradient.flat, with: 0)
    try training.backpropagate(batch, step: 3)
    return try training.gradient.flat.hostFloats().map(Double.init)
  }

  private func loss(_ training: TrainingStep, _ batch: EncoderBatch) throws -> Double {
    try training.model.backend.fill(training.lossSum, with: 0)
    try training.backpropagate(batch, step: 3)
    return Double(try training.lossSum.hostFloats()[0])
  }
}
