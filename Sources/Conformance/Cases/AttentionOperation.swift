public import Tensors

/// Packed attention, its [CLS] sums, and its gradients with and without the norm term.
public struct AttentionOperation: Operation {
  /// `attention`.
  public static let name = "attention"
  let lengths: [Int]
  let headCount: Int
  let headSize: Int
  var mask: [Float]?
  var dropout = Dropout.none
  var prefix = 0
  var afterDropout = false
  var norm = CLSNorm.none
  /// Deviation of the scores: large ones make the softmax sharp.
  var sharpness = 1.0
  var isInference = false
  /// Rows behind the last text's.
  var inert = 0

  /// Rows of the matrices.
  var tokens: Int { lengths.reduce(0, +) + inert }
  var features: Int { headCount * headSize }
  /// Query, key and value lie side by side in one matrix, which is one column wider on each side than they need.
  private var width: Int { 3 * features + 2 }

  init(
    _ lengths: [Int], heads: Int, size: Int, mask: [Float]? = nil, dropout: Dropout = .none,
    prefix: Int = 0, afterDropout: Bool = false, norm: CLSNorm = .none,
    sharpness: Double = 1, isInference: Bool = false, inert: Int = 0
  ) {
    self.lengths = lengths
    self.headCount = heads
    self.headSize = size
    self.mask = mask
    self.dropout = dropout
    self.prefix = prefix
    self.afterDropout = afterDropout
    self.norm = norm
    self.sharpness = sharpness
    self.isInference = isInference
    self.inert = inert
  }

  /// Extents and options.
  public var size: String {
    let text = norm.size(
      lengths, heads: "\(headCount) heads of \(headSize)", mask: mask, dropout: dropout,
      prefix: prefix,
      afterDropout: afterDropout, sharpness: sharpness)
    return text + (inert > 0 ? ", \(inert) inert rows" : "") + (isInference ? ", inference" : "")
  }

  /// Both, but for inference.
  public var passes: [Pass] { isInference ? [.forward] : [.forward, .backward] }

  /// Context, sums, and the gradients in the layout of their sources.
  public var outputs: [Output] {
    let perText = [lengths.count, headCount]
    let longest = lengths.max() ?? 0
    let weights = Tolerance.relativeToNaive(terms: headSize + longest)
    var list = [
      // The device rounds weights before they are divided by their sum, the plain evaluation after.
      Output("context", [tokens, features], weights, roundedFactors: 1),
      Output("squareSum", perText, weights), Output("sum", perText, weights),
    ]
    guard !isInference else { return list }
    list.append(Output("logSumExp", [tokens, headCount], weights))
    list += norm.outputs(perText, weights)
    let gradient = Tolerance.relativeToNaive(terms: headSize + 2 * longest)
    list.append(
      Output(
        "dColumns", [tokens, width], after: .backward, gradient, .startingAs("dBefore"),
        roundedFactors: 2))
    return list
  }

  /// Query, key and value.
  public var gradients: [GradientPair] {
    guard !isInference else { return [] }
    return [GradientPair("columns", "dColumns")]
  }

