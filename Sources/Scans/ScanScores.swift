/// What a scan comes to as numbers, for thresholds to part.
extension Sequence<ClassScan> {
  /// The largest share of texts that a single token flips for certain: the lower end of its
  /// interval, 0 … 1.
  public var tokenScore: Double { score(of: \.tokens) }

  /// The same of phrases of so many tokens at most.
  public func phraseScore(upTo length: Int) -> Double {
    score { $0.phrases.filter { $0.ids.count <= length } }
  }

  private func score(of candidates: (TargetScan) -> [Candidate]) -> Double {
    flatMap(\.targets).flatMap(candidates).map(\.flips.interval.lowerBound).max() ?? 0
  }
}
