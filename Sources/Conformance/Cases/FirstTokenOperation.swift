public import Tensors

/// Each text's first token over the layer's input, its sums, and the gradients with and without the norm term.
public struct FirstTokenOperation: Operation {
  /// `first-token-attention`.
  public static let name = "first-token-attention"
  let lengths: [Int]
  let headCount: Int
  /// Features of the layer.
  let features: Int
  var mask: [Float]?
  var dropout = Dropout.none
  var prefix = 0
  var afterDropout = false
  var norm = CLSNorm.none
  /// Deviation of the scores: large ones make the softmax sharp.
  var sharpness = 1.0
  /// The sums of the attention row are asked for.
  var isTraced = true
  /// Rows behind the last text's.
  var inert = 0

  private var tokens: Int { lengths.reduce(0, +) }
  private var rowCount: Int { tokens + inert }
  private var queryShape: [Int] { [lengths.count, headCount, features] }
  private var perText: [Int] { [lengths.count, headCount] }
  /// Another one than 1 / √features: the device must take it from its parameter.
  private var scale: Double { sharpness * 1.25 / Double(features).squareRoot() }

  init(
    _ lengths: [Int], heads: Int, features: Int, mask: [Float]? = nil, dropout: Dropout = .none,
    prefix: Int = 0, afterDropout: Bool = false, norm: CLSNorm = .none,
    sharpness: Double = 1, isTraced: Bool = true, inert: Int = 0
  ) {
    self.lengths = lengths
    self.headCount = heads
    self.features = features
    self.mask = mask
    self.dropout = dropout
    self.prefix = prefix
    self.afterDropout = afterDropout
    self.norm = norm
    self.sharpness = sharpness
    self.isTraced = isTraced
    self.inert = inert
  }

  /// Extents and options.
  public var size: String {
    let text = norm.size(
      lengths, heads: "\(headCount) heads over \(features)", mask: mask, dropout: dropout,
      prefix: prefix,
      afterDropout: afterDropout, sharpness: sharpness)
    return text + (inert > 0 ? ", \(inert) inert rows" : "") + (isTraced ? "" : ", no sums")
  }

  /// Both.
  public var passes: [Pass] { [.forward, .backward] }

  /// The attended input, its sums, and the gradients.
  public var outputs: [Output] {
    let longest = lengths.max() ?? 0
    let weights = Tolerance.relativeToNaive(terms: features + longest)
    let gradient = Tolerance.relativeToNaive(terms: features + 2 * longest + headCount)
    var list = [
      Output("probabilities", [tokens, headCount], weights),
      Output("attended", queryShape, weights),
      Output("weightSum", perText, weights),
    ]
    if isTraced {
      list += [Output("squareSum", perText, weights), Output("sum", perText, weights)]
    }
    list += norm.outputs(perText, weights)
    return list + [
      Output("dQuery", queryShape, after: .backward, gradient),
      Output("dInput", [rowCount, features], after: .backward, gradient),
    ]
  }

  /// Query and input.
  public var gradients: [GradientPair] {
    [GradientPair("query", "dQuery"), GradientPair("input", "dInput")]
  }

