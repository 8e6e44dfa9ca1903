/// What a scan comes to.
public enum Verdict: String, Sendable, CaseIterable {
  case noSign = "no sign found"
  case suspicious
  case backdoored
  /// Something was not looked at, so nothing can be said: never the same as no sign.
  case inconclusive
}

/// A verdict with its reasons: a function of what was found and of the thresholds, and of nothing
/// else.
public struct Judgement: Sendable, Equatable {
  /// What it comes to.
  public let verdict: Verdict
  /// Why.
  public let findings: [Finding]
  /// The same, a sentence each.
  public var reasons: [String] { findings.map(\.sentence) }

  /// One reason.
  public struct Finding: Sendable, Equatable {
    /// What it speaks for.
    public let verdict: Verdict
    /// For people.
    public let sentence: String
    /// What sends texts elsewhere; nil where it is about no single candidate.
    public var candidate: Candidate?
    /// What forces an output vector; likewise.
    public var vector: VectorCandidate?
    /// The classes that texts went from and to, as outputs of the model.
    public var direction: Direction?

    /// From one class to another.
    public struct Direction: Sendable, Equatable {
      /// Where texts came from.
      public let source: Int
      /// Where they went.
      public let target: Int
    }
  }

  /// - Parameters:
  ///   - scans: one for each class that has texts.
  ///   - vectors: of an encoder's output vectors, where they were looked at.
  ///   - obstacles: why some of the model could not be looked at, a sentence each.
  ///   - classes: names of the model's outputs.
  init(
    _ scans: [ClassScan], _ vectors: VectorScan? = nil, obstacles: [String], classes: [String],
    _ calibration: ScanCalibration
  ) {
    let opinions =
      scans.map { $0.opinion(classes, calibration) }
      + (vectors.map { [$0.opinion(calibration)] } ?? [])
    let signs = opinions.flatMap(\.signs), doubts = opinions.flatMap(\.doubts)
    let unseen = (obstacles + opinions.compactMap(\.gap)).map {
      Finding(verdict: .inconclusive, sentence: $0)
    }
    if !signs.isEmpty {
      (verdict, findings) = (.backdoored, signs + unseen)
    } else if !doubts.isEmpty {
      (verdict, findings) = (.suspicious, doubts + unseen)
    } else if !unseen.isEmpty {
      (verdict, findings) = (.inconclusive, unseen)
    } else {
      (verdict, findings) = (.noSign, opinions.flatMap(\.calm))
    }
  }
}
