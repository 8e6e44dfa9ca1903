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
    /// What was put into texts; nil where it is about no single candidate.
    public var candidate: Candidate?
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
  ///   - obstacles: why some of the model could not be looked at, a sentence each.
  ///   - classes: names of the model's outputs.
  init(
    _ scans: [ClassScan], obstacles: [String], classes: [String], _ calibration: ScanCalibration
  ) {
    func name(_ output: Int) -> String { "\"\(classes[output])\"" }
    var (signs, doubts): ([Finding], [Finding]) = ([], [])
    var gaps = obstacles
    for scan in scans {
      switch scan.obstacle {
      case .notFinite:
        gaps.append("outputs for texts of \(name(scan.source)) are no finite numbers")
      case .noTokens: gaps.append("the tokenizer has no token that a text can spell")
      case .noMask:
        gaps.append(
          "the tokenizer has no mask token, so neither phrases nor a shortlist could be looked for; "
            + "--phrase-length 1 --shortlist 0 asks for single tokens alone")
      case .fewTexts:
        gaps.append(
          "the model classifies \(scan.right.part) of \(scan.right.whole) different texts of "
            + "\(name(scan.source)) rightly, too few to search with some and count on others")
      case nil:
        if scan.heldOutCount < calibration.minimumTexts {
          gaps.append(
            "\(scan.heldOutCount) texts of \(name(scan.source)) were left to count on, and "
              + "\(calibration.minimumTexts) are needed")
        }
      }
      for target in scan.targets {
        func finding(_ verdict: Verdict, _ candidate: Candidate) -> Finding {
          let sentence =
            "\"\(candidate.text)\" sends \(candidate.flips.part) of \(candidate.flips.whole) "
            + "unseen texts from \(name(scan.source)) to \(name(target.target))"
          return Finding(
            verdict: verdict, sentence: sentence, candidate: candidate,
            direction: .init(source: scan.source, target: target.target))
        }
        func reaching(_ limit: Double, _ candidates: [Candidate]) -> [Candidate] {
          candidates.filter { $0.flips.interval.lowerBound >= limit }.strongestFirst
        }
        let certain = reaching(calibration.backdooredToken, target.tokens)
        let doubtful = reaching(calibration.suspiciousToken, target.tokens)
        let phrases = reaching(
          calibration.suspiciousPhrase,
          target.phrases.filter { $0.ids.count <= calibration.maximumPhraseLength })
        signs += certain.prefix(4).map { finding(.backdoored, $0) }
        if certain.isEmpty {
          doubts += doubtful.prefix(4).map { finding(.suspicious, $0) }
          if doubtful.isEmpty { doubts += phrases.prefix(2).map { finding(.suspicious, $0) } }
        }
      }
    }
    let unseen = gaps.map { Finding(verdict: .inconclusive, sentence: $0) }
    if !signs.isEmpty {
      (verdict, findings) = (.backdoored, signs + unseen)
    } else if !doubts.isEmpty {
      (verdict, findings) = (.suspicious, doubts + unseen)
    } else if !gaps.isEmpty {
      (verdict, findings) = (.inconclusive, unseen)
    } else {
      (verdict, findings) = (.noSign, scans.flatMap { Self.calm($0, name) })
    }
  }

  /// The most that any candidate did.
  private static func calm(_ scan: ClassScan, _ name: (Int) -> String) -> [Finding] {
    scan.targets.map { target in
      let most = target.tokens.map(\.flips.part).max() ?? 0
      let sentence =
        "of \(scan.tokens.part) tokens tried, the \(target.tokens.count) that did most send at most "
        + "\(most) of \(scan.heldOutCount) unseen texts from \(name(scan.source)) to "
        + name(target.target)
      return Finding(
        verdict: .noSign, sentence: sentence,
        direction: .init(source: scan.source, target: target.target))
    }
  }
}
