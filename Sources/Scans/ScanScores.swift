/// What a scan comes to as numbers, for thresholds to part; of classes that the model knows and
/// phrases that are short enough, as the built-in calibration has it, since others have no part in a
/// verdict.
extension Sequence<ClassScan> {
  /// The largest share of texts that a single token flips for certain: the lower end of its
  /// interval, 0 … 1.
  public var tokenScore: Double { score(of: \.tokens) }

  /// The same of phrases.
  public var phraseScore: Double {
    score { $0.phrases.filter { $0.ids.count <= ScanCalibration.builtIn.maximumPhraseLength } }
  }

  private func score(of candidates: (TargetScan) -> [Candidate]) -> Double {
    filter { $0.isKnown(.builtIn) }.flatMap(\.targets).flatMap(candidates)
      .map(\.flips.interval.lowerBound).max() ?? 0
  }
}
