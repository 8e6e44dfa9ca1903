/// Mean and spread of one quantity over the runs of a cell.
public struct Summary: Hashable, Sendable {
  /// The arithmetic mean.
  public let mean: Double
  /// Sample standard deviation (divisor n − 1); nothing for a single run.
  public let deviation: Double?
  /// How many values there are.
  public let count: Int

  /// Nothing for no values.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    count = values.count
    deviation =
      values.count < 2
      ? nil
      : (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1))
        .squareRoot()
  }

  /// The same in another unit.
  func scaled(by factor: Double) -> Summary {
    Summary(
      mean: mean * factor, deviation: deviation.map { $0 * abs(factor) }, count: count)
  }

  private init(mean: Double, deviation: Double?, count: Int) {
    (self.mean, self.deviation, self.count) = (mean, deviation, count)
  }

  /// "90.5 ± 0.6", or "90.5" for a single run.
  func text(_ digits: Int, scale: Double = 1) -> String {
    let mean = fixed(mean * scale, digits)
    return deviation.map { mean + " ± " + fixed($0 * scale, digits) } ?? mean
  }
}
