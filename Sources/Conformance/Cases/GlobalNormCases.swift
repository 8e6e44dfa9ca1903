public import Tensors

/// Norm of all gradients and the clipping factor.
public struct GlobalNormOperation: Operation {
  /// What is among the values.
  enum Content: String, Sendable {
    case ordinary
    /// Squares leave the range of fp32, the norm does not.
    case large
    case zero
    case containsNaN
    case containsInfinity
  }

  /// `global-norm`.
  public static let name = "global-norm"
  let count: Int
  /// Of a table with three times as many.
  var rows = 0
  var columns = 0
  var maximum = 1.0
  var content = Content.ordinary
  private var isFinite: Bool { content != .containsNaN && content != .containsInfinity }

  /// Extents and options.
  public var size: String {
    "\(count)\(rows > 0 ? " and \(rows) rows of \(columns)" : ""), maximum \(maximum), \(content)"
  }

  /// Norm and scale.
  public var outputs: [Output] {
    [Output("result", [2], isFinite ? .rounding(terms: count + rows * columns) : .exact)]
  }

  /// Normal numbers, with what the case asks for in the middle.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let deviation =
      switch content {
      case .large: 1e25
      case .zero: 0.0
      default: 1.0
      }
    var values = generator.normal(count, deviation: deviation)
    if content == .containsNaN { values[count / 2] = .nan }
    if content == .containsInfinity { values[count / 2] = -.infinity }
    inputs.add("values", [count], values)
    inputs.add("table", [3 * rows, columns], generator.normal(3 * rows * columns))
    inputs.add("rows", [rows], (0..<rows).map { Int32(3 * $0 + $0 % 3) }.reversed())
    return inputs
  }

  /// One call.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.globalNorm(
      of: workspace["values"],
      and: rows == 0 ? nil : TableRows(workspace["table"], at: workspace["rows"]),
      clippingAt: maximum, into: workspace["result"])
  }

  /// Root of the sum of squares.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let table = inputs["table"]
    let values = inputs.integers("rows").reduce(into: inputs["values"]) { values, row in
      values += table[row * columns..<(row + 1) * columns]
    }
    let norm = dot(values, values).squareRoot()
    let scale =
      norm.isFinite ? min(1, maximum.isFinite ? Scalar(maximum) / (norm + Scalar(1e-6)) : 1) : .nan
    var outcome = Outcome<Scalar>()
    outcome.set("result", [norm, scale], magnitudes: [norm, scale])
    return outcome
  }

  /// A multiplication and an addition a value.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(2 * (count + rows * columns)), Bytes(elements: count + rows * columns))
  }

  static let cases: [Case] = {
    typealias G = GlobalNormOperation
    let small = [
      G(count: 1), G(count: 0), G(count: 17, maximum: 100), G(count: 31, maximum: .infinity),
      G(count: 65), G(count: 100_003), G(count: 1009, content: .zero),
      G(count: 1009, content: .large), G(count: 1009, content: .containsNaN),
      G(count: 1009, content: .containsInfinity),
      G(count: 33, maximum: .infinity, content: .containsNaN),
      G(count: 0, rows: 1, columns: 1), G(count: 129, rows: 67, columns: 19),
      G(count: 40_000, rows: 130, columns: 65, maximum: 1000),
    ]
    let realistic = G(count: 3_000_000, rows: 500, columns: 384)
    return Case.list(small) + Case.list([realistic], realistic: true)
  }()
}
