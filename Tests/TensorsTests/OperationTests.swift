import Conformance
import Tensors
import Testing

/// Backends that this machine has.
private let backends: [any Backend] = [CPUBackend.shared]

@Suite struct OperationTests {
  private static let cases = Case.all.filter { !$0.isRealistic && !$0.operation.needsProcess }

  @Test(arguments: backends, cases)
  func `an operation agrees with its Double reference and touches nothing else`(
    backend: any Backend, example: Case
  ) throws {
    let finding = try example.check(on: backend)
    #expect(finding.passed, "\(finding.failures.joined(separator: "\n"))")
  }

  /// Products are all that a precision of the CPU is about.
  private static let rounding = cases.filter { $0.operationName == "linear" }

  @Test(arguments: Host.precisions, rounding)
  func `a product errs by the rounding of its factors and no more, and gives the same bits twice`(
    precision: Precision, example: Case
  ) throws {
    let backend = try CPUBackend(precision: precision)
    for finding in [try example.check(on: backend), try example.checkDeterminism(on: backend)] {
      #expect(finding.passed, "\(finding.failures.joined(separator: "\n"))")
    }
  }

  @Test(arguments: backends, cases)
  func `an operation gives the same bits twice`(backend: any Backend, example: Case) throws {
    let finding = try example.checkDeterminism(on: backend)
    #expect(finding.passed, "\(finding.failures.joined(separator: "\n"))")
  }
}

/// Tests that set or count something of the whole process run in a process of their own.
@Suite struct ProcessTests {
  @Test func `either product is right, and thread counts change no bit`() async {
    await #expect(processExitsWith: .success) {
      let cases = Case.all.filter { !$0.isRealistic }
      for example in cases where example.operation.needsProcess {
        let finding = try example.check(on: CPUBackend.shared)
        #expect(finding.passed, "\(example): \(finding.failures.joined(separator: "\n"))")
      }
      for precision in Host.precisions {
        let backend = try CPUBackend(precision: precision)
        for example in cases where precision == .fp32 || example.operationName == "linear" {
          let finding = try example.checkThreadIndependence(on: backend)
          #expect(finding.passed, "\(example): \(finding.failures.joined(separator: "\n"))")
        }
      }
    }
  }

  @Test func `no storage outlives the operations that used it`() async {
    await #expect(processExitsWith: .success) {
      let before = Storage.liveCount
      for example in Case.all where !example.isRealistic {
        _ = try example.checkDeterminism(on: CPUBackend.shared)
      }
      #expect(Storage.liveCount == before)
      let tensor = try Tensor([Float](repeating: 0, count: 3), on: CPUBackend.shared)
      #expect(Storage.liveCount == before + 1)
      withExtendedLifetime(tensor) {}
    }
  }

  @Test func `the choice of product and of threads is reported back`() async {
    await #expect(processExitsWith: .success) {
      Host.threadCount = 3
      #expect(Host.threadCount == 3)
      Host.multiply(by: .builtIn)
      #expect(Host.matrixLibrary.isBuiltIn)
      #expect(Host.matrixLibrary.path.isEmpty)
    }
  }
}
