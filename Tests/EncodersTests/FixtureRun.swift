import Checkpoints
import Encoders
import Tensors
@testable import Training

/// The fixture's four losses.
enum FixtureVariant: String, CaseIterable {
  case plain, masked, paper, reference

  var isMasked: Bool { self != .plain }
}

/// One fixture model with its loss: gradients and steps without dropout, put together from the engine's parts, since
/// `TrainingStep` always draws the linear head's dropout.
struct FixtureRun {
  let fixture: PyTorchFixture
  let model: Classifier
  let batch: EncoderBatch
  let headMask: Tensor?
  let terms: [any LossTerm]
  let gradient: ParameterBlock
  let loss: Tensor

  init(_ fixture: PyTorchFixture, _ head: HeadKind, _ variant: FixtureVariant) throws {
    self.fixture = fixture
    model = try fixture.classifier(head, on: CPUBackend.shared)
    batch = try fixture.batch(on: model.backend)
    headMask = variant.isMasked ? try fixture.headMask().tensor(on: model.backend) : nil
    terms = try Self.terms(fixture, variant)
    gradient = try ParameterBlock(model.parameters.layout, on: model.backend)
    loss = try Tensor([Float(0)], on: model.backend)
  }

  static func terms(
    _ fixture: PyTorchFixture, _ variant: FixtureVariant
  ) throws -> [any LossTerm] {
    guard variant == .paper || variant == .reference else { return [CrossEntropyTerm()] }
    let norm = try fixture.normTerm()
    return [
      CrossEntropyTerm(),
      AttentionPenalty(
        weight: norm.weight, layerWeights: norm.layerWeights,
        followsReferenceCode: variant == .reference),
    ]
  }

  /// Writes `loss` and `gradient`, or adds to them.
  func backpropagate(terms: [any LossTerm], adding: Bool = false) throws {
    if !adding {
      try model.backend.fill(loss, with: 0)
      try model.backend.fill(gradient.embeddings, with: 0)
    }
    let options = PassOptions(
      headMask: headMask, trace: terms.lazy.compactMap(\.trace).first, savesActivations: true)
    let pass = try model.forward(batch, options)
    var gradients = LossGradients(dLogits: try Tensor(pass.logits.shape, on: model.backend))
    let context = LossContext(
      pass: pass, batch: batch, part: .whole(batch), headMask: headMask)
    for term in terms { try term.add(to: &gradients, loss: loss, context) }
    try model.backward(
      gradients.dLogits, pass, batch, options, clsCoefficients: gradients.clsCoefficients,
      into: gradient, adding: adding)
  }
}
