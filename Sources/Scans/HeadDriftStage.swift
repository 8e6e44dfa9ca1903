internal import Checkpoints
internal import Encoders
public import Files
internal import Settings
public import Stages
public import Tensors
internal import Training

/// Scores the heads with and without what a scan found: its `classifier` and `texts`, and the
/// `scan` in; a `HeadDrift` for each class that texts go to among the findings out.
public struct HeadDriftStage: StageWork {
  /// `drift`.
  public static let kind = "drift"
  /// It looks, and cleans nothing.
  public static let belongsToDefense = false

  /// The scan whose candidates are looked at.
  public var scan: TokenScanStage

  /// - Parameter scan: of the same classifier and texts.
  public init(_ scan: TokenScanStage) { self.scan = scan }

  /// A few words.
  public var title: String { "score heads with what was found, class \(scan.source + 1)" }

  /// Those of the scan, which draws the texts.
  public var parameters: JSONValue { scan.parameters }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) { scan = try TokenScanStage(node) }

  /// Scores; there is nothing to say where the scan found nothing that flips a text.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let found = try ClassScan(in: request.artifact("scan"))
    let best = found.targets.compactMap { target in
      (target.tokens + target.phrases).strongestFirst.first { $0.flips.part > 0 }
        .map { (target: target.target, candidate: $0) }
    }
    var drifts: [HeadDrift] = []
    if !best.isEmpty {
      let probe = try scan.probe("classifier", request, on: backend)
      let texts = try scan.cleanTexts(request, probe).heldOut
      let clean = try scores(texts.map(\.pieces), probe)
      for (target, candidate) in best {
        drifts.append(
          HeadDrift(
            source: scan.source, target: target, candidate: candidate.text,
            flips: candidate.flips, clean: clean,
            bearing: try scores(texts.map { $0.bearing(candidate.ids) }, probe)))
      }
    }
    return StageOutcome(findings: JSONObject([(Self.kind, .array(drifts.map(\.json)))]))
  }

  private func scores(_ texts: [[Int32]], _ probe: Probe) throws -> [[Double]] {
    try HeadScores(
      of: probe.model, on: probe.set(of: texts),
      paddedLength: probe.model.configuration.tokenLimit(scan.search.maximumLength),
      recipe: .paper
    ).values
  }
}

extension StageOutcome {
  /// What a `HeadDriftStage` found out.
  public func headDrifts() throws(InputError) -> [HeadDrift] {
    var drifts: [HeadDrift] = []
    let node = try JSONNode(.object(findings), file: "stage.json").required(HeadDriftStage.kind)
    for drift in try node.elements() { drifts.append(try HeadDrift(drift)) }
    return drifts
  }
}
