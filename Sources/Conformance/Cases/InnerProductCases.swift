public import Tensors

/// Inner product of two flat vectors.
public struct InnerProductOperation: Operation {
  /// `inner-product`.
  public static let name = "inner-product"
  let count: Int
  /// Deviation of the left factor; that of the right one is 1 / deviation.
  var deviation = 1.0
  /// The second half of the products takes all but a thousandth of the first half away.
  var cancels = false

  init(count: Int, deviation: Double = 1, cancels: Bool = false) {
    self.count = count
    self.deviation = deviation
    self.cancels = cancels
  }

  /// Extents and options.
  public var size: String {
    "\(count)" + (deviation == 1 ? "" : ", deviation \(deviation)") + (cancels ? ", cancels" : "")
  }

  /// One rounding of a sum in double precision, whose own errors the magnitude holds.
  public var outputs: [Output] { [Output("result", [1], .rounding(terms: 1))] }

  /// Normal numbers.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    var left = generator.normal(count, deviation: deviation)
    var right = generator.normal(count, deviation: 1 / deviation)
    if cancels {
      for index in 0..<count / 2 {
        left[count - 1 - index] = left[index]
        right[count - 1 - index] = -right[index] * 0.999
      }
    }
    inputs.add("left", [count], left)
    inputs.add("right", [count], right)
    return inputs
  }

  /// One call.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.innerProduct(workspace["left"], workspace["right"], into: workspace["result"])
  }

  /// The sum of products.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let products = zip(inputs["left"], inputs["right"]).map { $0 * $1 }
    let sum = products.reduce(0, +)
    let size = products.reduce(0) { $0 + abs($1) }
    // Sums of n doubles err by n · 2⁻⁵³ of the summands' size, which is so many times the roundoff
    // of fp32.
    let magnitude = abs(sum) + Scalar(Double(count) * 0x1p-53 / Tolerance.unitRoundoff) * size
    var outcome = Outcome<Scalar>()
    outcome.set("result", [sum], magnitudes: [magnitude])
    return outcome
  }

  /// A multiplication and an addition a pair.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(2 * count), Bytes(elements: 2 * count))
  }

  static let cases: [Case] = {
    typealias I = InnerProductOperation
    return Case.list([
      I(count: 1), I(count: 0), I(count: 17), I(count: 31), I(count: 65), I(count: 100_003),
      I(count: 1009, deviation: 1e25), I(count: 70_001, cancels: true),
    ]) + Case.list([I(count: 3_000_000)], realistic: true)
  }()
}
