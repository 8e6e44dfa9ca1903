/// So many of so many, as whole numbers.
public struct Count: Sendable, Equatable {
  /// Those that it is about.
  public var part: Int
  /// All of them.
  public var whole: Int

  /// - Parameter whole: at least `part`.
  public init(_ part: Int, of whole: Int) {
    precondition(0...max(0, whole) ~= part, "\(part) of \(whole) cannot be")
    (self.part, self.whole) = (part, whole)
  }

  /// Between 0 and 1; 0 of nothing.
  public var share: Double { whole == 0 ? 0 : Double(part) / Double(whole) }

  /// What the share of many more may be, with 95 % confidence (E. B. Wilson, JASA 1927): unlike the
  /// normal interval it says something where all or none do. Of nothing, it is 0 … 1.
  public var interval: ClosedRange<Double> {
    guard whole > 0 else { return 0...1 }
    let (n, z) = (Double(whole), 1.959963984540054)
    let denominator = 1 + z * z / n
    let center = (share + z * z / (2 * n)) / denominator
    let radius = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / denominator
    // The ends are exact where rounding would miss them.
    return (part == 0 ? 0 : max(0, center - radius))...(part == whole ? 1 : min(1, center + radius))
  }
}
