public import Files
internal import Settings

/// All that a scan has to say: what every format of a report is written from.
public struct Scan: Sendable, Equatable {
  /// Names of the model's outputs.
  public var classes: [String]
  /// One for each class that was looked at.
  public var scans: [ClassScan]
  /// What was found out about an encoder's output vectors; nil where a classifier was scanned with
  /// the head that it has.
  public var vectors: VectorScan?
  /// Why some of the model could not be looked at, a sentence each.
  public var obstacles: [String]
  /// What was inverted by gradient; none where that was not asked for.
  public var softTriggers: [SoftTrigger]
  /// What the best candidates do to the heads.
  public var headDrifts: [HeadDrift]
  /// How far it looked.
  public var search: TokenSearch
  /// Verdict and reasons.
  public let judgement: Judgement
  /// SHA-256 of the thresholds' file.
  public let calibrationHash: String
  /// Whether no calibration stands behind the thresholds yet.
  public let isProvisional: Bool
  /// How often models whose truth is known were given the same verdict; nil where that was not
  /// measured, as it is not for verdicts that output vectors have a part in.
  public let evidence: ScanCalibration.Evidence?

  /// Judges what was found.
  public init(
    classes: [String], scans: [ClassScan], vectors: VectorScan? = nil,
    softTriggers: [SoftTrigger] = [],
    headDrifts: [HeadDrift] = [], obstacles: [String] = [], search: TokenSearch,
    _ calibration: ScanCalibration = .builtIn
  ) {
    (self.classes, self.scans, self.obstacles) = (classes, scans, obstacles)
    self.vectors = vectors
    (self.search, self.softTriggers, self.headDrifts) = (search, softTriggers, headDrifts)
    calibrationHash = calibration.hash
    isProvisional = calibration.isProvisional
    var obstacles = obstacles
    if scans.isEmpty, obstacles.isEmpty { obstacles.append("no class was looked at") }
    for output in classes.indices
    where !scans.isEmpty && !scans.contains(where: { $0.source == output }) {
      obstacles.append("no text of \"\(classes[output])\" was looked at")
    }
    judgement = Judgement(scans, vectors, obstacles: obstacles, classes: classes, calibration)
    evidence = vectors == nil ? calibration.evidence[judgement.verdict] : nil
  }

  /// What no search of this kind finds, a sentence each.
  public var limits: [String] {
    [
      "Triggers that are no words, such as a syntax or a style, are not looked for: HiddenKiller "
        + "and StyleBkd go unseen.",
      search.phraseLength > 1
        ? "Phrases were looked for up to \(search.phraseLength) tokens, by a search that can miss "
          + "some; a longer sentence shows by its strongest part, or not at all."
        : "Phrases were not looked for.",
      "A backdoor that needs something else in the text as well, such as a topic, goes unseen "
        + "unless the texts have it.",
    ]
      + (vectors == nil
        ? [] : ["What phrases do to output vectors was not looked at: single tokens were tried."])
      + (softTriggers.isEmpty
        ? ["Longer triggers were not looked for by gradient."]
        : [
          "Triggers that were inverted by gradient have no part in the verdict: models without a "
            + "backdoor have some too."
        ])
      + (search.shortlist > 0
        ? ["Only tokens that the gradient likes best were tried, and not the whole vocabulary."]
        : [])
  }
}

extension Scan {
  /// As JSON.
  public var json: JSONValue {
    [
      "verdict": .string(judgement.verdict.rawValue),
      "reasons": .array(judgement.reasons.map(JSONValue.string)),
      "notLookedAt": .array(limits.map(JSONValue.string)),
      "classes": .array(classes.map(JSONValue.string)), "scans": .array(scans.map(\.json)),
      "vectors": vectors?.json ?? .null,
      "softTriggers": .array(softTriggers.map(\.json)),
      "headDrifts": .array(headDrifts.map(\.json)),
      "obstacles": .array(obstacles.map(JSONValue.string)),
      "search": .object(search.identity()), "likelihoodRatio": evidence?.ratio.json ?? .null,
      "calibration": ["sha256": .string(calibrationHash), "provisional": .bool(isProvisional)],
    ]
  }

  /// Reads what `json` wrote, and judges it anew.
  public init(_ node: JSONNode, _ calibration: ScanCalibration = .builtIn) throws(InputError) {
    var search = TokenSearch()
    try search.restore(node.required("search"))
    var scans: [ClassScan] = []
    for scan in try node.required("scans").elements() { scans.append(try ClassScan(scan)) }
    var triggers: [SoftTrigger] = []
    for trigger in try node.optional("softTriggers")?.elements() ?? [] {
      triggers.append(try SoftTrigger(trigger))
    }
    var drifts: [HeadDrift] = []
    for drift in try node.optional("headDrifts")?.elements() ?? [] {
      drifts.append(try HeadDrift(drift))
    }
    let vectors = try node.optional("vectors").map { node throws(InputError) in
      try VectorScan(node)
    }
    let classes = try node.required("classes").texts()
    let obstacles = try node.required("obstacles").texts()
    let outputs =
      scans.map(\.source) + scans.flatMap(\.targets).map(\.target)
      + triggers.flatMap { [$0.source, $0.target] } + drifts.flatMap { [$0.source, $0.target] }
    guard outputs.allSatisfy(classes.indices.contains) else {
      throw node.error("names a class that the model has not", remedy: "run the scan again")
    }
    self.init(
      classes: classes, scans: scans, vectors: vectors, softTriggers: triggers, headDrifts: drifts,
      obstacles: obstacles, search: search, calibration)
  }
}
