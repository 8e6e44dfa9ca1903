public import Tensors

/// Which deviation of an fp32 result from its Double reference is rounding, and which is a mistake.
///
/// Every fp32 operation returns x(1 + δ) with |δ| at most the unit roundoff u = 2⁻²⁴. A sum of n terms s therefore
/// errs by at most n·u·Σ|s| (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 4.2), in whatever
/// order it is summed; with rounding errors of mean zero it errs by at most λ·√n·u·Σ|s| except with probability
/// 2·exp(−λ²/2) an element (Higham and Mary 2019). Here λ = 6: three in a hundred million.
/// A precision whose factors are rounded before they are multiplied adds the error of those roundings, with the unit roundoff
/// of the precision, each as large as it can be: an element that r factors stand behind errs by (1 + u)ʳ − 1 of Σ|s| more.
/// Σ|s| is the `magnitude` of an element. Where the reference does not state it, the largest expected value of the
/// tensor stands for it: the error is then measured against the tensor as a whole.
public enum Tolerance: Sendable, Equatable {
  /// The same number; a reference of NaN or infinity asks for the same.
  case exact
  /// Each element within the rounding of a sum of `terms` terms.
  case rounding(terms: Int)
  /// No element further from the reference than `multiple` times the worst element of a plain fp32 evaluation of the
  /// reference's own formula, its factors rounded as the backend's precision rounds them, plus the rounding of `terms` terms, below which two evaluations differ by luck. For operations whose
  /// conditioning depends on their inputs: a norm over numbers far from zero, a softmax over large scores.
  case relativeToNaive(multiple: Double = 2, terms: Int)

  /// Largest relative error of one correctly rounded fp32 operation.
  public static let unitRoundoff = 0x1p-24
  /// λ of the probabilistic bound.
  static let deviations = 6.0
  /// One exp, erf, tanh or square root of up to 4 ulp (8u), added to every bound.
  static let elementaryFunction = 8.0

  /// Relative error of a result of `terms` roundings.
  public static func relativeError(terms: Int) -> Double {
    let count = Double(max(1, terms))
    return unitRoundoff * (min(count, deviations * count.squareRoot()) + elementaryFunction)
  }

  /// Relative error of a product of `factors` numbers that were rounded to `precision`; none in fp32, whose products
  /// are terms of a sum like any others.
  public static func relativeError(factors: Int, in precision: Precision) -> Double {
    guard precision != .fp32 else { return 0 }
    return (0..<factors).reduce(1) { error, _ in error * (1 + precision.unitRoundoff) } - 1
  }

  /// Largest admissible |actual − expected|, by element, `factorError` being that of rounded factors.
  func bounds(
    expected: [Double], magnitudes: [Double]?, naive: [Float]?, factorError: Double = 0
  ) -> [Double] {
    func rounding(_ terms: Int) -> [Double] {
      scale(expected, magnitudes).map { Self.bound($0, terms: terms) + factorError * $0 }
    }
    switch self {
    case .exact:
      return expected.map { _ in 0 }
    case .rounding(let terms):
      return rounding(terms)
    case .relativeToNaive(let multiple, let terms):
      guard let naive, naive.count == expected.count else {
        preconditionFailure("a bound relative to the naive evaluation needs that evaluation")
      }
      let worst = zip(naive, expected).map { abs(Double($0) - $1) }.max() ?? 0
      return rounding(terms).map { multiple * worst + $0 }
    }
  }

  private func scale(_ expected: [Double], _ magnitudes: [Double]?) -> [Double] {
    if let magnitudes { return magnitudes }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    return expected.map { _ in largest }
  }

  /// Below the smallest normal number a backend may flush to zero.
  private static func bound(_ magnitude: Double, terms: Int) -> Double {
    relativeError(terms: terms) * magnitude + Double(Float.leastNormalMagnitude)
  }
}
