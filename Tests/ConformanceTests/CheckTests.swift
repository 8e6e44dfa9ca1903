@testable import Conformance
import Tensors
import Testing

@Suite struct CheckTests {
  private let backend = CPUBackend.shared

  private func cube(_ fault: CubeOperation.Fault) -> Case {
    Case(CubeOperation(fault: fault), seed: 1)
  }

  @Test func `an operation that is right passes every mode`() throws {
    expectNothing(try cube(.none).check(on: backend))
    expectNothing(cube(.none).checkGradient())
    expectNothing(try cube(.none).checkDeterminism(on: backend))
  }

  @Test(
    arguments: [
      (CubeOperation.Fault.wrongValue, "y: 1 elements differ"),
      (.writesNaN, "y: 1 elements differ, 1 not finite"),
      (.leavesAnElement, "y: 1 elements differ, 1 not finite"),
      (.writesBefore, "y: 1 guard elements overwritten, first at -1 of 5"),
      (.writesBehind, "y: 1 guard elements overwritten, first at 5 of 5"),
      (.writesInput, "x: an input was overwritten"),
    ])
  func `a faulty operation fails its check`(fault: CubeOperation.Fault, text: String) throws {
    let finding = try cube(fault).check(on: backend)
    #expect(!finding.passed)
    #expect(finding.failures.count == 1)
    #expect(finding.failures.first?.hasPrefix(text) == true, "\(finding.failures)")
  }

  @Test func `a result that changes from run to run fails`() throws {
    let finding = try cube(.changesFromRunToRun).checkDeterminism(on: backend)
    #expect(finding.failures == ["y: a second run gives 1 other elements"])
  }

  @Test(arguments: [CubeOperation.Fault.wrongGradient, .gradientWithoutFactor])
  func `a wrong gradient fails against differences`(fault: CubeOperation.Fault) {
    #expect(!cube(fault).checkGradient(elements: 0).passed)
  }

  @Test func `an operation that is wrong is not timed`() {
    #expect(throws: IncorrectCase.self) {
      try Timing.run(on: backend, cases: [cube(.wrongValue)], budget: .zero)
    }
  }

  @Test func `an operation that is right is timed`() throws {
    let results = try Timing.run(on: backend, cases: [cube(.none)], budget: .zero)
    #expect(results.count == 1)
    #expect(results[0].runCount == 10)
    #expect(results[0].median > .zero && results[0].median <= results[0].percentile90)
  }

  @Test func `verification reports each case in each of its modes`() throws {
    var reported: [String] = []
    let results = try Verification.run(
      on: backend, cases: [cube(.none), cube(.wrongGradient)], filter: "cub",
      modes: [.check, .gradient]
    ) { reported.append("\($0.mode) \($0.passed)") }
    #expect(
      reported == ["check true", "gradient true", "check false", "gradient false"])
    #expect(results.count == 4)
    #expect(
      try Verification.run(on: backend, cases: [cube(.none)], filter: "square").isEmpty)
  }
}

@Suite struct FiniteDifferenceTests {
  @Test func `a smooth function's derivative lies within its bound`() {
    for x in [-3.0, 0, 0.1, 2, 5] {
      let difference = FiniteDifference(scale: 0, summandCount: 1) { Double.exp(x + $0) }
      #expect(abs(difference.derivative - Double.exp(x)) <= difference.bound)
      #expect(difference.bound <= 1e-9 * Double.exp(x))
    }
  }

  @Test func `a kink makes the bound large`() {
    let difference = FiniteDifference(scale: 0, summandCount: 1) { max(0, $0 + 0.001) }
    #expect(difference.bound > 0.01)
  }
}
