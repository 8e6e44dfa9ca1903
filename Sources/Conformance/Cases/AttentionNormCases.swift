public import Tensors

/// The norm term alone.
public struct AttentionNormOperation: Operation {
  /// `attention-norm`.
  public static let name = "attention-norm"
  let texts: Int
  let heads: Int
  var mask: [Float]?
  let jointBatch: Bool
  /// Texts in the whole batch.
  var textCount: Int
  private let weight = 0.15

  init(texts: Int, heads: Int, mask: [Float]? = nil, jointBatch: Bool, textCount: Int? = nil) {
    self.texts = texts
    self.heads = heads
    self.mask = mask
    self.jointBatch = jointBatch
    self.textCount = textCount ?? texts
  }

  /// Extents and options.
  public var size: String {
    "\(texts)×\(heads)" + (jointBatch ? ", joint" : ", per text of \(textCount)")
      + (mask == nil ? "" : ", masked")
  }

  /// Loss and coefficient.
  public var outputs: [Output] {
    let terms = texts * heads + 4
    return [
      Output("loss", [1], .rounding(terms: terms), .startingAs("lossBefore")),
      Output("coefficient", [texts, heads], .rounding(terms: texts + 4)),
    ]
  }

  /// d loss / d s = coefficient / 2.
  public var gradients: [GradientPair] { [GradientPair("squareSum", "coefficient", factor: 0.5)] }

  /// Sums of squares in 0.1 ..< 1.1; those of masked heads are zero, as attention leaves them.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let sums = (0..<texts * heads).map { index in
      let sum = Float(0.1 + generator.uniform())
      return mask?[index % heads] == 0 ? 0 : sum
    }
    inputs.add("squareSum", [texts, heads], sums)
    if let mask { inputs.add("mask", [heads], mask) }
    inputs.add("lossBefore", [1], generator.normal(1))
    return inputs
  }

  /// One call.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    try backend.attentionNorm(
      squareSum: workspace["squareSum"], headMask: workspace.optional("mask"), weight: weight,
      textCount: textCount, jointBatch: jointBatch, coefficient: workspace["coefficient"],
      loss: workspace["loss"])
  }

  /// Equation 3.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }
  /// The loss.
  public func objective(_ inputs: Values<Double>) -> Double { term(inputs).loss }

  private func term<Scalar: ReferenceScalar>(
    _ inputs: Values<Scalar>
  ) -> AttentionNormReference<Scalar> {
    AttentionNormReference(
      squareSum: inputs["squareSum"],
      mask: inputs.optional("mask") ?? [Scalar](repeating: 1, count: heads),
      weight: Scalar(weight), textCount: textCount, jointBatch: jointBatch)
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let term = term(inputs)
    let before = inputs["lossBefore"][0]
    var outcome = Outcome<Scalar>()
    outcome.set("loss", [before + term.loss], magnitudes: [abs(before) + term.loss])
    outcome.set("coefficient", term.coefficient)
    return outcome
  }

  /// A root and a quotient an entry.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(4 * texts * heads), Bytes(elements: 2 * texts * heads))
  }

  static let cases: [Case] = {
    typealias N = AttentionNormOperation
    let alternating = (0..<12).map { Float($0 % 2) }
    let small = [
      N(texts: 1, heads: 1, jointBatch: false), N(texts: 1, heads: 1, jointBatch: true),
      N(texts: 7, heads: 12, mask: alternating, jointBatch: false, textCount: 16),
      N(texts: 7, heads: 12, mask: alternating, jointBatch: true),
      N(texts: 5, heads: 3, mask: [0, 0, 0], jointBatch: true),
      N(texts: 33, heads: 17, jointBatch: false), N(texts: 31, heads: 16, jointBatch: true),
    ]
    return Case.list(small)
  }()
}