  /// Normal numbers; the outermost columns belong to no head. What gradients hold before is zero there, which is the
  /// derivative by what attention does not read.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let deviation = sharpness.squareRoot()
    let offsets = lengths.reduce(into: [Int32(0)]) { $0.append(($0.last ?? 0) + Int32($1)) }
    inputs.add("offsets", [lengths.count + 1], offsets)
    inputs.add("columns", [tokens, width], generator.normal(tokens * width, deviation: deviation))
    if let mask { inputs.add("mask", [headCount], mask) }
    guard !isInference else { return inputs }
    inputs.add("dContext", [tokens, features], generator.normal(tokens * features))
    inputs.add("dBefore", [tokens, width], edges(tokens, width))
    norm.addInputs(to: &inputs, [lengths.count, headCount], from: &generator)
    return inputs
  }

  /// NaN where attention must write, zero in the outermost columns.
  private func edges(_ rows: Int, _ width: Int) -> [Float] {
    (0..<rows * width).map { $0 % width == 0 || $0 % width == width - 1 ? 0 : .nan }
  }

  /// Query, key or value.
  private func block(_ index: Int, of columns: Tensor) -> Columns {
    Columns(columns, offset: 1 + index * features, size: features)
  }

  private func deviceInputs(_ workspace: Workspace) -> AttentionInputs {
    let columns = workspace["columns"]
    return AttentionInputs(
      sequences: PackedSequences(
        offsets: workspace["offsets"], tokenCount: tokens - inert, rowCount: tokens,
        longestSequence: lengths.max() ?? 0),
      query: block(0, of: columns), key: block(1, of: columns), value: block(2, of: columns),
      headCount: headCount, headMask: workspace.optional("mask"), dropout: dropout)
  }

  /// Forward with every sum; then the norm term, and backward.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    let inputs = deviceInputs(workspace)
    guard pass == .backward else {
      try backend.attention(
        inputs, into: workspace["context"], logSumExp: workspace.optional("logSumExp"),
        cls: CLSAttention(
          squareSum: workspace["squareSum"], sum: workspace["sum"], prefix: prefix,
          afterDropout: afterDropout))
      return
    }
    try norm.run(on: backend, in: workspace)
    let dColumns = workspace["dColumns"]
    try backend.attentionGradient(
      workspace["dContext"], inputs: inputs, context: workspace["context"],
      logSumExp: workspace["logSumExp"], clsCoefficient: workspace.optional("coefficient"),
      clsAfterDropout: afterDropout, dQuery: block(0, of: dColumns),
      dKey: block(1, of: dColumns), dValue: block(2, of: dColumns))
  }

  /// Row by row, with every weight written out.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  /// Σ dContext · context, plus the norm term: its loss, or half of Σ coefficient · Σ a² where those are given.
  public func objective(_ inputs: Values<Double>) -> Double {
    let problem = problem(inputs)
    let rows = problem.rows()
    let context = dot(problem.context(rows).elements, inputs["dContext"])
    let squareSum = problem.clsSums(rows, squared: true, afterDropout: afterDropout)
    return context
      + norm.loss(
        squareSum, given: inputs.optional("coefficient"), mask: problem.mask)
  }

  private func problem<Scalar: ReferenceScalar>(
    _ inputs: Values<Scalar>
  ) -> AttentionProblem<Scalar> {
    let columns = Matrix(tokens, width, inputs.precision.rounded(inputs["columns"]))
    return AttentionProblem(
      lengths: lengths, headCount: headCount, headSize: headSize, firstTokenOnly: false,
      mask: inputs.optional("mask") ?? [Scalar](repeating: 1, count: headCount), dropout: dropout,
      query: columns.columns(from: 1, count: features),
      key: columns.columns(from: 1 + features, count: features),
      value: columns.columns(from: 1 + 2 * features, count: features),
      precision: inputs.precision)
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let problem = problem(inputs)
    let rows = problem.rows()
    let squareSum = problem.clsSums(
      rows, squared: true, prefix: prefix, afterDropout: afterDropout)
    var outcome = Outcome<Scalar>()
    outcome.set("context", problem.context(rows).elements)
    outcome.set("squareSum", squareSum)
    outcome.set(
      "sum", problem.clsSums(rows, squared: false, prefix: prefix, afterDropout: afterDropout))
    guard !isInference else { return outcome }
    var logSumExp = [Scalar](repeating: 0, count: tokens * headCount)
    for row in rows { logSumExp[row.row * headCount + row.head] = row.logSumExp }
    outcome.set("logSumExp", logSumExp)
    let coefficient = norm.coefficient(
      squareSum, inputs, mask: problem.mask, in: &outcome)
    setGradients(of: problem, rows, inputs, coefficient: coefficient, in: &outcome)
    return outcome
  }

  private func setGradients<Scalar: ReferenceScalar>(
    of problem: AttentionProblem<Scalar>, _ rows: [AttentionRow<Scalar>],
    _ inputs: Values<Scalar>, coefficient: [Scalar]?, in outcome: inout Outcome<Scalar>
  ) {
    func columns(_ gradients: AttentionGradients<Scalar>) -> [Scalar] {
      let blocks = [gradients.dQuery, gradients.dKey, gradients.dValue]
      return Matrix.sideBySide(blocks.map { Matrix(tokens, features, $0) }, margin: 1).elements
    }
    let (gradients, sizes) = problem.gradients(
      rows, dContext: inputs.precision.rounded(inputs["dContext"]), coefficient: coefficient,
      afterDropout: afterDropout)
    outcome.set("dColumns", columns(gradients), magnitudes: columns(sizes))
  }

  /// Two products of score size forward, five backward (the scores are computed again).
  public func cost(of pass: Pass) -> Cost {
    let weights = lengths.reduce(0) { $0 + $1 * $1 }
    let product = 2 * weights * features
    let matrices = tokens * 4 * features
    return switch pass {
    case .forward: Cost(FLOPs(2 * product), Bytes(elements: matrices))
    case .backward:
      Cost(FLOPs(5 * product), Bytes(elements: 2 * matrices))
    }
  }
}
