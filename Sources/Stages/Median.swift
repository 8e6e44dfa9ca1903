extension Sequence<Double> {
  /// The value in the middle, or the mean of the two that are; NaN for none.
  public var median: Double {
    let sorted = sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
