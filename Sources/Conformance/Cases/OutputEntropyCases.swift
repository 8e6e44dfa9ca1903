public import Tensors

/// Negative entropy of a softmax and its gradient.
public struct OutputEntropyOperation: Operation {
  /// `output-entropy`.
  public static let name = "output-entropy"
  let rows: Int
  let classes: Int
  /// Deviation of the logits.
  var spread = 1.0
  private var weight: Double { 1 / Double(max(1, rows)) }

  init(rows: Int, classes: Int, spread: Double = 1) {
    self.rows = rows
    self.classes = classes
    self.spread = spread
  }

  /// Extents and options.
  public var size: String { "\(rows)×\(classes)" + (spread == 1 ? "" : ", logits × \(spread)") }

  /// The loss, which is added to, and the gradient.
  public var outputs: [Output] {
    [
      Output("loss", [1], .relativeToNaive(terms: rows + classes + 2), .startingAs("lossBefore")),
      Output("dLogits", [rows, classes], .relativeToNaive(terms: 2 * classes)),
    ]
  }

  /// The logits, unless they are so large that a step of finite differences is lost in their
  /// rounding.
  public var gradients: [GradientPair] {
    spread > 1e6 ? [] : [GradientPair("logits", "dLogits")]
  }

  /// Normal logits.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    inputs.add("logits", [rows, classes], generator.normal(rows * classes, deviation: spread))
    inputs.add("lossBefore", [1], generator.normal(1))
    return inputs
  }

  /// One call.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.outputEntropy(
      logits: workspace["logits"], weight: weight, loss: workspace["loss"],
      dLogits: workspace["dLogits"])
  }

  /// Σ p log p, row by row.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }
  /// The loss.
  public func objective(_ inputs: Values<Double>) -> Double {
    evaluate(inputs).values["loss"]?.first ?? .nan
  }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let logits = inputs["logits"]
    let weight = Scalar(self.weight)
    var loss = inputs["lossBefore"][0]
    var magnitude = abs(loss)
    var dLogits: [Scalar] = []
    for row in 0..<rows {
      let scores = logits[row * classes..<(row + 1) * classes]
      let largest = scores.max() ?? 0
      let logTotal = Scalar.log(scores.reduce(0) { $0 + Scalar.exp($1 - largest) })
      let logarithms = scores.map { $0 - largest - logTotal }
      let sum = logarithms.reduce(0) { $0 + Scalar.exp($1) * $1 }
      loss += weight * sum
      magnitude += weight * (abs(sum) + logTotal)
      dLogits += logarithms.map { weight * Scalar.exp($0) * ($0 - sum) }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("loss", [loss], magnitudes: [magnitude])
    outcome.set("dLogits", dLogits)
    return outcome
  }

  /// About fifteen operations an element.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(15 * rows * classes), Bytes(elements: 2 * rows * classes))
  }

  static let cases: [Case] = {
    typealias E = OutputEntropyOperation
    return Case.list([
      E(rows: 1, classes: 1), E(rows: 1, classes: 2), E(rows: 0, classes: 2),
      E(rows: 31, classes: 2), E(rows: 33, classes: 3), E(rows: 17, classes: 65),
      E(rows: 32, classes: 2, spread: 1e4), E(rows: 13, classes: 5, spread: 1e30),
      E(rows: 1000, classes: 2),
    ])
  }()
}
