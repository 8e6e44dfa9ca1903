public import Tensors

/// A linear layer's heads over inputs of their own, and the gradients.
public struct HeadLinearOperation: Operation {
  /// `head-linear`.
  public static let name = "head-linear"
  let rows: Int
  let headCount: Int
  let headSize: Int
  let inputSize: Int
  var hasBiasInput = true
  var adds = false

  init(
    _ rows: Int, heads: Int, of headSize: Int, inputs: Int, hasBiasInput: Bool = true,
    adds: Bool = false
  ) {
    self.rows = rows
    self.headCount = heads
    self.headSize = headSize
    self.inputSize = inputs
    self.hasBiasInput = hasBiasInput
    self.adds = adds
  }

  private var features: Int { headCount * headSize }
  private var inputShape: [Int] { [rows, headCount, inputSize] }

  /// Extents and options.
  public var size: String {
    "\(rows) rows, \(headCount) heads \(inputSize)→\(headSize)" + (hasBiasInput ? "" : ", no bias")
      + (adds ? ", adds to dWeight" : "")
  }

  /// Both.
  public var passes: [Pass] { [.forward, .backward] }

  /// Heads, and the gradients by the other two.
  public var outputs: [Output] {
    var list = [
      Output("heads", [rows, features], .rounding(terms: inputSize + 1)),
      Output("dInputs", inputShape, after: .backward, .rounding(terms: headSize)),
      Output(
        "dWeight", [features, inputSize], after: .backward, .rounding(terms: rows + 1),
        adds ? .startingAs("dWeightBefore") : .undefined),
      Output(
        "dBias", [features], after: .backward, .rounding(terms: rows + 1),
        adds ? .startingAs("dBiasBefore") : .undefined),
    ]
    if hasBiasInput {
      list.append(
        Output("dBiasInput", [rows, headCount], after: .backward, .rounding(terms: headSize)))
    }
    return list
  }

  /// Inputs and, where they are not added to, weights.
  public var gradients: [GradientPair] {
    var pairs = [GradientPair("inputs", "dInputs")]
    if hasBiasInput { pairs.append(GradientPair("biasInput", "dBiasInput")) }
    if !adds { pairs += [GradientPair("weight", "dWeight"), GradientPair("bias", "dBias")] }
    return pairs
  }

