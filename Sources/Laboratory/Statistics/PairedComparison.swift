/// Two methods measured on the same cases: by how much the first lies below or above the second,
/// and how likely chance would do as much.
public struct PairedComparison: Hashable, Sendable {
  /// The first's values less the second's.
  public let differences: [Double]
  /// Their mean and sample standard deviation.
  public let difference: Summary
  /// The 95 % confidence interval of the mean; nothing for one pair.
  public let interval: ClosedRange<Double>?
  /// The mean in units of the deviation (Cohen's d for pairs); nothing where that is 0 or unknown.
  public let effectSize: Double?
  /// Two-sided p of the paired t test; nothing where all differences are equal.
  public let studentProbability: Double?
  /// Wilcoxon's test; nothing where all differences are 0.
  public let signedRank: SignedRankTest?

  /// Nothing for no pairs.
  ///
  /// - Precondition: as many values of the one as of the other.
  public init?(_ first: [Double], _ second: [Double]) {
    precondition(first.count == second.count, "values of a comparison come in pairs")
    differences = zip(first, second).map { $0 - $1 }
    guard let difference = Summary(differences) else { return nil }
    self.difference = difference
    signedRank = SignedRankTest(differences)
    guard let deviation = difference.deviation else {
      (interval, effectSize, studentProbability) = (nil, nil, nil)
      return
    }
    let error = deviation / Double(differences.count).squareRoot()
    let distribution = StudentDistribution(degreesOfFreedom: differences.count - 1)
    let reach = distribution.quantile(twoSided: 0.05) * error
    interval = (difference.mean - reach)...(difference.mean + reach)
    effectSize = deviation > 0 ? difference.mean / deviation : nil
    studentProbability =
      error > 0 ? distribution.twoSidedProbability(of: difference.mean / error) : nil
  }
}
