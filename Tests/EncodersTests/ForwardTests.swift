import Checkpoints
import Conformance
import Encoders
import Tensors
import Testing

@Suite struct `Logits against PyTorch` {
  @Test(arguments: PyTorchFixture.families, ["plain", "masked"])
  func `both heads`(family: String, variant: String) throws {
    let fixture = try PyTorchFixture(family)
    for head in HeadKind.allCases {
      let model = try fixture.classifier(head, on: CPUBackend.shared)
      let mask = variant == "masked" ? try fixture.headMask().tensor(on: model.backend) : nil
      let pass = try model.forward(
        fixture.batch(on: model.backend), PassOptions(headMask: mask, trace: TraceOptions()))
      let name = "\(head.rawValue)/\(variant)/logits"
      let got = try pass.logits.hostFloats()
      let expected = try fixture.expected(name).values
      print(zip(got, expected).map { abs($0 - $1) }.max() ?? -1, try fixture.float32Deviation(name))
    }
  }
}
