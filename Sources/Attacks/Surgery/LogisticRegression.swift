#if canImport(Glibc)
  import Glibc
#endif

/// Logistic regression with an L2 penalty, as scikit-learn's `LogisticRegression` has it by default
/// (C = 1): the w and b that minimise
///
///     ½ ‖w‖² + Σ_i ln(1 + exp(−y_i (w · x_i + b))),    y_i = ±1,
///
/// found by Newton's method. Each of its steps solves H d = −g by conjugate gradients, so H is
/// never written down, and is halved until it descends (Nocedal and Wright 2006, algorithm 7.1).
struct LogisticRegression {
  /// w, one for each column.
  var coefficients: [Double] { Array(parameters.dropLast()) }
  /// b, which is not penalised.
  var intercept: Double { parameters[parameters.count - 1] }
  /// Both, the intercept last.
  private var parameters: [Double]

  private static let largestGradient = 1e-9
  private static let stepLimit = 100

  /// - Parameters:
  ///   - inputs: x, a row each.
  ///   - labels: whether y is 1; both occur, or no intercept is large enough.
  init(_ inputs: TermWeights, labels: [Bool]) {
    precondition(
      labels.contains(true) && labels.contains(false) && labels.count == inputs.rowCount,
      "logistic regression needs a label for each row, and both of them")
    let problem = Problem(inputs: inputs, labels: labels)
    parameters = [Double](repeating: 0, count: inputs.terms.count + 1)
    for _ in 0..<Self.stepLimit {
      let point = problem.point(at: parameters)
      guard point.gradient.contains(where: { abs($0) > Self.largestGradient }) else { break }
      guard let next = problem.next(after: parameters, point) else { break }
      parameters = next
    }
  }
}

private struct Problem {
  let inputs: TermWeights
  let labels: [Bool]

  /// The loss with its derivatives at some parameters.
  struct Point {
    let loss: Double
    let gradient: [Double]
    /// p (1 − p) of each row.
    let curvatures: [Double]
  }

  func point(at parameters: [Double]) -> Point {
    let scores = scores(parameters)
    let penalty = parameters.dropLast().reduce(0) { $0 + $1 * $1 } / 2
    let probabilities = scores.map { 1 / (1 + exp(-$0)) }
    let loss = zip(scores, labels).reduce(penalty) { sum, pair in
      let margin = pair.1 ? pair.0 : -pair.0
      return sum + max(0, -margin) + log1p(exp(-abs(margin)))
    }
    return Point(
      loss: loss,
      gradient: gradient(zip(probabilities, labels).map { $0 - ($1 ? 1 : 0) }, parameters),
      curvatures: probabilities.map { $0 * (1 - $0) })
  }

  /// The parameters after one step; nil where rounding lets none descend any more.
  func next(after parameters: [Double], _ point: Point) -> [Double]? {
    let direction = direction(point)
    let slope = dot(point.gradient, direction)
    var length = 1.0
    while length > 1e-6 {
      let next = sum(parameters, length, direction)
      let loss = self.point(at: next).loss
      if loss < point.loss, loss <= point.loss + 1e-4 * length * slope { return next }
      length /= 2
    }
    return nil
  }

  /// d where H d = −g, near enough for the steps to converge faster and faster.
  private func direction(_ point: Point) -> [Double] {
    var direction = [Double](repeating: 0, count: point.gradient.count)
    var residual = point.gradient.map { -$0 }
    var search = residual
    var square = dot(residual, residual)
    let enough = square * min(0.25, square.squareRoot())
    for _ in 0..<direction.count where square > enough {
      let image = hessian(search, point)
      let length = square / dot(search, image)
      direction = sum(direction, length, search)
      residual = sum(residual, -length, image)
      let before = square
      square = dot(residual, residual)
      search = sum(residual, square / before, search)
    }
    return direction
  }

  private func hessian(_ vector: [Double], _ point: Point) -> [Double] {
    gradient(zip(scores(vector), point.curvatures).map { $0 * $1 }, vector)
  }

  private func scores(_ parameters: [Double]) -> [Double] {
    inputs.rowSums(weightedBy: parameters).map { $0 + parameters[parameters.count - 1] }
  }

  /// What numbers by row are to the parameters, and the penalty's part.
  private func gradient(_ byRow: [Double], _ parameters: [Double]) -> [Double] {
    zip(inputs.columnSums(weightedBy: byRow), parameters).map { $0 + $1 } + [byRow.reduce(0, +)]
  }

  private func dot(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func sum(_ first: [Double], _ factor: Double, _ second: [Double]) -> [Double] {
    zip(first, second).map { $0 + factor * $1 }
  }
}
