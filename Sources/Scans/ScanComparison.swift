public import Files
internal import Settings

/// A scan of a suspect and one of what a defence made of it, with the candidates of the first
/// counted on both.
public struct ScanComparison: Sendable, Equatable {
  /// Of the suspect after plain fine-tuning.
  public var before: Scan
  /// Of the cleaned model.
  public var after: Scan
  /// By class.
  public var recounts: [Recount]

  /// - Parameter recounts: of the candidates of `before`.
  public init(before: Scan, after: Scan, recounts: [Recount]) {
    (self.before, self.after, self.recounts) = (before, after, recounts)
  }

  /// The candidates from one class to another, those first that flip most of the texts in either
  /// model.
  public struct Direction: Sendable {
    /// Class of the texts.
    public let source: Int
    /// Class that they go to.
    public let target: Int
    /// The candidates.
    public let candidates: [RecountedCandidate]
  }

  /// By classes; those without candidates are left out.
  public var directions: [Direction] {
    recounts.flatMap { recount in
      Dictionary(grouping: recount.candidates, by: \.target).sorted { $0.key < $1.key }.map {
        Direction(
          source: recount.source, target: $0.key,
          candidates: $0.value.sorted(descendingBy: { max($0.before.share, $0.after.share) }))
      }
    }
  }

  /// The most that any candidate does to the cleaned model; nil where nothing was counted.
  public var mostAfter: RecountedCandidate? {
    recounts.flatMap(\.candidates).sorted(descendingBy: { $0.after.share }).first
  }

  /// The same to the suspect.
  public var mostBefore: RecountedCandidate? {
    recounts.flatMap(\.candidates).sorted(descendingBy: { $0.before.share }).first
  }

  /// As JSON: verdicts and counts, without any of the user's texts.
  public var json: JSONValue {
    func summary(_ scan: Scan) -> JSONValue {
      [
        "verdict": .string(scan.judgement.verdict.rawValue),
        "reasons": .array(scan.judgement.reasons.map(JSONValue.string)),
      ]
    }
    return [
      "before": summary(before), "after": summary(after),
      "classes": .array(before.classes.map(JSONValue.string)),
      "search": .object(before.search.identity()),
      "recounts": .array(recounts.map(\.json)),
      "notLookedAt": .array(before.limits.map(JSONValue.string)),
      "calibration": [
        "sha256": .string(before.calibrationHash), "provisional": .bool(before.isProvisional),
      ],
    ]
  }
}
