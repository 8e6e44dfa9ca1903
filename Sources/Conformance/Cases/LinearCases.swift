public import Tensors

/// A linear layer, its activation and their gradients.
public struct LinearOperation: Operation {
  /// Which gradients the backward pass is asked for.
  struct Requested: OptionSet {
    let rawValue: Int
    static let input = Requested(rawValue: 1)
    static let weight = Requested(rawValue: 2)
    static let bias = Requested(rawValue: 4)
    static let all: Requested = [.input, .weight, .bias]
  }

  /// `linear`.
  public static let name = "linear"
  let rows: Int
  let inputSize: Int
  let outputSize: Int
  var hasBias = true
  var activation = Activation.identity
  var requested = Requested.all
  var addsToInput = false
  var addsToParameters = false
  var product = MatrixProduct.fastest

  /// Extents and options.
  public var size: String {
    var text = "\(rows)×\(inputSize)→\(outputSize) \(activation)"
    if !hasBias { text += ", no bias" }
    if addsToInput { text += ", adds to dInput" }
    if addsToParameters { text += ", adds to dWeight" }
    if requested != .all { text += ", some gradients" }
    if product != .fastest { text += ", \(product)" }
    return text
  }

  /// Products are cut by the number of threads, which changes OpenBLAS's sums and not the built-in product's.
  public var isIndependentOfThreads: Bool { product == .builtIn }
  /// The choice of product is the process's.
  public var needsProcess: Bool { product != .fastest }
  /// Both, unless no gradient is asked for.
  public var passes: [Pass] { requested.isEmpty ? [.forward] : [.forward, .backward] }
  private var hasActivation: Bool { activation != .identity }
  private var keepsPreActivation: Bool { hasActivation && !requested.isEmpty }

  /// Output, and what the backward pass was asked for.
  public var outputs: [Output] {
    let forward = Tolerance.rounding(terms: inputSize + 1)
    let (features, result) = ([rows, inputSize], [rows, outputSize])
    // Input and weight; then what comes back through the activation, and weight or input.
    let (once, before) = (2, hasActivation ? 2 : 0)
    var list = [Output("output", result, forward, roundedFactors: once)]
    if keepsPreActivation {
      list += [
        Output("preActivation", result, forward, roundedFactors: once),
        Output(
          "activated", result, after: .backward, forward, .sharing("preActivation"),
          roundedFactors: once),
      ]
    }
    guard !requested.isEmpty else { return list }
    list.append(
      Output(
        "dPreActivation", result, after: .backward, forward, .startingAs("dOutput"),
        roundedFactors: before))
    if requested.contains(.input) {
      list.append(
        Output(
          "dInput", features, after: .backward, .rounding(terms: inputSize + outputSize + 1),
          addsToInput ? .startingAs("dInputBefore") : .undefined, roundedFactors: before + 2))
    }
    let overRows = Tolerance.rounding(terms: inputSize + rows + 1)
    if requested.contains(.weight) {
      list.append(
        Output(
          "dWeight", [outputSize, inputSize], after: .backward, overRows,
          addsToParameters ? .startingAs("dWeightBefore") : .undefined,
          roundedFactors: before + 2))
    }
    if requested.contains(.bias) {
      list.append(
        Output(
          "dBias", [outputSize], after: .backward, overRows,
          addsToParameters ? .startingAs("dBiasBefore") : .undefined, roundedFactors: before))
    }
    return list
  }

  /// Input, weight and bias, where they are asked for.
  public var gradients: [GradientPair] {
    var pairs: [GradientPair] = []
    if requested.contains(.input) && !addsToInput { pairs.append(GradientPair("input", "dInput")) }
    if !addsToParameters {
      if requested.contains(.weight) { pairs.append(GradientPair("weight", "dWeight")) }
      if requested.contains(.bias) && hasBias { pairs.append(GradientPair("bias", "dBias")) }
    }
    return pairs
  }

