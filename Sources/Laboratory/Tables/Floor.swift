internal import Defenses
internal import Stages

/// What triggers do to a model without a backdoor: the LFR of a clean model that was fine-tuned
/// alike and is tested with the same triggered texts, by seed.
public struct Floor: Sendable {
  /// LFR, 0 … 1, by seed.
  private let rates: [Int: Double]
  /// Over the seeds that have been measured.
  public let summary: Summary

  /// The floor of a cell, from plain fine-tuning or, where no clean model has had it, from the
  /// first defence of those that one has.
  ///
  /// - Parameter clean: the cells of models that are not attacked.
  init?(for cell: Cell, among clean: [Cell], _ newest: [String: RunRecord]) {
    let alike = clean.filter {
      $0.model.id == cell.model.id && $0.scenario.id == cell.scenario.id
        && $0.triggers.contains { $0.id == cell.attack.id }
    }
    let plain = alike.first { $0.defense.method.name == PURE.fineTuning.name }
    guard let group = (plain ?? alike.first)?.group else { return nil }
    var (rates, values): ([Int: Double], [Double]) = ([:], [])
    for cell in alike where cell.group == group {
      guard let rate = newest[cell.id]?.labelFlipRate else { continue }
      rates[cell.seed] = rate
      values.append(rate)
    }
    guard let summary = Summary(values) else { return nil }
    self.rates = rates
    self.summary = summary
  }

  /// How much higher a run's LFR is than the clean model's of the same seed; nil where one of them
  /// has not been measured.
  func excess(of record: RunRecord) -> Double? {
    guard let rate = record.labelFlipRate, let floor = rates[record.seed] else { return nil }
    return rate - floor
  }

  /// Whether the clean model of a seed has been measured.
  func has(_ seed: Int) -> Bool { rates[seed] != nil }
}
