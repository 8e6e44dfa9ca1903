import Checkpoints
import Encoders
import Files
import Tensors
@testable import Training

#if canImport(Glibc)
  import Glibc
#endif

/// The fixture's losses.
enum FixtureVariant: String, CaseIterable {
  case plain, masked, paper, reference, layerwise, entropy
  case everyLayer = "every-layer"

  var isMasked: Bool { ![.plain, .entropy, .everyLayer].contains(self) }
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

  init(_ fixture: PyTorchFixture, _ head: ClassifierKind, _ variant: FixtureVariant) throws {
    self.fixture = fixture
    model = try fixture.classifier(head, on: CPUBackend.shared)
    batch = try fixture.batch(on: model.backend)
    headMask = variant.isMasked ? try fixture.headMask().tensor(on: model.backend) : nil
    terms = try Self.terms(fixture, variant, head)
    gradient = try ParameterBlock(model.parameters.layout, on: model.backend)
    loss = try Tensor([Float(0)], on: model.backend)
  }

  static func terms(
    _ fixture: PyTorchFixture, _ variant: FixtureVariant, _ head: ClassifierKind
  ) throws -> [any LossTerm] {
    let norm = try fixture.normTerm()
    let penalty = AttentionPenalty(
      weight: norm.weight, layerWeights: norm.layerWeights,
      followsReferenceCode: variant == .reference)
    let weights = try fixture.termWeights()
    return switch variant {
    case .plain, .masked: [CrossEntropyTerm()]
    case .paper, .reference: [CrossEntropyTerm(), penalty]
    case .layerwise:
      // The linear head is its output layer.
      [
        CrossEntropyTerm(), penalty,
        LayerwiseCrossEntropy(head == .linear ? .whole : .output(dropout: 0.3)),
        StateTerm(weight: weights.state),
      ]
    case .everyLayer:
      // As the original LWP has it.
      [LayerwiseCrossEntropy(.output(dropout: 0)), CrossEntropyTerm(headDropout: false)]
    case .entropy: [OutputEntropy(weight: weights.entropy), CrossEntropyTerm()]
    }
  }

  /// Writes `loss` and `gradient`, or adds to them.
  func backpropagate(terms: [any LossTerm], adding: Bool = false) throws {
    if !adding {
      try model.backend.fill(loss, with: 0)
      try model.backend.fill(gradient.embeddings, with: 0)
    }
    let options = PassOptions(
      headMask: headMask, trace: terms.trace, layers: terms.layers, savesActivations: true)
    let pass = try model.forward(batch, options)
    var gradients = LossGradients()
    let context = LossContext(
      pass: pass, batch: batch, part: .whole(batch), headMask: headMask)
    for term in terms { try term.add(to: &gradients, loss: loss, context) }
    try model.backward(
      gradients, pass, batch, options, into: gradient, adding: adding)
  }
}

/// weight · mean over texts of Σ_j cos(1 + layer + 2j) · state_j, over all layers: a term that is
/// linear in the [CLS] states.
struct StateTerm: LossTerm {
  let weight: Double
  var layers: LayerReading { .states }
  var json: JSONValue { ["kind": "state", "weight": .double(weight)] }

  func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    for (layer, state) in context.pass.encoder.states.enumerated() {
      let (texts, hidden) = (state.shape[0], state.shape[1])
      let direction = (0..<hidden).map { column in
        Float(weight * cos(Double(1 + layer + 2 * column)) / Double(context.part.textCount))
      }
      let dState = try Tensor(
        (0..<texts).flatMap { _ in direction }, shape: state.shape, on: state.backend)
      let value = try Tensor([1], on: state.backend)
      try state.backend.innerProduct(state, dState, into: value)
      try state.backend.add(value, to: loss)
      try gradients.add(dState, at: \.dStates[layer])
    }
  }
}
