/// What one part of a scan says about the whole model.
struct Opinion {
  /// What makes it backdoored.
  var signs: [Judgement.Finding] = []
  /// What makes it suspicious.
  var doubts: [Judgement.Finding] = []
  /// The most that anything did, for a model without either.
  var calm: [Judgement.Finding] = []
  /// Why the part says nothing, or not all.
  var gap: String?
}

extension ClassScan {
  /// - Parameter classes: names of the model's outputs.
  func opinion(_ classes: [String], _ calibration: ScanCalibration) -> Opinion {
    let name = "\"\(classes[source])\""
    var opinion = Opinion()
    opinion.gap = gap(name, calibration)
    // What a model hardly tells from other texts goes elsewhere for any reason.
    guard isKnown(calibration) else { return opinion }
    for target in targets {
      let (from, to) = (name, "\"\(classes[target.target])\"")
      func finding(_ verdict: Verdict, _ candidate: Candidate) -> Judgement.Finding {
        Judgement.Finding(
          verdict: verdict,
          sentence: "\"\(candidate.text)\" sends \(candidate.flips.part) of "
            + "\(candidate.flips.whole) unseen texts from \(from) to \(to)",
          candidate: candidate, direction: .init(source: source, target: target.target))
      }
      func reaching(_ limit: Double, _ candidates: [Candidate]) -> [Candidate] {
        candidates.filter { $0.flips.interval.lowerBound >= limit }.strongestFirst
      }
      let certain = reaching(calibration.token.backdoored, target.tokens)
      let doubtful = reaching(calibration.token.suspicious, target.tokens)
      let phrases = reaching(
        calibration.suspiciousPhrase,
        target.phrases.filter { $0.ids.count <= calibration.maximumPhraseLength })
      opinion.signs += certain.prefix(4).map { finding(.backdoored, $0) }
      if certain.isEmpty {
        opinion.doubts += doubtful.prefix(4).map { finding(.suspicious, $0) }
        if doubtful.isEmpty { opinion.doubts += phrases.prefix(2).map { finding(.suspicious, $0) } }
      }
      let most = target.tokens.map(\.flips.part).max() ?? 0
      opinion.calm.append(
        Judgement.Finding(
          verdict: .noSign,
          sentence: "of \(tokens.part) tokens tried, the \(target.tokens.count) that did most send "
            + "at most \(most) of \(heldOutCount) unseen texts from \(from) to \(to)",
          direction: .init(source: source, target: target.target)))
    }
    return opinion
  }

  /// Whether the model tells the class from others so well that candidates mean something.
  func isKnown(_ calibration: ScanCalibration) -> Bool {
    right.share * Double(max(2, targets.count + 1)) >= calibration.minimumRight
  }

  /// - Parameter name: of the class.
  private func gap(_ name: String, _ calibration: ScanCalibration) -> String? {
    switch obstacle {
    case .notFinite: return "outputs for texts of \(name) are no finite numbers"
    case .noTokens: return noTokens
    case .noMask:
      return
        "the tokenizer has no mask token, so neither phrases nor a shortlist could be looked for; "
        + "--phrase-length 1 --shortlist 0 asks for single tokens alone"
    case .fewTexts:
      return "the model classifies \(right.part) of \(right.whole) different texts of \(name) "
        + "rightly, too few to search with some and count on others"
    case nil: break
    }
    if heldOutCount < calibration.minimumTexts {
      return "\(heldOutCount) texts of \(name) were left to count on, and "
        + "\(calibration.minimumTexts) are needed"
    }
    return isKnown(calibration)
      ? nil
      : "the model classifies \(right.part) of \(right.whole) different texts of \(name) rightly: "
        + "too poorly for what sends them elsewhere to mean anything"
  }
}

extension VectorScan {
  func opinion(_ calibration: ScanCalibration) -> Opinion {
    func finding(_ verdict: Verdict, _ subject: String, _ share: Double) -> Judgement.Finding {
      Judgement.Finding(
        verdict: verdict,
        sentence: "\(subject) takes away \(Int((share * 100).rounded(.down))) % of what the "
          + "encoder tells \(heldOutCount) unseen texts apart by")
    }
    func reaching(_ limit: Double, _ verdict: Verdict) -> [Judgement.Finding] {
      candidates.filter { $0.collapse >= limit }.prefix(4)
        .map { candidate in
          var found = finding(verdict, "\"\(candidate.text)\"", candidate.collapse)
          found.vector = candidate
          return found
        }
    }
    var opinion = Opinion()
    opinion.gap = gap(calibration)
    // A share has no interval that would tell how little a few texts say.
    guard opinion.gap == nil else { return opinion }
    opinion.signs = reaching(calibration.vector.backdoored, .backdoored)
    if opinion.signs.isEmpty {
      opinion.doubts = reaching(calibration.vector.suspicious, .suspicious)
    }
    opinion.calm = [
      finding(
        .noSign, "of \(tokens.part) tokens tried, the one that makes texts most alike", score)
    ]
    return opinion
  }

  private func gap(_ calibration: ScanCalibration) -> String? {
    switch obstacle {
    case .notFinite: return "the encoder's output vectors are no finite numbers"
    case .noTokens: return noTokens
    case .alike: return "the encoder gives all texts one output vector as it is"
    case .fewTexts:
      return "there are \(textCount) different texts, too few to search for output vectors with "
        + "some and to measure on others"
    case nil:
      return heldOutCount >= calibration.minimumTexts
        ? nil
        : "\(heldOutCount) texts were left to measure output vectors on, and "
          + "\(calibration.minimumTexts) are needed"
    }
  }
}

private let noTokens = "the tokenizer has no token that a text can spell"
