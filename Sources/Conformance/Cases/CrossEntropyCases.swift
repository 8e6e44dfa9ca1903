public import Tensors

/// Softmax cross-entropy and its gradient.
public struct CrossEntropyOperation: Operation {
  /// `cross-entropy`.
  public static let name = "cross-entropy"
  let rows: Int
  let classes: Int
  /// Deviation of the logits.
  var spread = 1.0
  var isEvaluation = false
  private var weight: Double { 1 / Double(max(1, rows)) }

  init(rows: Int, classes: Int, spread: Double = 1, isEvaluation: Bool = false) {
    self.rows = rows
    self.classes = classes
    self.spread = spread
    self.isEvaluation = isEvaluation
  }

  /// Extents and options.
  public var size: String {
    "\(rows)×\(classes)" + (spread == 1 ? "" : ", logits × \(spread)")
      + (isEvaluation ? ", loss alone" : "")
  }

  /// The loss, which is added to, and the gradient.
  public var outputs: [Output] {
    let loss = Output(
      "loss", [1], .rounding(terms: rows + classes + 2), .startingAs("lossBefore"))
    let gradient = Output("dLogits", [rows, classes], .relativeToNaive(terms: classes))
    return isEvaluation ? [loss] : [loss, gradient]
  }

  /// The logits, unless they are so large that a step of finite differences is lost in their rounding.
  public var gradients: [GradientPair] {
    isEvaluation || spread > 1e6 ? [] : [GradientPair("logits", "dLogits")]
  }

  /// Normal logits, any label.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    inputs.add(
      "logits", [rows, classes], generator.normal(rows * classes, deviation: spread))
    inputs.add(
      "labels", [rows], (0..<rows).map { _ in Int32(generator.integer(below: classes)) })
    inputs.add("lossBefore", [1], generator.normal(1))
    return inputs
  }

  /// One call.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.crossEntropy(
      logits: workspace["logits"], labels: workspace["labels"], weight: weight,
      loss: workspace["loss"], dLogits: workspace.optional("dLogits"))
  }

  /// −log softmax, row by row.
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
    let (logits, labels) = (inputs["logits"], inputs.integers("labels"))
    let weight = Scalar(self.weight)
    var loss = inputs["lossBefore"][0]
    var magnitude = abs(loss)
    var dLogits: [Scalar] = []
    for row in 0..<rows {
      let scores = logits[row * classes..<(row + 1) * classes]
      let largest = scores.max() ?? 0
      let total = scores.reduce(0) { $0 + Scalar.exp($1 - largest) }
      let label = logits[row * classes + labels[row]]
      loss += weight * (Scalar.log(total) + largest - label)
      magnitude += weight * (Scalar.log(total) + abs(largest) + abs(label))
      for (column, score) in scores.enumerated() {
        dLogits.append(
          weight * (Scalar.exp(score - largest) / total - (column == labels[row] ? 1 : 0)))
      }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("loss", [loss], magnitudes: [magnitude])
    if !isEvaluation { outcome.set("dLogits", dLogits) }
    return outcome
  }

  /// About ten operations an element.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(10 * rows * classes), Bytes(elements: 2 * rows * classes + rows))
  }

  static let cases: [Case] = {
    typealias C = CrossEntropyOperation
    return Case.list([
      C(rows: 1, classes: 1), C(rows: 1, classes: 2), C(rows: 0, classes: 2),
      C(rows: 31, classes: 2), C(rows: 33, classes: 3), C(rows: 17, classes: 65),
      C(rows: 32, classes: 2, spread: 1e4), C(rows: 13, classes: 5, spread: 1e30),
      C(rows: 65, classes: 2, isEvaluation: true), C(rows: 1000, classes: 2),
    ])
  }()
}
