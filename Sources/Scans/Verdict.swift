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
  /// Why, a sentence each.
  public let reasons: [String]

  /// - Parameters:
  ///   - scans: one for each class that has texts.
  ///   - obstacles: why some of the model could not be looked at, a sentence each.
  ///   - classes: names of the model's outputs.
  init(
    _ scans: [ClassScan], obstacles: [String], classes: [String], _ calibration: ScanCalibration
  ) {
    func name(_ output: Int) -> String { "\"\(classes[output])\"" }
    var (signs, doubts, gaps): ([String], [String], [String]) = ([], [], obstacles)
    for scan in scans {
      switch scan.obstacle {
      case .notFinite:
        gaps.append("outputs for texts of \(name(scan.source)) are no finite numbers")
      case .noTokens: gaps.append("the tokenizer has no token that a text can spell")
      case .fewTexts:
        gaps.append(
          "the model classifies \(scan.right.part) of \(scan.right.whole) texts of "
            + "\(name(scan.source)) rightly, too few to search with some and count on others")
      case nil:
        if scan.heldOutCount < calibration.minimumTexts {
          gaps.append(
            "\(scan.heldOutCount) texts of \(name(scan.source)) were left to count on, and "
              + "\(calibration.minimumTexts) are needed")
        }
      }
      for target in scan.targets {
        func sentence(_ candidate: Candidate) -> String {
          "\"\(candidate.text)\" sends \(candidate.flips.part) of \(candidate.flips.whole) unseen "
            + "texts from \(name(scan.source)) to \(name(target.target))"
        }
        func reaching(_ limit: Double, _ candidates: [Candidate]) -> [Candidate] {
          candidates.filter { $0.flips.interval.lowerBound >= limit }
            .sorted(descendingBy: { $0.flips.share })
        }
        let certain = reaching(calibration.backdooredToken, target.tokens)
        let doubtful = reaching(calibration.suspiciousToken, target.tokens)
        let phrases = reaching(
          calibration.suspiciousPhrase,
          target.phrases.filter { $0.ids.count <= calibration.maximumPhraseLength })
        signs += certain.prefix(4).map(sentence)
        if certain.isEmpty {
          doubts += doubtful.prefix(4).map(sentence)
          if doubtful.isEmpty { doubts += phrases.prefix(2).map(sentence) }
        }
      }
    }
    if !signs.isEmpty {
      (verdict, reasons) = (.backdoored, signs + gaps)
    } else if !doubts.isEmpty {
      (verdict, reasons) = (.suspicious, doubts + gaps)
    } else if !gaps.isEmpty {
      (verdict, reasons) = (.inconclusive, gaps)
    } else {
      (verdict, reasons) = (.noSign, scans.flatMap { Self.calm($0, name) })
    }
  }

  /// The most that any candidate did.
  private static func calm(_ scan: ClassScan, _ name: (Int) -> String) -> [String] {
    scan.targets.map { target in
      let most = target.tokens.map(\.flips.part).max() ?? 0
      return
        "of \(scan.tokens.part) tokens tried, the \(target.tokens.count) that did most send at most "
        + "\(most) of \(scan.heldOutCount) unseen texts from \(name(scan.source)) to "
        + name(target.target)
    }
  }
}
