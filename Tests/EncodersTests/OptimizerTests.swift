import Checkpoints
import Encoders
import Tensors
import Testing
import Training

@Suite struct `Ten AdamW steps against PyTorch` {
  struct Run: CustomStringConvertible {
    let head: ClassifierKind
    let variant: FixtureVariant
    var description: String { "\(head.rawValue)/\(variant.rawValue)" }

    static let all = [
      Run(head: .native, variant: .plain), Run(head: .native, variant: .paper),
      Run(head: .linear, variant: .masked), Run(head: .linear, variant: .reference),
    ]
  }

  @Test(arguments: PyTorchFixture.families, Run.all)
  func `give the losses, gradient norms and parameters`(family: String, run: Run) throws {
    let fixture = try PyTorchFixture(family)
    let state = try FixtureRun(fixture, run.head, run.variant)
    let training = try fixture.training()
    let backend = state.model.backend
    let firstMoment = try ParameterBlock(state.model.parameters.layout, on: backend)
    let secondMoment = try ParameterBlock(state.model.parameters.layout, on: backend)
    let norm = try Tensor([2], on: backend)
    var (totals, norms): ([Float], [Float]) = ([], [])
    for step in 0..<training.steps {
      try state.backpropagate(terms: state.terms)
      try backend.globalNorm(of: state.gradient.flat, clippingAt: training.norm, into: norm)
      try backend.adamW(
        AdamWParameters(weightDecay: training.weightDecay),
        learningRate: training.learningRate * Double(training.steps - step)
          / Double(training.steps),
        step: step + 1, gradientScale: norm.slice(at: 1, shape: [1]),
        gradient: state.gradient.flat, parameter: state.model.parameters.flat,
        firstMoment: firstMoment.flat, secondMoment: secondMoment.flat)
      totals += try state.loss.hostFloats()
      norms.append(try norm.hostFloats()[0])
    }
    try fixture.expectAgreement(Tensor(totals, on: backend), "\(run)/training/total")
    try fixture.expectAgreement(Tensor(norms, on: backend), "\(run)/training/gradientNorm")
    try expectTrained(state.model, fixture, run)
  }

  /// `TrainingStep` always draws the linear head's dropout, so its own steps are held against the native heads'.
  @Test(arguments: PyTorchFixture.families, [FixtureVariant.plain, .paper])
  func `are what a training step does`(family: String, variant: FixtureVariant) throws {
    let fixture = try PyTorchFixture(family)
    let training = try fixture.training()
    let model = try fixture.classifier(.native, on: CPUBackend.shared)
    var settings = TrainingSettings()
    settings.optimizer.weightDecay = training.weightDecay
    settings.maximumGradientNorm = training.norm
    let step = try TrainingStep(
      model, objective: Objective(terms: FixtureRun.terms(fixture, variant, .native)),
      headMask: variant.isMasked ? fixture.headMask() : nil, settings: settings)
    let batch = try fixture.batch(on: model.backend)
    var totals: [Float] = []
    for index in 0..<training.steps {
      try model.backend.fill(step.lossSum, with: 0)
      try step.run(
        batch, step: index,
        learningRate: training.learningRate * Double(training.steps - index)
          / Double(training.steps))
      totals += try step.lossSum.hostFloats()
    }
    try step.settle(after: training.steps)
    let run = Run(head: .native, variant: variant)
    try fixture.expectAgreement(
      Tensor(totals, on: model.backend), "\(run)/training/total")
    try expectTrained(model, fixture, run)
  }

  private func expectTrained(_ model: Classifier, _ fixture: PyTorchFixture, _ run: Run) throws {
    let training = try fixture.training()
    // Learning rates 1, 0.9 ... 0.1 of the first add up to this; AdamW's step is at most about the learning rate.
    let path = training.learningRate * Double(training.steps + 1) / 2
    let hubNames = fixture.hubNames(run.head)
    for slot in model.parameters.layout.slots {
      let name = try #require(hubNames[slot.name])
      let gradient = try fixture.expected("\(run)/gradient/\(name)").values.map(Double.init)
      let largest = gradient.reduce(0) { max($0, abs($1)) }
      let deviation = try fixture.float32Deviation("\(run)/gradient/\(name)")
      let slack = gradient.map { value in
        // AdamW scales the rounding of a gradient that is zero up to steps of the learning rate, either way.
        if slot.name.hasSuffix("key.bias") { return 2 * path }
        return value == 0 ? 0 : path * min(2, sensitivity(value, largest, deviation))
      }
      try fixture.expectAgreement(
        model.parameters[slot.name], "\(run)/trained/\(name)", slack: slack)
    }
  }

  /// AdamW divides a gradient by the root of its mean square, so a small gradient's relative error, the tensor's
  /// rounding over the element, is its step's relative error.
  private func sensitivity(_ value: Double, _ largest: Double, _ deviation: Double) -> Double {
    (2 * deviation + PyTorchFixture.floor * largest) / abs(value)
  }
}
