#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Student's t distribution with a whole number of degrees of freedom.
public struct StudentDistribution: Sendable {
  /// ν, at least 1.
  public let degreesOfFreedom: Int

  /// - Precondition: at least one degree of freedom.
  public init(degreesOfFreedom: Int) {
    precondition(degreesOfFreedom > 0, "a t distribution needs a degree of freedom")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// The probability of a value at least as far from 0 as `t`, in 0 … 1; off by at most 1e-13.
  ///
  /// The finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4.
  public func twoSidedProbability(of t: Double) -> Double {
    let angle = atan(abs(t) / Double(degreesOfFreedom).squareRoot())
    let isOdd = !degreesOfFreedom.isMultiple(of: 2)
    // The first summand is cos θ or 1, and the k-th has the factor (k - 1) / k · cos² θ.
    var (summand, sum) = (isOdd ? cos(angle) : 1, 0.0)
    for power in stride(from: isOdd ? 1 : 0, through: degreesOfFreedom - 2, by: 2) {
      if power > 1 {
        summand *= Double(power - 1) / Double(power) * cos(angle) * cos(angle)
      }
      sum += summand
    }
    let inside = isOdd ? (angle + sin(angle) * sum) * 2 / .pi : sin(angle) * sum
    return min(max(1 - inside, 0), 1)
  }

  /// The t that lies as far from 0 as this share of values does at least, in 0 < share ≤ 1.
  public func quantile(twoSided share: Double) -> Double {
    precondition(share > 0 && share <= 1, "a share of values lies in 0 < share ≤ 1")
    var (low, high) = (0.0, 1.0)
    while twoSidedProbability(of: high) > share { (low, high) = (high, high * 2) }
    while case let middle = (low + high) / 2, low < middle, middle < high {
      if twoSidedProbability(of: middle) > share { low = middle } else { high = middle }
    }
    return high
  }
}
