import Conformance
import Tensors
import Testing

@Suite struct KernelTests {
  private static let cases = Case.all.filter { !$0.isRealistic && !$0.operation.needsProcess }

  @Test(arguments: cases)
  func `a kernel agrees with its Double reference and touches nothing else`(example: Case) throws {
    let finding = try example.check(on: try Emulator.backend.get())
    #expect(
      finding.passed, "\(finding.failures.joined(separator: "\n")) \(Emulator.fault)")
  }

  @Test(arguments: cases)
  func `a kernel gives the same bits twice, in whatever order threads run`(example: Case) throws {
    let finding = try example.checkDeterminism(on: try Emulator.backend.get())
    #expect(finding.passed, "\(finding.failures.joined(separator: "\n"))")
  }

  @Test func `AdamW moves parameters by the same bits as on the CPU`() throws {
    func moved(on backend: any Backend) throws -> [[UInt32]] {
      var random = Philox(seed: 8, stream: 1)
      func tensor(_ scale: Double) throws -> Tensor {
        try Tensor((0..<777).map { _ in Float(scale * random.uniform()) }, on: backend)
      }
      let (parameter, gradient) = (try tensor(0.1), try tensor(1e-3))
      let (first, second) = (try tensor(1e-4), try tensor(1e-7))
      for step in 41..<44 {
        try backend.adamW(
          AdamWParameters(), learningRate: 3e-5, step: step,
          gradientScale: try Tensor([Float(0.37)], on: backend), gradient: gradient,
          parameter: parameter, firstMoment: first, secondMoment: second)
      }
      return try [parameter, first, second].map { try $0.hostFloats().map(\.bitPattern) }
    }
    #expect(try moved(on: try Emulator.backend.get()) == moved(on: CPUBackend.shared))
  }
}