  /// Weights scaled so that the result has deviation about one.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    func add(_ name: String, _ shape: [Int], deviation: Double = 1) {
      inputs.add(name, shape, generator.normal(shape.reduce(1, *), deviation: deviation))
    }
    add("inputs", inputShape)
    add("weight", [features, inputSize], deviation: 1 / Double(inputSize).squareRoot())
    add("dHeads", [rows, features])
    add("bias", [features])
    if hasBiasInput { add("biasInput", [rows, headCount]) }
    if adds {
      add("dWeightBefore", [features, inputSize])
      add("dBiasBefore", [features])
    }
    return inputs
  }

  /// Forward, or both gradients.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    let weights = HeadWeights(
      weight: workspace["weight"], bias: workspace["bias"], headCount: headCount)
    guard pass == .backward else {
      try backend.headLinear(
        HeadInputs(values: workspace["inputs"], biasInput: workspace.optional("biasInput")),
        weights,
        into: workspace["heads"])
      return
    }
    try backend.headLinearInput(
      workspace["dHeads"], weights,
      into: HeadInputs(values: workspace["dInputs"], biasInput: workspace.optional("dBiasInput")))
    try backend.headLinearWeight(
      workspace["dHeads"],
      HeadInputs(values: workspace["inputs"], biasInput: workspace.optional("biasInput")),
      into: HeadWeights(
        weight: workspace["dWeight"], bias: workspace["dBias"], headCount: headCount),
      adding: adds)
  }

  /// Element by element.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  /// Σ dHeads · heads.
  public func objective(_ inputs: Values<Double>) -> Double {
    dot(evaluate(inputs).values["heads"] ?? [], inputs["dHeads"])
  }

  /// The bias is one more column of the weight, and `biasInput` one more of the inputs.
  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    func joined(_ matrix: String, _ column: String, rows: Int) -> Matrix<Scalar> {
      let columns = inputs.optional(column) ?? [Scalar](repeating: 0, count: rows)
      let parts = [Matrix(rows, inputSize, inputs[matrix]), Matrix(rows, 1, columns)]
      return Matrix.sideBySide(parts, margin: 0)
    }
    let values = joined("inputs", "biasInput", rows: rows * headCount)
    let weight = joined("weight", "bias", rows: features)
    let dHeads = Matrix(rows, features, inputs["dHeads"])
    var heads = Sums<Scalar>(rows, features)
    var dValues = Sums<Scalar>(rows * headCount, inputSize + 1)
    var dWeight = Sums<Scalar>(features, inputSize + 1)
    if adds {
      dWeight = Sums(startingAs: joined("dWeightBefore", "dBiasBefore", rows: features))
    }
    for row in 0..<rows {
      for feature in 0..<features {
        let head = row * headCount + feature / headSize
        for column in 0...inputSize {
          heads.add(values[head, column] * weight[feature, column], row, feature)
          dValues.add(dHeads[row, feature] * weight[feature, column], head, column)
          dWeight.add(dHeads[row, feature] * values[head, column], feature, column)
        }
      }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("heads", heads.sums.elements, magnitudes: heads.magnitudes.elements)
    func set(_ matrix: String, _ column: String, _ result: Sums<Scalar>) {
      func part(_ all: Matrix<Scalar>, _ first: Int, _ count: Int) -> [Scalar] {
        all.columns(from: first, count: count).elements
      }
      outcome.set(
        matrix, part(result.sums, 0, inputSize),
        magnitudes: part(result.magnitudes, 0, inputSize))
      guard hasBiasInput || column != "dBiasInput" else { return }
      outcome.set(
        column, part(result.sums, inputSize, 1), magnitudes: part(result.magnitudes, inputSize, 1))
    }
    set("dInputs", "dBiasInput", dValues)
    set("dWeight", "dBias", dWeight)
    return outcome
  }

  /// One product forward, two backward.
  public func cost(of pass: Pass) -> Cost {
    let product = 2 * rows * features * inputSize
    let matrices = rows * headCount * inputSize + features * inputSize + rows * features
    return switch pass {
    case .forward: Cost(FLOPs(product), Bytes(elements: matrices))
    case .backward: Cost(FLOPs(2 * product), Bytes(elements: 2 * matrices))
    }
  }

  static let cases: [Case] = {
    typealias H = HeadLinearOperation
    let small = [
      H(1, heads: 1, of: 1, inputs: 1), H(1, heads: 1, of: 1, inputs: 1, hasBiasInput: false),
      H(3, heads: 2, of: 5, inputs: 7, adds: true),
      H(3, heads: 2, of: 5, inputs: 7, hasBiasInput: false, adds: true),
      H(17, heads: 3, of: 15, inputs: 33), H(16, heads: 2, of: 16, inputs: 32),
      H(33, heads: 2, of: 31, inputs: 65, hasBiasInput: false),
      H(40, heads: 3, of: 34, inputs: 50, adds: true),
    ]
    let realistic = [
      H(32, heads: 12, of: 32, inputs: 384), H(32, heads: 12, of: 64, inputs: 768),
    ]
    return Case.list(small) + Case.list(realistic, realistic: true)
  }()
}

/// Sums by element, and the sums of the absolute summands.
private struct Sums<Scalar: ReferenceScalar> {
  private(set) var sums: Matrix<Scalar>
  private(set) var magnitudes: Matrix<Scalar>

  init(_ rows: Int, _ columns: Int) {
    self.init(startingAs: Matrix(zeros: rows, columns))
  }

  init(startingAs matrix: Matrix<Scalar>) {
    sums = matrix
    magnitudes = Matrix(matrix.rowCount, matrix.columnCount, matrix.elements.map(\.magnitude))
  }

  mutating func add(_ summand: Scalar, _ row: Int, _ column: Int) {
    sums[row, column] += summand
    magnitudes[row, column] += summand.magnitude
  }
}
