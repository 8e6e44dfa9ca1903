public import Tensors

/// Layer norm with bias, residual and both dropouts.
public struct LayerNormOperation: Operation {
  /// `layer-norm`.
  public static let name = "layer-norm"
  let rows: Int
  let columns: Int
  var hasBias = false
  var hasResidual = false
  var inputDropout = Dropout.none
  var outputDropout = Dropout.none
  var addsToParameters = false
  /// The gradient of the sum overwrites dOutput.
  var worksInPlace = false
  /// Of the residual, in units of its deviation.
  var mean = 0.0
  var isInference = false
  var epsilon = 1e-12

  init(
    rows: Int, columns: Int, hasBias: Bool = false, hasResidual: Bool = false,
    inputDropout: Dropout = .none, outputDropout: Dropout = .none, addsToParameters: Bool = false,
    worksInPlace: Bool = false, mean: Double = 0, isInference: Bool = false, epsilon: Double = 1e-12
  ) {
    self.rows = rows
    self.columns = columns
    self.hasBias = hasBias
    self.hasResidual = hasResidual
    self.inputDropout = inputDropout
    self.outputDropout = outputDropout
    self.addsToParameters = addsToParameters
    self.worksInPlace = worksInPlace
    self.mean = mean
    self.isInference = isInference
    self.epsilon = epsilon
  }

  /// Extents and options.
  public var size: String {
    var text = "\(rows)×\(columns)"
    if hasBias { text += ", bias" }
    if hasResidual { text += ", residual" }
    if inputDropout != .none { text += ", input dropout \(inputDropout.probability)" }
    if outputDropout != .none { text += ", output dropout \(outputDropout.probability)" }
    if addsToParameters { text += ", adds" }
    if worksInPlace { text += ", in place" }
    if mean != 0 { text += ", mean \(mean)" }
    if isInference { text += ", inference" }
    if epsilon > 1e-5 { text += ", epsilon \(epsilon)" }
    return text
  }

  /// Both, but for inference.
  public var passes: [Pass] { isInference ? [.forward] : [.forward, .backward] }
  private var writesInputGradient: Bool { inputDropout != .none }

  /// The sum (in place of the input), the output, and every gradient.
  public var outputs: [Output] {
    let matrix = [rows, columns]
    let row = Tolerance.relativeToNaive(terms: columns)
    let overRows = Tolerance.relativeToNaive(terms: rows + columns)
    var list = [
      Output("sum", matrix, .rounding(terms: 3), .startingAs("input")),
      Output("output", matrix, row),
    ]
    guard !isInference else { return list }
    list.append(
      Output(
        "dSum", matrix, after: .backward, row, worksInPlace ? .startingAs("dOutput") : .undefined))
    if writesInputGradient { list.append(Output("dInput", matrix, after: .backward, row)) }
    for name in ["dGamma", "dBeta"] + (hasBias ? ["dBias"] : []) {
      list.append(
        Output(
          name, [columns], after: .backward, overRows,
          addsToParameters ? .startingAs(name + "Before") : .undefined))
    }
    return list
  }

  /// Everything that is read.
  public var gradients: [GradientPair] {
    guard !isInference else { return [] }
    var pairs = [GradientPair("input", writesInputGradient ? "dInput" : "dSum")]
    if hasResidual { pairs.append(GradientPair("residual", "dSum")) }
    if !addsToParameters {
      pairs += [GradientPair("gamma", "dGamma"), GradientPair("beta", "dBeta")]
      if hasBias { pairs.append(GradientPair("bias", "dBias")) }
    }
    return pairs
  }

