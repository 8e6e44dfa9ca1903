public import Tensors

/// AdamW for several steps, each with a gradient of its own.
public struct AdamWOperation: Operation {
  /// `adamw`.
  public static let name = "adamw"
  let count: Int
  var steps = 10
  var firstStep = 1
  var weightDecay = 0.01
  var clips = false
  /// So many gradients become zero, or all that there are.
  var clears = 0
  var learningRate = 5e-5
  /// Deviation of the gradients.
  var steepness = 1e-3

  private var clearedCount: Int { min(clears, count) }

  /// Extents and options.
  public var size: String {
    "\(count), \(steps) steps from \(firstStep), decay \(weightDecay)"
      + (steepness == 1e-3 ? "" : ", gradients of \(steepness)")
      + (clips ? ", scaled" : "") + (clears > 0 ? ", clears \(clearedCount)" : "")
  }

  /// Parameter, moments, and the gradients, which stay or become zero.
  public var outputs: [Output] {
    // A step rounds the parameter four times and each moment three times.
    let bound = Tolerance.relativeToNaive(terms: 4 * steps)
    return ["parameter", "firstMoment", "secondMoment"].map {
      Output($0, [count], bound, .startingAs($0 + "Before"))
    } + [Output("gradients", [steps, count], .exact, .startingAs("gradientsBefore"))]
  }

  /// Parameters like a layer's; fresh moments, or those of a run under way; one gradient in seven is zero.
  public func inputs(from generator: inout Generator) -> Inputs {
    var inputs = Inputs()
    let isFresh = firstStep == 1
    inputs.add("parameterBefore", [count], generator.normal(count, deviation: 0.05))
    inputs.add(
      "firstMomentBefore", [count], generator.normal(count, deviation: isFresh ? 0 : 1e-3))
    inputs.add(
      "secondMomentBefore", [count],
      generator.normal(count, deviation: isFresh ? 0 : 1e-6).map { abs($0) })
    let gradients = generator.normal(steps * count, deviation: steepness).enumerated()
    inputs.add("gradientsBefore", [steps, count], gradients.map { $0 % 7 == 3 ? 0 : $1 })
    if clips { inputs.add("scale", [1], [Float(0.37)]) }
    return inputs
  }

  /// All steps.
  public func run(
    _ pass: Pass, on backend: any Backend, in workspace: Workspace
  ) throws(DeviceError) {
    for step in 0..<steps {
      try backend.adamW(
        AdamWParameters(weightDecay: weightDecay), learningRate: learningRate,
        step: firstStep + step, gradientScale: workspace.optional("scale"),
        gradient: workspace["gradients"].rows(step..<step + 1), clearingFirst: clearedCount,
        parameter: workspace["parameter"], firstMoment: workspace["firstMoment"],
        secondMoment: workspace["secondMoment"])
    }
  }

  /// In torch's order.
  public func reference(_ inputs: Values<Double>) -> Outcome<Double> { evaluate(inputs) }
  /// The same in fp32.
  public func naive(_ inputs: Values<Float>) -> Outcome<Float> { evaluate(inputs) }

  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  private func evaluate<Scalar: ReferenceScalar>(_ inputs: Values<Scalar>) -> Outcome<Scalar> {
    var p = inputs["parameterBefore"]
    var (m, v) = (inputs["firstMomentBefore"], inputs["secondMomentBefore"])
    let gradients = inputs["gradientsBefore"]
    let scale = inputs.optional("scale")?[0] ?? 1
    let (beta1, beta2): (Scalar, Scalar) = (Scalar(0.9), Scalar(0.999))
    let (rate, decay) = (Scalar(learningRate), Scalar(weightDecay))
    for step in 0..<steps {
      let (power1, power2) = powers(firstStep + step)
      for index in 0..<count {
        let g = scale * gradients[step * count + index]
        p[index] -= rate * decay * p[index]
        m[index] += (1 - beta1) * (g - m[index])
        v[index] = beta2 * v[index] + (1 - beta2) * g * g
        let denominator =
          v[index].squareRoot() / Scalar(1 - power2).squareRoot() + Scalar(1e-8)
        p[index] -= rate / Scalar(1 - power1) * m[index] / denominator
      }
    }
    var outcome = Outcome<Scalar>()
    outcome.set("parameter", p)
    outcome.set("firstMoment", m)
    outcome.set("secondMoment", v)
    outcome.set("gradients", gradients.enumerated().map { $0 % count < clearedCount ? 0 : $1 })
    return outcome
  }

  /// beta1 and beta2 to the power of `step`.
  private func powers(_ step: Int) -> (Double, Double) {
    (0..<step).reduce((1, 1)) { powers, _ in (powers.0 * 0.9, powers.1 * 0.999) }
  }

  /// Four numbers read and three written a step, about fourteen operations.
  public func cost(of pass: Pass) -> Cost {
    Cost(FLOPs(14 * count * steps), Bytes(elements: 7 * count * steps))
  }

  static let cases: [Case] = {
    typealias A = AdamWOperation
    let small = [
      A(count: 1), A(count: 0), A(count: 31, weightDecay: 0), A(count: 33, clips: true),
      A(count: 101, firstStep: 1000, clears: .max), A(count: 4099, clips: true, clears: 2051),
      // Gradients as small as epsilon, and steps large enough to see where epsilon stands.
      A(count: 257, weightDecay: 0.1, learningRate: 0.01, steepness: 1e-8),
    ]
    return Case.list(small)
      + Case.list([A(count: 3_000_000, steps: 1, clips: true, clears: 200_000)], realistic: true)
  }()
}
