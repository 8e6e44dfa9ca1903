/// Holds the reference's own backward pass against differences of its forward pass, so that the reference has a
/// witness too.
///
/// Four points, D(h) = [8 (f(h) − f(−h)) − (f(2h) − f(−2h))] / 12h, err by c·h⁴ (Fornberg 1988). D(2h) errs by 16 c·h⁴,
/// so |D(h) − D(2h)| is fifteen times the truncation error of D(h), and serves as its bound. Rounding adds at most
/// 18/12 · ε·F / h with F the size of the objective's values and ε their relative error.
struct FiniteDifference {
  /// Derivative at 0 along the parameter of `f`.
  let derivative: Double
  /// Largest error that arithmetic explains.
  let bound: Double

  /// ε^(1/5) balances truncation h⁴ against rounding ε/h.
  static let step = 0x1p-10

  init(scale: Double, summandCount: Int, of f: (Double) -> Double) {
    let h = Self.step
    let values = [-4, -2, -1, 1, 2, 4].map { f(Double($0) * h) }
    let narrow = (8 * (values[3] - values[2]) - (values[4] - values[1])) / (12 * h)
    let wide = (8 * (values[4] - values[1]) - (values[5] - values[0])) / (24 * h)
    let size = values.reduce(scale) { max($0, abs($1)) }
    let roundings = Tolerance.relativeError(terms: summandCount) / Tolerance.unitRoundoff
    derivative = narrow
    bound = abs(narrow - wide) + 1.5 * roundings * 0x1p-53 * size / h
  }
}

extension Case {
  /// Compares each gradient of the reference with finite differences: along a random direction through all elements of
  /// an input, and along some single elements.
  public func checkGradient(elements: Int = 3) -> Finding {
    let inputs = self.inputs
    let values = Values<Double>(inputs)
    let outcome = operation.reference(values)
    var generator = Generator(seed: ~seed)
    var finding = Finding()
    for pair in operation.gradients {
      guard let output = outcome.values[pair.output] else {
        preconditionFailure("\(self) has no reference for \(pair.output)")
      }
      let gradient = output.map { $0 * pair.factor }
      let point = values[pair.input]
      precondition(
        point.count == gradient.count, "\(pair.output) is not shaped like \(pair.input)")
      guard !point.isEmpty else { continue }
      // Absolute summands of the objective: its gradient's products stand for them.
      let scale = zip(gradient, point).reduce(0) { $0 + abs($1.0 * $1.1) }
      for direction in directions(point.count, elements: elements, from: &generator) {
        let analytic = direction.reduce(0) { $0 + gradient[$1.index] * $1.weight }
        let difference = FiniteDifference(scale: scale, summandCount: point.count) { t in
          var moved = values
          var elements = point
          for part in direction { elements[part.index] += t * part.weight }
          moved[pair.input] = elements
          return operation.objective(moved)
        }
        judge(analytic, difference, scale: gradient, pair, direction, in: &finding)
      }
    }
    return finding
  }

  private typealias Direction = [(index: Int, weight: Double)]

  private func directions(
    _ count: Int, elements: Int, from generator: inout Generator
  ) -> [Direction] {
    // Divided by √n, so that the step's length does not grow with the tensor.
    let length = Double(count).squareRoot()
    let everywhere = generator.normal(count).enumerated().map {
      (index: $0.offset, weight: Double($0.element) / length)
    }
    let single = (0..<min(elements, count)).map { _ in
      [(index: generator.integer(below: count), weight: 1.0)]
    }
    return [everywhere] + single
  }

  private func judge(
    _ analytic: Double, _ difference: FiniteDifference, scale gradient: [Double],
    _ pair: GradientPair, _ direction: Direction, in finding: inout Finding
  ) {
    let error = abs(analytic - difference.derivative)
    let largest = gradient.reduce(0) { max($0, abs($1)) }
    let place = direction.count == 1 ? "[\(direction[0].index)]" : " along a random direction"
    // A bound above a thousandth of the gradient would let a wrong factor through.
    let resolves = difference.bound <= max(largest, 1e-6) / 1000
    if error <= difference.bound, resolves {
      finding.worstRatio = max(
        finding.worstRatio, difference.bound == 0 ? 0 : error / difference.bound)
    } else if !resolves {
      finding.worstRatio = .infinity
      finding.failures.append(
        "\(pair.output)\(place): the difference is known to ± \(difference.bound) only, where "
          + "the gradient is at most \(largest)")
    } else {
      finding.worstRatio = max(finding.worstRatio, error / difference.bound)
      finding.failures.append(
        "\(pair.output)\(place): \(analytic) where differences of \(pair.input) give "
          + "\(difference.derivative) ± \(difference.bound)")
    }
  }
}