  /// Normal numbers.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    func add(_ name: String, _ shape: [Int]) {
      inputs.add(name, shape, generator.normal(shape.reduce(1, *)))
    }
    let offsets = lengths.reduce(into: [Int32(0)]) { $0.append(($0.last ?? 0) + Int32($1)) }
    inputs.add("offsets", [lengths.count + 1], offsets)
    add("query", queryShape)
    add("input", [rowCount, features])
    add("dAttended", queryShape)
    add("dWeightSum", perText)
    norm.addInputs(to: &inputs, [lengths.count, headCount], from: &generator)
    if let mask { inputs.add("mask", [headCount], mask) }
    return inputs
  }

  /// Forward with every sum; then the norm term, and backward.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    let inputs = FirstTokenInputs(
      sequences: PackedSequences(
        offsets: workspace["offsets"], tokenCount: tokens, rowCount: rowCount,
        longestSequence: lengths.max() ?? 0),
      query: workspace["query"], input: workspace["input"], scale: scale,
      headMask: workspace.optional("mask"), dropout: dropout)
    guard pass == .backward else {
      try backend.firstTokenAttention(
        inputs, into: HeadInputs(values: workspace["attended"], biasInput: workspace["weightSum"]),
        probabilities: workspace["probabilities"],
        cls: workspace.optional("squareSum").map {
          CLSAttention(
            squareSum: $0, sum: workspace.optional("sum"), prefix: prefix,
            afterDropout: afterDropout)
        })
      return
    }
    try norm.run(on: backend, in: workspace)
    try backend.firstTokenAttentionGradient(
      HeadInputs(values: workspace["dAttended"], biasInput: workspace["dWeightSum"]),
      inputs: inputs,
      probabilities: workspace["probabilities"],
      clsCoefficient: workspace.optional("coefficient"), clsAfterDropout: afterDropout,
      dQuery: workspace["dQuery"], dInput: workspace["dInput"])
  }

  /// As attention whose keys and values are the input.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  /// Σ dAttended · attended + Σ dWeightSum · weightSum, plus the norm term.
  public func objective(_ inputs: Values<Double>) -> Double {
    let problem = problem(inputs)
    let rows = problem.rows()
    let context = dot(problem.context(rows).elements, withLast(inputs, "dAttended", "dWeightSum"))
    let squareSum = problem.clsSums(rows, squared: true, afterDropout: afterDropout)
    return context
      + norm.loss(
        squareSum, given: inputs.optional("coefficient"), mask: problem.mask)
  }

  /// [heads, features] of each text with one feature more, which stands for the sum of the weights.
  private func withLast<Scalar: ReferenceScalar>(
    _ inputs: Values<Scalar>, _ values: String, _ last: String?
  ) -> [Scalar] {
    let count = lengths.count * headCount
    let column = last.map { inputs[$0] } ?? [Scalar](repeating: 0, count: count)
    return Matrix.sideBySide(
      [Matrix(count, features, inputs[values]), Matrix(count, 1, column)], margin: 0
    ).elements
  }

  /// Attention with heads of `features` + 1 features, whose key and value are the token's input and a 1. The query
  /// has a 0 there, so that the 1 is in no score.
  private func problem<Scalar: ReferenceScalar>(
    _ inputs: Values<Scalar>
  ) -> AttentionProblem<Scalar> {
    let width = features + 1
    let token = Matrix.sideBySide(
      [
        Matrix(tokens, features, Array(inputs["input"].prefix(tokens * features))),
        Matrix(tokens, 1, [Scalar](repeating: 1, count: tokens)),
      ], margin: 0)
    let heads = Matrix.sideBySide(Array(repeating: token, count: headCount), margin: 0)
    let query = withLast(inputs, "query", nil).map { $0 * queryFactor() }
    return AttentionProblem(
      lengths: lengths, headCount: headCount, headSize: width, firstTokenOnly: true,
      mask: inputs.optional("mask") ?? [Scalar](repeating: 1, count: headCount), dropout: dropout,
      query: Matrix(lengths.count, headCount * width, query), key: heads, value: heads)
  }

  /// Attention divides scores by the root of its head size.
  private func queryFactor<Scalar: ReferenceScalar>() -> Scalar {
    Scalar(scale * Double(features + 1).squareRoot())
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let problem = problem(inputs)
    let rows = problem.rows()
    let context = Matrix(
      lengths.count * headCount, features + 1, problem.context(rows).elements)
    let squareSum = problem.clsSums(
      rows, squared: true, prefix: prefix, afterDropout: afterDropout)
    var probabilities = Matrix<Scalar>(zeros: tokens, headCount)
    for row in rows {
      for (j, probability) in row.probabilities.enumerated() {
        probabilities[row.firstToken + j, row.head] = probability
      }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("probabilities", probabilities.elements)
    outcome.set("attended", context.columns(from: 0, count: features).elements)
    outcome.set("weightSum", context.columns(from: features, count: 1).elements)
    outcome.set("squareSum", squareSum)
    outcome.set(
      "sum", problem.clsSums(rows, squared: false, prefix: prefix, afterDropout: afterDropout))
    let coefficient = norm.coefficient(
      squareSum, inputs, mask: problem.mask, in: &outcome)
    let gradients = problem.gradients(
      rows, dContext: withLast(inputs, "dAttended", "dWeightSum"), coefficient: coefficient,
      afterDropout: afterDropout)
    outcome.set("dQuery", dQuery(gradients.values), magnitudes: dQuery(gradients.magnitudes))
    outcome.set("dInput", dInput(gradients.values), magnitudes: dInput(gradients.magnitudes))
    return outcome
  }

  private func dQuery<Scalar: ReferenceScalar>(
    _ gradients: AttentionGradients<Scalar>
  ) -> [Scalar] {
    Matrix(lengths.count * headCount, features + 1, gradients.dQuery)
      .columns(from: 0, count: features).elements.map { $0 * queryFactor() }
  }

  /// Every head's key and value are the same input.
  private func dInput<Scalar: ReferenceScalar>(
    _ gradients: AttentionGradients<Scalar>
  ) -> [Scalar] {
    let width = features + 1
    var sum = [Scalar](repeating: 0, count: rowCount * features)
    for token in 0..<tokens {
      for head in 0..<headCount {
        for feature in 0..<features {
          let place = (token * headCount + head) * width + feature
          sum[token * features + feature] += gradients.dKey[place] + gradients.dValue[place]
        }
      }
    }
    return sum
  }

  /// Two products of tokens by heads by features forward, four backward.
  public func cost(of pass: Pass) -> Cost {
    let product = 2 * tokens * headCount * features
    let matrices = tokens * features + lengths.count * headCount * features * 2
    return switch pass {
    case .forward: Cost(FLOPs(2 * product), Bytes(elements: matrices))
    case .backward: Cost(FLOPs(4 * product), Bytes(elements: 2 * matrices))
    }
  }
}