  /// Weights scaled so that the result has deviation about one.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let deviation = 1 / Double(inputSize).squareRoot()
    let weights = inputSize * outputSize
    func matrix(_ rows: Int, deviation: Double = 1) -> [Float] {
      let values = generator.normal(rows * inputSize, deviation: deviation)
      guard activation == .relu else { return values }
      // Rows of one sign: sums stay away from 0, where ReLU's derivative jumps with their rounding.
      return values.enumerated().map { ($0 / inputSize) % 2 == 0 ? abs($1) : -abs($1) }
    }
    inputs.add("input", [rows, inputSize], matrix(rows))
    inputs.add("weight", [outputSize, inputSize], matrix(outputSize, deviation: deviation))
    if hasBias { inputs.add("bias", [outputSize], generator.normal(outputSize)) }
    if !requested.isEmpty {
      inputs.add("dOutput", [rows, outputSize], generator.normal(rows * outputSize))
    }
    if addsToInput {
      inputs.add("dInputBefore", [rows, inputSize], generator.normal(rows * inputSize))
    }
    if addsToParameters {
      inputs.add("dWeightBefore", [outputSize, inputSize], generator.normal(weights))
      inputs.add("dBiasBefore", [outputSize], generator.normal(outputSize))
    }
    return inputs
  }

  /// Forward, or the activation's gradient and then the layer's.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    if needsProcess { Host.multiply(by: product) }
    defer { if needsProcess { Host.multiply(by: .fastest) } }
    switch pass {
    case .forward:
      try backend.linear(
        workspace["input"], weight: workspace["weight"], bias: workspace.optional("bias"),
        activation: activation, preActivation: workspace.optional("preActivation"),
        into: workspace["output"])
    case .backward:
      let gradient = workspace["dPreActivation"]
      if hasActivation {
        try backend.activationGradient(
          activation, preActivation: workspace["preActivation"], gradient: gradient)
      }
      try backend.linearGradient(
        gradient, input: workspace["input"], weight: workspace["weight"],
        dInput: workspace.optional("dInput"), dWeight: workspace.optional("dWeight"),
        dBias: workspace.optional("dBias"), addingToInput: addsToInput,
        addingToParameters: addsToParameters)
    }
  }

  /// Products and sums in the order of the definition.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  /// Σ dOutput · output.
  public func objective(_ inputs: Values<Double>) -> Double {
    let output = forward(inputs).sums.elements.map { activation.value($0) }
    return dot(output, inputs["dOutput"])
  }

  private func forward<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> LinearReference<Scalar>
  {
    LinearReference(
      input: Matrix(rows, inputSize, inputs["input"]),
      weight: Matrix(outputSize, inputSize, inputs["weight"]), bias: inputs.optional("bias"))
  }

  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    let linear = forward(inputs)
    let pre = linear.sums.elements
    let preMagnitudes = linear.magnitudes.elements
    let output = pre.map { activation.value($0) }
    // An error before the activation passes through it at most `steepest` times enlarged.
    let outputMagnitudes = zip(preMagnitudes, output).map { magnitude, value in
      hasActivation ? Scalar(Activation.steepest) * magnitude + abs(value) : magnitude
    }
    var outcome = Outcome<Scalar>()
    outcome.set("output", output, magnitudes: outputMagnitudes)
    if keepsPreActivation {
      outcome.set("preActivation", pre, magnitudes: preMagnitudes)
      outcome.set("activated", output, magnitudes: outputMagnitudes)
    }
    guard !requested.isEmpty else { return outcome }
    let dOutput = inputs["dOutput"]
    let dPre = zip(dOutput, pre).map { $0 * activation.derivative($1) }
    let dPreMagnitudes = pre.indices.map { index in
      hasActivation
        ? abs(dOutput[index]) * Scalar(Activation.steepest) * (1 + preMagnitudes[index])
        : abs(dOutput[index])
    }
    outcome.set("dPreActivation", dPre, magnitudes: dPreMagnitudes)
    setGradients(
      of: Matrix(rows, outputSize, dPre), Matrix(rows, outputSize, dPreMagnitudes), inputs,
      in: &outcome)
    return outcome
  }

  private func setGradients<Scalar: ReferenceScalar>(
    of dPre: Matrix<Scalar>, _ magnitudes: Matrix<Scalar>, _ inputs: Values<Scalar>,
    in outcome: inout Outcome<Scalar>
  ) {
    let input = Matrix(rows, inputSize, inputs["input"]).transposed
    let weight = Matrix(outputSize, inputSize, inputs["weight"]).transposed
    func add(_ before: String, when adds: Bool, _ sums: [Scalar], _ magnitudes: [Scalar]) -> (
      [Scalar], [Scalar]
    ) {
      guard adds else { return (sums, magnitudes) }
      let start = inputs[before]
      return (zip(sums, start).map { $0 + $1 }, zip(magnitudes, start).map { $0 + abs($1) })
    }
    if requested.contains(.input) {
      let product = LinearReference(input: dPre, sizes: magnitudes, weight: weight, bias: nil)
      let (value, magnitude) = add(
        "dInputBefore", when: addsToInput, product.sums.elements, product.magnitudes.elements)
      outcome.set("dInput", value, magnitudes: magnitude)
    }
    if requested.contains(.weight) {
      let product = LinearReference(
        input: dPre.transposed, sizes: magnitudes.transposed, weight: input, bias: nil)
      let (value, magnitude) = add(
        "dWeightBefore", when: addsToParameters, product.sums.elements,
        product.magnitudes.elements)
      outcome.set("dWeight", value, magnitudes: magnitude)
    }
    if requested.contains(.bias) {
      let (value, magnitude) = add(
        "dBiasBefore", when: addsToParameters, dPre.columnSums, magnitudes.columnSums)
      outcome.set("dBias", value, magnitudes: magnitude)
    }
  }

  /// One product forward, two backward.
  public func cost(of pass: Pass) -> Cost {
    let product = 2 * rows * inputSize * outputSize
    let traffic = rows * inputSize + inputSize * outputSize + rows * outputSize
    return switch pass {
    case .forward: Cost(FLOPs(product), Bytes(elements: traffic))
    case .backward: Cost(FLOPs(2 * product), Bytes(elements: 2 * traffic))
    }
  }

  static let cases: [Case] = {
    typealias L = LinearOperation
    var small: [L] = [
      L(rows: 1, inputSize: 1, outputSize: 1),
      L(rows: 7, inputSize: 21, outputSize: 13, activation: .gelu),
      L(rows: 15, inputSize: 17, outputSize: 31, activation: .tanh),
      L(rows: 33, inputSize: 31, outputSize: 15, activation: .relu),
      L(rows: 17, inputSize: 65, outputSize: 63, hasBias: false),
      L(rows: 65, inputSize: 64, outputSize: 33, hasBias: false, activation: .gelu),
      L(rows: 5, inputSize: 3, outputSize: 2, activation: .gelu, requested: []),
      L(rows: 16, inputSize: 32, outputSize: 64, requested: [.weight]),
      L(rows: 9, inputSize: 10, outputSize: 11, requested: [.input], addsToInput: true),
      L(rows: 19, inputSize: 23, outputSize: 29, addsToInput: true, addsToParameters: true),
      L(rows: 0, inputSize: 5, outputSize: 3),
      L(rows: 130, inputSize: 67, outputSize: 129, activation: .gelu),
    ]
    // Several blocks of columns and two of the depth, of floats and of pairs, with something over in every direction, for
    // each of the three products.
    small += [
      L(rows: 13, inputSize: 1573, outputSize: 35, addsToInput: true),
      L(rows: 13, inputSize: 35, outputSize: 1573, addsToInput: true),
      L(rows: 1573, inputSize: 35, outputSize: 13, addsToInput: true, addsToParameters: true),
      L(rows: 27, inputSize: 787, outputSize: 395, addsToInput: true),
      L(rows: 27, inputSize: 395, outputSize: 787, addsToInput: true),
      L(rows: 787, inputSize: 27, outputSize: 395, addsToInput: true, addsToParameters: true),
    ]
    small += small.flatMap { operation in
      [MatrixProduct.builtIn, .openBLAS].map {
        var chosen = operation
        chosen.product = $0
        return chosen
      }
    }
    let realistic: [L] = [
      L(rows: 832, inputSize: 384, outputSize: 1536, activation: .gelu),
      L(rows: 832, inputSize: 1536, outputSize: 384),
      L(rows: 832, inputSize: 384, outputSize: 1152),
    ]
    return Case.list(small) + Case.list(realistic, realistic: true)
  }()
}
