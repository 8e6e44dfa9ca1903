internal import Encoders
public import Files
public import Stages
public import Tensors
internal import Training

/// Counts what the candidates of a scan do to the model that it looked at, and to what was made of
/// that one: the classifiers `before` and `after`, the `scan` and its `texts` in; a `Recount` among
/// the findings out.
///
/// Both are counted on the texts that the scan held out, as far as both models take them for what
/// they are: what changes is then the candidate's doing, and not the accuracy's.
public struct RecountStage: StageWork {
  /// `recount`.
  public static let kind = "recount"
  /// It looks, and cleans nothing.
  public static let belongsToDefense = false

  /// The scan whose candidates are counted.
  public var scan: TokenScanStage

  /// - Parameter scan: looks at `before`.
  public init(_ scan: TokenScanStage) { self.scan = scan }

  /// A few words.
  public var title: String { "count what was found, class \(scan.source + 1)" }

  /// Those of the scan, which draws the texts.
  public var parameters: JSONValue { scan.parameters }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) { scan = try TokenScanStage(node) }

  /// Counts; a model whose outputs are no numbers is an obstacle and no error.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let found = try ClassScan(in: request.artifact("scan"))
    let before = try scan.probe("before", request, on: backend)
    let after = try scan.probe("after", request, on: backend)
    // A scan may have found something and missed something else.
    var recount = Recount(
      source: scan.source, textCount: 0, candidates: [],
      obstacle: found.targets.isEmpty ? found.obstacle : nil)
    do {
      if !found.targets.isEmpty {
        let heldOut = try scan.cleanTexts(request, before).heldOut
        try count(found, on: heldOut, before, after, &recount)
      }
    } catch TrainingError.notFinite {
      recount.obstacle = .notFinite
    }
    return StageOutcome(findings: JSONObject([(Self.kind, recount.json)]))
  }

  private func count(
    _ found: ClassScan, on heldOut: [Carrier], _ before: Probe, _ after: Probe,
    _ recount: inout Recount
  ) throws {
    let right = zip(heldOut, try after.logits(heldOut.map(\.pieces))).filter {
      predictedClass($1) == scan.source
    }.map(\.0)
    recount.textCount = right.count
    guard !right.isEmpty else {
      recount.obstacle = .fewTexts
      return
    }
    for target in found.targets {
      let candidates = target.tokens + target.phrases
      func counts(_ probe: Probe) throws -> [Count] {
        try probe.responses(to: candidates.map(\.ids), in: right).map {
          Count($0.counts[target.target], of: right.count)
        }
      }
      for (candidate, flips) in zip(candidates, zip(try counts(before), try counts(after))) {
        recount.candidates.append(
          RecountedCandidate(
            text: candidate.text, target: target.target, before: flips.0, after: flips.1))
      }
    }
  }
}

extension StageOutcome {
  /// What a `RecountStage` found out.
  public func recount() throws(InputError) -> Recount {
    try Recount(JSONNode(.object(findings), file: "stage.json").required(RecountStage.kind))
  }
}
