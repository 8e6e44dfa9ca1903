internal import Stages

/// Whether a defence's LFR differs from that of the best other one on the same attacked models:
/// the same model, attack, scenario and seed make a pair (the paper's note below table 1).
struct Significance {
  /// The model's name in tables.
  let model: String
  /// The defence in question.
  let subject: String
  /// Of the others, the one with the lowest mean LFR.
  let rival: String
  /// The subject's LFR less the rival's, in percentage points.
  let comparison: PairedComparison

  /// Nothing where the two share no measured run.
  init?(of subject: String, on model: String, in table: ResultTable) {
    let rows = table.rows.filter { $0.model == model && !$0.isClean }
    func rates(_ title: String) -> [[Int: Double]] {
      rows.map { row in
        row.entries.first { $0.title == title }?.labelFlipRates ?? [:]
      }
    }
    let own = rates(subject)
    func pairs(_ title: String) -> [(own: Double, other: Double)] {
      zip(own, rates(title)).flatMap { own, other in
        own.keys.sorted().compactMap { seed in
          own[seed].flatMap { own in other[seed].map { (own, $0) } }
        }
      }
    }
    let rivals = table.defenses.filter { $0 != subject }.map { (title: $0, pairs: pairs($0)) }
      .filter { !$0.pairs.isEmpty }
    let best = rivals.min { first, second in
      func mean(_ pairs: [(own: Double, other: Double)]) -> Double {
        pairs.reduce(0) { $0 + $1.other } / Double(pairs.count)
      }
      return mean(first.pairs) < mean(second.pairs)
    }
    guard let best,
      let comparison = PairedComparison(
        best.pairs.map { $0.own * 100 }, best.pairs.map { $0.other * 100 })
    else { return nil }
    self.model = model
    self.subject = subject
    rival = best.title
    self.comparison = comparison
  }

  /// All of it in words, and what so few pairs cannot show.
  var sentence: String {
    let count = comparison.differences.count
    var parts = [
      "\(model), \(subject) against \(rival), the best other defence by LFR: "
        + "\(signed(comparison.difference.mean, 1)) points"
    ]
    if let interval = comparison.interval {
      let effect = comparison.effectSize.map { ", d = \(fixed($0, 2))" } ?? ""
      parts[0] +=
        " (95 % interval \(signed(interval.lowerBound, 1)) … \(signed(interval.upperBound, 1))"
        + effect + ")"
    }
    if let p = comparison.studentProbability { parts.append("paired t test p \(Self.text(p))") }
    if let rank = comparison.signedRank {
      parts.append("Wilcoxon signed-rank p \(Self.text(rank.probability))")
    }
    parts.append("\(count) pair\(count == 1 ? "" : "s")")
    let least = SignedRankTest.leastProbability(count: comparison.signedRank?.count ?? 0)
    let warning =
      least > 0.05
      ? " So few pairs cannot show a difference at the 0.05 level by ranks: p is at least "
        + "\(fixed(least, 3))."
      : ""
    return parts.joined(separator: ", ") + "." + warning
  }

  private static func text(_ p: Double) -> String {
    p < 0.0001 ? "< 0.0001" : "= " + fixed(p, p < 0.01 ? 4 : 3)
  }
}

extension ResultTable.Entry {
  /// LFR, 0 … 1, by seed.
  var labelFlipRates: [Int: Double] {
    records.reduce(into: [:]) { rates, record in
      guard case .finished(let evaluation, _, _) = record.result else { return }
      rates[record.seed] = evaluation.labelFlipRate
    }
  }
}
