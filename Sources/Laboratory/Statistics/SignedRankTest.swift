/// Wilcoxon's signed-rank test of paired differences, two-sided and exact: the ranks of the sizes
/// of the differences, mean ranks for equal ones, and all ways to give them signs. Differences of 0
/// are left out, as Wilcoxon did.
public struct SignedRankTest: Hashable, Sendable {
  /// Differences that are not 0.
  public let count: Int
  /// The sum of the ranks of the positive differences; whole or half.
  public let positiveRankSum: Double
  /// The share of the 2^count ways to give signs whose sum is at least as extreme: twice the
  /// smaller tail, at most 1.
  public let probability: Double
  /// (positive − negative) / all ranks, −1 … 1: the effect's size (matched-pairs rank biserial
  /// correlation).
  public let rankCorrelation: Double

  /// Nothing for no difference other than 0.
  public init?(_ differences: [Double]) {
    let sorted = differences.filter { $0 != 0 }.sorted { abs($0) < abs($1) }
    guard !sorted.isEmpty else { return nil }
    // Twice the ranks, which are whole numbers.
    var ranks: [Int] = []
    while ranks.count < sorted.count {
      let first = ranks.count
      let last = sorted[first...].prefix { abs($0) == abs(sorted[first]) }.endIndex - 1
      ranks += Array(repeating: first + 1 + last + 1, count: last + 1 - first)
    }
    let total = ranks.reduce(0, +)
    let positive = zip(ranks, sorted).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) }
    // The share of the signs that lead to each sum.
    var shares = [1.0] + Array(repeating: 0.0, count: total)
    for rank in ranks {
      for sum in stride(from: total, through: 0, by: -1) {
        shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2
      }
    }
    let tail = shares[...min(positive, total - positive)].reduce(0, +)
    count = sorted.count
    positiveRankSum = Double(positive) / 2
    probability = min(2 * tail, 1)
    rankCorrelation = Double(2 * positive - total) / Double(total)
  }

  /// The least probability that so many differences can have.
  public static func leastProbability(count: Int) -> Double {
    count < 1 ? 1 : Double(sign: .plus, exponent: 1 - count, significand: 1)
  }
}
