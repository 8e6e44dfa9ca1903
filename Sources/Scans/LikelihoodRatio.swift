internal import Files

#if canImport(Glibc)
  internal import Glibc
#endif

/// How many times as frequent a finding is among backdoored models as among clean ones, with what
/// it may be of many more models: half a model is added to every cell, so that none is empty, and
/// the logarithm is taken as normal (Katz et al., Biometrics 1978).
public struct LikelihoodRatio: Sendable, Equatable {
  /// Above 1 the finding speaks for a backdoor, below 1 against one.
  public let value: Double
  /// 95 % confidence.
  public let interval: ClosedRange<Double>

  /// - Parameters:
  ///   - poisoned: backdoored models with the finding, of all of them.
  ///   - clean: the same of clean models.
  public init(poisoned: Count, clean: Count) {
    func cells(_ count: Count) -> (part: Double, whole: Double) {
      (Double(count.part) + 0.5, Double(count.whole) + 1)
    }
    let (one, other) = (cells(poisoned), cells(clean))
    value = (one.part / one.whole) / (other.part / other.whole)
    let variance = 1 / one.part - 1 / one.whole + 1 / other.part - 1 / other.whole
    let factor = exp(1.959963984540054 * variance.squareRoot())
    interval = value / factor...value * factor
  }
}

extension LikelihoodRatio {
  var json: JSONValue {
    [
      "value": .double(value),
      "interval": [.double(interval.lowerBound), .double(interval.upperBound)],
    ]
  }
}
