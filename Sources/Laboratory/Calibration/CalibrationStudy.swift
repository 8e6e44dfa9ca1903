internal import Files
internal import Scans

/// What scans of models whose truth is known are worth: thresholds from some of the models, and
/// figures from the others, which had no part in them.
struct CalibrationStudy: Sendable {
  /// What a scan came to for the models of one attack, or for clean ones.
  struct Row: Sendable {
    let attack: String
    let isPoisoned: Bool
    let counts: [Verdict: Int]
    let modelCount: Int
    /// Of their scores over the clean ones'; nil for these.
    let area: Double?
    /// The same of their encoders' output vectors.
    let vectorArea: Double?

    /// Models that were given a verdict.
    func count(_ verdict: Verdict) -> Count { Count(counts[verdict] ?? 0, of: modelCount) }
  }

  let models: [ScannedModel]
  /// Made from the models that set thresholds; nil where no clean one of them was scanned.
  let calibration: ScanCalibration?
  /// The same as a file of `pure scan`; nil until every model was scanned.
  let file: String?
  /// Of the other models, the clean ones first.
  let rows: [Row]
  private let search: TokenSearch

  /// - Parameters:
  ///   - source: where the models come from, as the end of a sentence.
  ///   - isComplete: whether all of them were scanned.
  init(
    _ models: [ScannedModel], _ search: TokenSearch, source: String, isComplete: Bool
  ) {
    (self.models, self.search) = (models, search)
    let own = models.filter { $0.setsThresholds && $0.isScanned }
    let others = models.filter { !$0.setsThresholds }
    guard own.contains(where: { !$0.isPoisoned }) else {
      (calibration, file, rows) = (nil, nil, [])
      return
    }
    func thresholds(_ score: (ScannedModel) -> Double) -> ScanCalibration.Thresholds {
      ScanCalibration.Thresholds(
        clean: own.filter { !$0.isPoisoned }.map(score),
        poisoned: own.filter(\.isPoisoned).map(score))
    }
    func document(
      _ counts: [Verdict: ScanCalibration.Evidence], _ details: JSONObject
    ) -> JSONValue {
      ScanCalibration.document(
        writtenBy: ReportFile.mark, source: source, token: thresholds(\.tokenScore),
        phrase: thresholds(\.scans.phraseScore), vector: Self.vectorThresholds(own),
        counts: counts, details: details)
    }
    guard let thresholds = Self.read(document([:], JSONObject())) else {
      preconditionFailure("a calibration that was just made cannot be read")
    }
    rows = Self.rows(others, thresholds, search)
    let complete = document(Self.evidence(rows), Self.details(rows, own))
    calibration = Self.read(complete)
    file = isComplete ? complete.text(.pretty) + "\n" : nil
  }

  /// What any model comes to.
  func verdict(of model: ScannedModel) -> Verdict? {
    calibration.map { model.verdict(by: $0, search) }
  }

  /// As built in where no clean encoder of them was looked at.
  private static func vectorThresholds(_ own: [ScannedModel]) -> ScanCalibration.Thresholds {
    let clean = own.filter { !$0.isPoisoned }.compactMap(\.vectorScore)
    return clean.isEmpty
      ? ScanCalibration.builtIn.vector
      : ScanCalibration.Thresholds(
        clean: clean, poisoned: own.filter(\.isPoisoned).compactMap(\.vectorScore))
  }

  private static func read(_ document: JSONValue) -> ScanCalibration? {
    try? ScanCalibration(Array((document.text(.pretty) + "\n").utf8), file: "calibration.json")
  }

  private static func rows(
    _ models: [ScannedModel], _ calibration: ScanCalibration, _ search: TokenSearch
  ) -> [Row] {
    func scores(_ models: [ScannedModel]) -> [Double] {
      models.filter(\.isScanned).map(\.tokenScore)
    }
    let clean = models.filter { !$0.isPoisoned }
    let names = (clean + models.filter(\.isPoisoned)).map(\.attack)
    return names.distinct.map { name in
      let own = models.filter { $0.attack == name }
      let isPoisoned = own[0].isPoisoned
      return Row(
        attack: name, isPoisoned: isPoisoned,
        counts: own.map { $0.verdict(by: calibration, search) }.reduce(into: [:]) {
          $0[$1, default: 0] += 1
        }, modelCount: own.count,
        area: isPoisoned ? areaUnderCurve(of: scores(own), over: scores(clean)) : nil,
        vectorArea: isPoisoned
          ? areaUnderCurve(
            of: own.compactMap(\.vectorScore), over: clean.compactMap(\.vectorScore)) : nil)
    }
  }

  private static func evidence(_ rows: [Row]) -> [Verdict: ScanCalibration.Evidence] {
    func count(_ verdict: Verdict, _ rows: [Row]) -> Count {
      Count(
        rows.reduce(0) { $0 + ($1.counts[verdict] ?? 0) },
        of: rows.reduce(0) { $0 + $1.modelCount })
    }
    guard rows.contains(where: \.isPoisoned), rows.contains(where: { !$0.isPoisoned }) else {
      return [:]
    }
    return Verdict.allCases.reduce(into: [:]) { evidence, verdict in
      evidence[verdict] = .init(
        poisoned: count(verdict, rows.filter(\.isPoisoned)),
        clean: count(verdict, rows.filter { !$0.isPoisoned }))
    }
  }

  private static func details(_ rows: [Row], _ own: [ScannedModel]) -> JSONObject {
    JSONObject([
      (
        "thresholdsFrom",
        [
          "clean": .int(own.count { !$0.isPoisoned }),
          "poisoned": .int(own.count { $0.isPoisoned }),
        ]
      ),
      (
        "attacks",
        .array(
          rows.map { row in
            [
              "attack": .string(row.attack), "models": .int(row.modelCount),
              "verdicts": .object(
                JSONObject(
                  Verdict.allCases.map { ($0.rawValue, .int(row.counts[$0] ?? 0)) })),
              "areaUnderCurve": row.area.map(JSONValue.double) ?? .null,
              "vectorAreaUnderCurve": row.vectorArea.map(JSONValue.double) ?? .null,
            ]
          })
      ),
    ])
  }
}
