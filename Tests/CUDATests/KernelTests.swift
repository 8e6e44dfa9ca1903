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
}
