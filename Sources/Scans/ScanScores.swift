/// What a scan comes to as numbers, for thresholds to part; of classes that the model knows, since
/// others have no part in a verdict.
extension Sequence<ClassScan> {
  /// The largest share of texts that a single token flips for certain: the lower end of its
  /// interval, 0 … 1.
  public func tokenScore(_ calibration: ScanCalibration = .builtIn) -> Double {
    score(calibration) { $0.tokens }
  }

  /// The same of phrases of so many tokens at most.
  public func phraseScore(upTo length: Int, _ calibration: ScanCalibration = .builtIn) -> Double {
    score(calibration) { $0.phrases.filter { $0.ids.count <= length } }
  }

  private func score(
    _ calibration: ScanCalibration, of candidates: (TargetScan) -> [Candidate]
  ) -> Double {
    filter { $0.isKnown(calibration) }.flatMap(\.targets).flatMap(candidates)
      .map(\.flips.interval.lowerBound).max() ?? 0
  }
}
