import Checkpoints
import Encoders
import Tensors
import Testing

/// A head whose logits are the [CLS] state itself, so that they show what dropout took.
@Suite struct `A classifier at every layer` {
  private let fixture: PyTorchFixture
  private let model: Classifier
  private let batch: EncoderBatch

  init() throws {
    fixture = try PyTorchFixture("bert")
    var checkpoint = fixture.checkpoint
    let hidden = checkpoint.configuration.hiddenSize
    checkpoint.configuration.hiddenDropout = 0
    checkpoint.configuration.attentionDropout = 0
    model = try Classifier(
      checkpoint, freshClassifier: .linear, labels: (0..<hidden).map { "class \($0)" }, seed: 1,
      on: CPUBackend.shared)
    try model.parameters["head.output.weight"].write(
      (0..<hidden * hidden).map { $0 / hidden == $0 % hidden ? Float(1) : 0 })
    try model.backend.fill(model.parameters["head.output.bias"], with: 0)
    batch = try fixture.batch(on: model.backend)
  }

  @Test func `reads the states that PyTorch has there`() throws {
    let pass = try model.forward(batch, PassOptions(layers: .logits(.whole)))
    #expect(pass.layerLogits.count == 2 && pass.encoder.states.count == 2)
    let hidden = model.configuration.hiddenSize
    let offsets = try batch.sequences.offsets.hostIntegers().dropLast().map(Int.init)
    for layer in 0..<2 {
      #expect(
        try pass.layerLogits[layer].hostFloats() == pass.encoder.states[layer].hostFloats())
      let expected = try fixture.expected("native/plain/hidden/\(layer + 1)").values.map(
        Double.init)
      let scale = expected.reduce(0) { max($0, abs($1)) }
      let deviation = try fixture.float32Deviation("native/plain/hidden/\(layer + 1)")
      let rows = try pass.encoder.states[layer].hostFloats()
      for (text, offset) in offsets.enumerated() {
        for column in 0..<hidden {
          let error = abs(Double(rows[text * hidden + column]) - expected[offset * hidden + column])
          #expect(error <= 2 * deviation + PyTorchFixture.floor * scale)
        }
      }
    }
  }

  @Test func `draws masks that are a function of seed, step and layer, and not the head's own`()
    throws
  {
    func masks(_ head: LayerClassifier, seed: UInt64, step: Int) throws -> [[Bool]] {
      let pass = try model.forward(
        batch,
        PassOptions(dropout: DropoutSource(seed: seed, step: step), layers: .logits(head)))
      return try (pass.layerLogits + [pass.logits]).map { try $0.hostFloats().map { $0 == 0 } }
    }
    for head in [LayerClassifier.whole, .output(dropout: 0.4)] {
      let first = try masks(head, seed: 3, step: 7)
      #expect(try masks(head, seed: 3, step: 7) == first)
      #expect(first.allSatisfy { $0.contains(true) && $0.contains(false) })
      #expect(Set(first).count == 3)
      let others = try masks(head, seed: 4, step: 7) + masks(head, seed: 3, step: 8)
      #expect(Set(first).isDisjoint(with: others))
    }
    let shares = try masks(.output(dropout: 0.4), seed: 3, step: 7).dropLast()
      .map { Double($0.count { $0 }) / Double($0.count) }
    // 105 elements, each zero with probability 0.4: six standard deviations.
    #expect(shares.allSatisfy { abs($0 - 0.4) < 6 * (0.4 * 0.6 / 105).squareRoot() })
    let none = try masks(.output(dropout: 0), seed: 3, step: 7).dropLast()
    #expect(none.allSatisfy { !$0.contains(true) })
  }

  @Test func `draws no mask of the head's own where it is told so, but those of layers`() throws {
    let dropout = DropoutSource(seed: 3, step: 7)
    func pass(_ options: PassOptions) throws -> [[Float]] {
      let pass = try model.forward(batch, options)
      return try (pass.layerLogits + [pass.logits]).map { try $0.hostFloats() }
    }
    let drawn = try pass(PassOptions(dropout: dropout, layers: .logits(.whole)))
    let kept = try pass(
      PassOptions(dropout: dropout, headDropout: false, layers: .logits(.whole)))
    let plain = try pass(PassOptions(layers: .logits(.whole)))
    #expect(kept.dropLast() == drawn.dropLast())
    #expect(kept.last == plain.last && kept.last != drawn.last)
  }
}
