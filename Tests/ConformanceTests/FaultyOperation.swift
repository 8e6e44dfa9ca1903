@testable import Conformance
import Synchronization
import Tensors

/// y = x³ on the host, right or wrong in one chosen way: what a checker must see.
struct CubeOperation: Operation {
  enum Fault: Sendable, CaseIterable {
    case none
    case wrongValue
    case writesNaN
    case leavesAnElement
    case writesBefore
    case writesBehind
    case writesInput
    case changesFromRunToRun
    case wrongGradient
    case gradientWithoutFactor
  }

  static let name = "cube"
  private static let runs = Atomic<Int>(0)
  let fault: Fault
  var size: String { "5" }
  var outputs: [Output] {
    [Output("y", [5], .rounding(terms: 2)), Output("dx", [5], .rounding(terms: 3))]
  }
  var gradients: [GradientPair] { [GradientPair("x", "dx")] }

  func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    inputs.add("x", [5], generator.normal(5, mean: 2))
    return inputs
  }

  func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    let x = try workspace["x"].hostFloats()
    var y = x.map { $0 * $0 * $0 }
    let count = fault == .leavesAnElement ? 4 : 5
    if fault == .wrongValue { y[2] *= 1.00001 }
    if fault == .writesNaN { y[4] = .nan }
    if fault == .changesFromRunToRun {
      y[0] += Float(Self.runs.add(1, ordering: .relaxed).newValue)
    }
    try workspace["y"].slice(at: 0, shape: [count]).write(Array(y.prefix(count)))
    try workspace["dx"].write(x.map { 3 * $0 * $0 })
    switch fault {
    case .writesBefore: try element(-1, of: "y", workspace)
    case .writesBehind: try element(5, of: "y", workspace)
    case .writesInput: try element(0, of: "x", workspace)
    default: break
    }
  }

  private func element(
    _ index: Int, of name: String, _ workspace: Workspace
  ) throws(DeviceError) {
    let place = Workspace.misaligned + index
    try workspace.surrounding(name)?.slice(at: place, shape: [1]).write([Float(1.5)])
  }

  func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  func objective(_ inputs: Values<Double>) -> Double {
    inputs["x"].reduce(0) { $0 + $1 * $1 * $1 }
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    var outcome = Outcome<Scalar>()
    let x = inputs["x"]
    outcome.set("y", x.map { $0 * $0 * $0 })
    var dx = x.map { 3 * $0 * $0 }
    if fault == .wrongGradient { dx[3] += 0.001 }
    // As if the derivative of an inner factor had been forgotten everywhere.
    if fault == .gradientWithoutFactor { dx = dx.map { $0 * Scalar(2).squareRoot() } }
    outcome.set("dx", dx)
    return outcome
  }

  func cost(of pass: Pass) -> Cost { Cost(FLOPs(10), Bytes(elements: 10)) }
}
