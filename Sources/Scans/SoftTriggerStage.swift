internal import Checkpoints
internal import Encoders
public import Files
internal import Settings
public import Stages
public import Tensors
internal import Text
internal import Training

/// Inverts a trigger by gradient: `classifier` and `texts` in, a `SoftTrigger` among the findings
/// out. A finished one is kept; an interrupted one begins anew, which costs a minute or two.
public struct SoftTriggerStage: StageWork {
  /// `inversion`.
  public static let kind = "inversion"
  /// It looks, and cleans nothing.
  public static let belongsToDefense = false

  /// The scan whose texts, classes and seed are used.
  public var scan: TokenScanStage
  /// The class that texts are to go to.
  public var target: Int
  /// How far it goes.
  public var search: SoftTriggerSearch

  /// - Parameters:
  ///   - search: of a step at least.
  ///   - scan: of the class whose texts are looked at.
  ///   - target: another of its classes.
  public init(_ search: SoftTriggerSearch, in scan: TokenScanStage, to target: Int) {
    (self.search, self.scan, self.target) = (search, scan, target)
  }

  /// A few words.
  public var title: String { "invert a trigger, class \(scan.source + 1) to \(target + 1)" }

  /// All of it.
  public var parameters: JSONValue {
    ["scan": scan.parameters, "target": .int(target), "soft": .object(search.identity())]
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    scan = try TokenScanStage(node.required("scan"))
    target = try node.required("target").int()
    search = SoftTriggerSearch()
    try search.restore(node.required("soft"))
    guard scan.outputs.contains(target), target != scan.source else {
      throw node.error("goes to a class that no other text has", remedy: "correct it")
    }
  }

  /// Its steps, each through all texts of the search.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    let tokens = TokenSearch.searchTexts * (TokenSearch.searchLength + search.length + 2)
    return StageEffort(trained: search.steps * tokens)
  }

  /// Searches; a model whose outputs are no numbers is an obstacle and no error.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let probe = try scan.probe("classifier", request, on: backend)
    var trigger = SoftTrigger(source: scan.source, target: target)
    do {
      try invert(request, probe, &trigger)
    } catch TrainingError.notFinite {
      trigger.obstacle = .notFinite
    }
    return StageOutcome(findings: JSONObject([(Self.kind, trigger.json)]))
  }

  private func invert(
    _ request: StageRequest, _ probe: Probe, _ trigger: inout SoftTrigger
  ) throws {
    let texts = try scan.cleanTexts(request, probe, room: search.length)
    guard !texts.search.isEmpty, !texts.heldOut.isEmpty else {
      trigger.obstacle = .fewTexts
      return
    }
    let spellable = probe.tokenizer.spellableIDs
    guard !spellable.isEmpty,
      let inversion = try TriggerInversion(
        probe, spellable, length: search.length, in: texts.search, for: target)
    else {
      trigger.obstacle = .noTokens
      return
    }
    let found = try inversion.search(steps: search.steps, seed: scan.seed) {
      request.report(StageProgress(fraction: $0))
    }
    trigger.softLoss = found.softLoss
    let logits = try probe.logits(texts.search.map { $0.bearing(found.tokens) })
    trigger.loss =
      logits.reduce(0) { $0 + crossEntropy(of: target, in: $1) } / Double(logits.count)
    let response = Response(logits)
    trigger.candidate = try probe.counted(
      Scored(candidate: found.tokens, response: response), target, texts)
  }
}

extension StageOutcome {
  /// What a `SoftTriggerStage` found out.
  public func softTrigger() throws(InputError) -> SoftTrigger {
    try SoftTrigger(
      JSONNode(.object(findings), file: "stage.json").required(SoftTriggerStage.kind))
  }
}