  /// Normal numbers; gamma around 1.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let matrix = [rows, columns]
    let count = rows * columns
    inputs.add("input", matrix, generator.normal(count, mean: hasResidual ? 0 : mean))
    if hasBias { inputs.add("bias", [columns], generator.normal(columns)) }
    if hasResidual { inputs.add("residual", matrix, generator.normal(count, mean: mean)) }
    inputs.add("gamma", [columns], generator.normal(columns, mean: 1, deviation: 0.2))
    inputs.add("beta", [columns], generator.normal(columns, deviation: 0.2))
    guard !isInference else { return inputs }
    inputs.add("dOutput", matrix, generator.normal(count))
    if addsToParameters {
      for name in ["dGammaBefore", "dBetaBefore"] + (hasBias ? ["dBiasBefore"] : []) {
        inputs.add(name, [columns], generator.normal(columns))
      }
    }
    return inputs
  }

  /// Forward with statistics, backward from them.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    switch pass {
    case .forward:
      try backend.layerNorm(
        workspace["sum"], bias: workspace.optional("bias"),
        residual: workspace.optional("residual"), inputDropout: inputDropout,
        gamma: workspace["gamma"], beta: workspace["beta"], epsilon: epsilon,
        outputDropout: outputDropout, into: workspace["output"],
        statistics: isInference ? nil : try workspace.statistics(rowCount: rows))
    case .backward:
      try backend.layerNormGradient(
        worksInPlace ? workspace["dSum"] : workspace["dOutput"], sum: workspace["sum"],
        gamma: workspace["gamma"], statistics: try workspace.statistics(rowCount: rows),
        inputDropout: inputDropout, outputDropout: outputDropout, dSum: workspace["dSum"],
        dInput: workspace.optional("dInput"), dGamma: workspace["dGamma"],
        dBeta: workspace["dBeta"], dBias: workspace.optional("dBias"),
        addingToParameters: addsToParameters)
    }
  }

  /// Two passes over each row.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }
  /// Σ dOutput · output.
  public func objective(_ inputs: Values<Double>) -> Double {
    dot(forward(inputs).output.elements, inputs["dOutput"])
  }

  private func forward<Scalar: ReferenceScalar>(
    _ inputs: Values<Scalar>
  ) -> LayerNormReference<Scalar> {
    LayerNormReference(
      input: Matrix(rows, columns, inputs["input"]), bias: inputs.optional("bias"),
      residual: inputs.optional("residual"), inputDropout: inputDropout, gamma: inputs["gamma"],
      beta: inputs["beta"], epsilon: Scalar(epsilon), outputDropout: outputDropout)
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let norm = forward(inputs)
    var outcome = Outcome<Scalar>()
    outcome.set("sum", norm.sum.elements)
    outcome.set("output", norm.output.elements)
    guard !isInference else { return outcome }
    let gradients = norm.gradients(
      Matrix(rows, columns, inputs["dOutput"]), gamma: inputs["gamma"],
      outputDropout: outputDropout)
    let dInput = inputDropout.applied(to: gradients.dSum)
    outcome.set("dSum", gradients.dSum.elements, magnitudes: gradients.magnitudes.elements)
    if writesInputGradient {
      outcome.set(
        "dInput", dInput.elements,
        magnitudes: inputDropout.applied(to: gradients.magnitudes).elements)
    }
    func sum(_ name: String, _ values: [Scalar]) {
      let before = inputs.optional(name + "Before")
      outcome.set(name, before.map { zip($0, values).map { $0 + $1 } } ?? values)
    }
    sum("dGamma", gradients.dGamma)
    sum("dBeta", gradients.dBeta)
    if hasBias { sum("dBias", dInput.columnSums) }
    return outcome
  }

  /// About eight operations an element forward, sixteen backward.
  public func cost(of pass: Pass) -> Cost {
    let count = rows * columns
    return switch pass {
    case .forward: Cost(FLOPs(8 * count), Bytes(elements: count * (hasResidual ? 4 : 3)))
    case .backward: Cost(FLOPs(16 * count), Bytes(elements: count * (writesInputGradient ? 4 : 3)))
    }
  }

  static let cases: [Case] = {
    typealias N = LayerNormOperation
    let first = Dropout(probability: 0.1, seed: 0x1234_5678_9ABC_DEF0, step: 3, site: 5)
    let second = Dropout(probability: 0.3, seed: 77, step: 9, site: 2, firstRow: 11)
    let small = [
      N(rows: 1, columns: 1), N(rows: 3, columns: 2), N(rows: 0, columns: 8),
      N(rows: 5, columns: 21, hasBias: true, hasResidual: true),
      N(rows: 7, columns: 15, hasBias: true, inputDropout: first),
      N(rows: 17, columns: 17, hasBias: true, hasResidual: true, inputDropout: first),
      N(rows: 31, columns: 31, hasResidual: true, outputDropout: second),
      N(
        rows: 33, columns: 33, hasBias: true, hasResidual: true, inputDropout: first,
        outputDropout: second, addsToParameters: true),
      N(rows: 9, columns: 63, hasBias: true, hasResidual: true, worksInPlace: true),
      N(
        rows: 13, columns: 65, hasBias: true, hasResidual: true, inputDropout: second,
        worksInPlace: true),
      N(rows: 11, columns: 64, hasResidual: true, mean: 1000),
      N(rows: 4, columns: 37, mean: -300), N(rows: 5, columns: 19, epsilon: 0.1),
      N(rows: 6, columns: 48, hasBias: true, hasResidual: true, isInference: true),
      N(rows: 257, columns: 12, hasBias: true, hasResidual: true, addsToParameters: true),
    ]
    let realistic = [
      N(rows: 832, columns: 384, hasBias: true, hasResidual: true, inputDropout: first)
    ]
    return Case.list(small) + Case.list(realistic, realistic: true)
  }()
}
