extension Plan.Metric {
  /// What a line of it is called.
  var title: String {
    switch self {
    case .accuracy: "ACC"
    case .labelFlipRate: "LFR"
    case .excessLabelFlipRate: "excess LFR"
    case .seconds: "seconds"
    }
  }

  /// Places behind the point; the paper prints two.
  var digits: Int { self == .seconds ? 1 : 2 }

  var isBetterHigh: Bool { self == .accuracy }

  /// Of an experiment, over its seeds: rates in percent, times in seconds.
  func own(of entry: ResultTable.Entry) -> Summary? {
    switch self {
    case .accuracy: entry.accuracy?.scaled(by: 100)
    case .labelFlipRate: entry.labelFlipRate?.scaled(by: 100)
    case .excessLabelFlipRate: entry.excessLabelFlipRate?.scaled(by: 100)
    case .seconds: entry.seconds
    }
  }

  /// The published one, in the same unit.
  func published(of entry: ResultTable.Entry) -> Expectation.Value? {
    switch self {
    case .accuracy: entry.expected?.accuracy
    case .labelFlipRate: entry.expected?.labelFlipRate
    case .excessLabelFlipRate: nil
    case .seconds: entry.expected?.seconds
    }
  }
}
