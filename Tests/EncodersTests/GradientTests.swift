import Checkpoints
import Encoders
import Tensors
import Testing
import Training

@Suite struct `A backward pass against PyTorch` {
  @Test(arguments: PyTorchFixture.families, FixtureVariant.allCases)
  func `gives the losses and every gradient`(family: String, variant: FixtureVariant) throws {
    let fixture = try PyTorchFixture(family)
    for head in ClassifierKind.allCases {
      let name = "\(head.rawValue)/\(variant.rawValue)"
      let run = try FixtureRun(fixture, head, variant)
      try run.backpropagate(terms: [CrossEntropyTerm()])
      try fixture.expectAgreement(run.loss, "\(name)/loss")
      try run.backpropagate(terms: run.terms)
      try fixture.expectAgreement(run.loss, "\(name)/total")
      let hubNames = fixture.hubNames(head)
      for slot in run.model.parameters.layout.slots {
        let gradient = "\(name)/gradient/\(try #require(hubNames[slot.name]))"
        // A key bias moves all scores of a row alike, so its gradient is zero, summed from terms as large as those of
        // the key weight's gradient.
        let scale =
          try slot.name.hasSuffix("key.bias")
          ? fixture.expected(gradient.replacing("bias", with: "weight")).values
            .reduce(0) { max($0, Double(abs($1))) } : nil
        try fixture.expectAgreement(run.gradient[slot.name], gradient, largest: scale)
      }
    }
  }

  @Test(arguments: PyTorchFixture.families)
  func `leaves masked heads without any gradient`(family: String) throws {
    let fixture = try PyTorchFixture(family)
    for variant in FixtureVariant.allCases where variant.isMasked {
      let run = try FixtureRun(fixture, .native, variant)
      try run.backpropagate(terms: run.terms)
      let (hidden, size) = (run.model.configuration.hiddenSize, run.model.configuration.headSize)
      for (layer, heads) in try fixture.headMask().pruned.enumerated() {
        for head in heads {
          let owned = head * size..<(head + 1) * size
          for module in ["query", "key", "value"] {
            let name = "layers.\(layer).attention.\(module)"
            let weight = try run.gradient["\(name).weight"].rows(owned).hostFloats()
            let bias = try run.gradient["\(name).bias"].rows(owned).hostFloats()
            #expect((weight + bias).allSatisfy { $0 == 0 }, "\(name), head \(head)")
          }
          let output = try run.gradient["layers.\(layer).attention.output.weight"].hostFloats()
          #expect(
            output.indices.allSatisfy { !owned.contains($0 % hidden) || output[$0] == 0 },
            "output columns of layer \(layer), head \(head)")
        }
        // Living heads do have gradients, or the test above could not fail.
        let query = try run.gradient["layers.\(layer).attention.query.weight"].hostFloats()
        #expect(query.contains { $0 != 0 })
      }
    }
  }

  @Test func `adds to a gradient where it is asked to`() throws {
    let fixture = try PyTorchFixture("bert")
    let run = try FixtureRun(fixture, .native, .plain)
    try run.backpropagate(terms: run.terms)
    try run.backpropagate(terms: run.terms, adding: true)
    let hubNames = fixture.hubNames(.native)
    for slot in run.model.parameters.layout.slots where !slot.name.hasSuffix("key.bias") {
      let gradient = run.gradient[slot.name]
      // Half a float is exact.
      try gradient.write(gradient.hostFloats().map { $0 / 2 })
      try fixture.expectAgreement(
        gradient, "native/plain/gradient/\(try #require(hubNames[slot.name]))")
    }
  }
}
