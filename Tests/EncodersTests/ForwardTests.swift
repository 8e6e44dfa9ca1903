import Checkpoints
import Encoders
import Tensors
import Testing

@Suite struct `A forward pass against PyTorch` {
  @Test(arguments: PyTorchFixture.families, ["plain", "masked"])
  func `gives the logits of both heads`(family: String, variant: String) throws {
    let fixture = try PyTorchFixture(family)
    for head in ClassifierKind.allCases {
      let model = try fixture.classifier(head, on: CPUBackend.shared)
      let mask = try mask(fixture, variant)
      let batch = try fixture.batch(on: model.backend)
      let name = "\(head.rawValue)/\(variant)"
      let pass = try model.forward(batch, PassOptions(headMask: mask))
      try fixture.expectAgreement(pass.logits, "\(name)/logits")
      // What training computes is what inference computes.
      let saving = try model.forward(batch, PassOptions(headMask: mask, savesActivations: true))
      #expect(try saving.logits.hostFloats() == pass.logits.hostFloats())
    }
  }

  @Test(arguments: PyTorchFixture.families, ["plain", "masked"])
  func `gives every hidden state`(family: String, variant: String) throws {
    let fixture = try PyTorchFixture(family)
    let model = try fixture.classifier(.native, on: CPUBackend.shared)
    let mask = try mask(fixture, variant)
    let batch = try fixture.batch(on: model.backend)
    var hidden = try model.encoder.embeddings(batch)
    let layers = model.configuration.layerCount
    for layer in 0..<layers {
      try fixture.expectAgreement(hidden, "native/\(variant)/hidden/\(layer)")
      hidden = try model.encoder.layer(layer, hidden, batch.sequences, headMask: mask)
    }
    // The last layer computes the [CLS] rows alone: their places among all tokens are the offsets.
    let tokens = batch.sequences.tokenCount
    let rows = try batch.sequences.offsets.hostIntegers().dropLast().map(Int.init)
    let size = model.configuration.hiddenSize
    #expect(hidden.shape == [rows.count, size])
    var all = try fixture.expected("native/\(variant)/hidden/\(layers)").values
    #expect(all.count == tokens * size)
    for (text, row) in rows.enumerated() {
      all.replaceSubrange(
        row * size..<(row + 1) * size,
        with: try hidden.rows(text..<text + 1).hostFloats())
    }
    try fixture.expectAgreement(
      Tensor(all, shape: [tokens, size], on: model.backend),
      "native/\(variant)/hidden/\(layers)")
    // A layer-wise pass ends where the whole one does.
    #expect(
      try hidden.hostFloats()
        == model.forward(batch, PassOptions(headMask: mask)).encoder.cls.hostFloats())
  }

  @Test(arguments: PyTorchFixture.families, ["plain", "masked"])
  func `gives the sums of squares of the CLS attention rows`(
    family: String, variant: String
  ) throws {
    let fixture = try PyTorchFixture(family)
    for head in ClassifierKind.allCases {
      let model = try fixture.classifier(head, on: CPUBackend.shared)
      let batch = try fixture.batch(on: model.backend)
      let pass = try model.forward(
        batch, PassOptions(headMask: mask(fixture, variant), trace: TraceOptions()))
      let all = try pass.encoder.traces.flatMap { try $0.squareSum.hostFloats() }
      let (layers, heads) = (model.configuration.layerCount, model.configuration.headCount)
      try fixture.expectAgreement(
        Tensor(all, shape: [layers, batch.sequences.sequenceCount, heads], on: model.backend),
        "\(head.rawValue)/\(variant)/clsSquareSums")
    }
  }

  private func mask(_ fixture: PyTorchFixture, _ variant: String) throws -> Tensor? {
    variant == "plain" ? nil : try fixture.headMask().tensor(on: CPUBackend.shared)
  }
}
