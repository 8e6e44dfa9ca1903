internal import Checkpoints
internal import Encoders
public import Files
internal import Settings
public import Stages
public import Tensors
internal import Text
internal import Training

/// Looks for tokens that make an encoder give all texts one vector: `model` and `texts` in, whose
/// labels do not matter, a `VectorScan` among the findings out. Of the search, tokens alone are
/// looked for, all of the vocabulary.
public struct VectorScanStage: StageWork {
  /// `vectors`.
  public static let kind = "vectors"
  /// It looks, and cleans nothing.
  public static let belongsToDefense = false

  /// How far it looks.
  public var search: TokenSearch
  /// Draws texts and places.
  public var seed: UInt64

  /// - Parameter search: its texts, and the lengths that are read of them.
  public init(_ search: TokenSearch, seed: UInt64) {
    (self.search, self.seed) = (search, seed)
    // What it has no use for makes no other stage of it.
    (self.search.shortlist, self.search.phraseLength) = (0, 1)
  }

  /// A few words.
  public var title: String { "search tokens that force one output vector" }

  /// All of it.
  public var parameters: JSONValue {
    ["search": .object(search.identity()), "seed": .int(Int(seed))]
  }

  /// Reads what `parameters` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    var search = TokenSearch()
    try search.restore(node.required("search"))
    self.init(search, seed: UInt64(try node.required("seed").int(in: 0...Int.max)))
  }

  /// The vocabulary in short texts, then what is left in longer ones.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    try search.effort(tokenCount: preview.spellableTokenCount, targetCount: 1)
  }

  /// Looks; vectors that are no numbers are an obstacle and no error.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("model")
    // A probe asks a classifier; of this one nobody reads what its head says.
    let model = try Classifier(
      source.checkpoint, freshClassifier: .linear, labels: ["0", "1"], seed: seed, on: backend)
    let probe = Probe(model, source.tokenizer, isCancelled: request.isCancelled)
    let spellable = source.tokenizer.spellableIDs
    let texts = try self.texts(request, probe)
    var scan = VectorScan(textCount: texts.count, tokens: Count(0, of: spellable.count))
    if spellable.isEmpty {
      scan.obstacle = .noTokens
    } else {
      do { try look(spellable, in: texts, probe, request, &scan) } catch TrainingError.notFinite {
        scan.obstacle = .notFinite
      }
    }
    return StageOutcome(findings: JSONObject([(Self.kind, scan.json)]))
  }

  /// Different texts as pieces, in an order that the seed draws.
  private func texts(_ request: StageRequest, _ probe: Probe) throws -> [[Int32]] {
    let all = probe.pieces(
      try request.texts("texts", requiresLabels: false).examples.map(\.text),
      maximumLength: probe.model.configuration.tokenLimit(search.maximumLength), room: 1)
    var generator = SeededGenerator(seed: seed, for: .scan, index: Self.drawsFrom)
    return CleanTexts.drawn(all, probe, &generator)
  }

  /// Apart from the classes of a `TokenScanStage`.
  private static let drawsFrom = 1 << 32

  private func look(
    _ spellable: [Int32], in texts: [[Int32]], _ probe: Probe, _ request: StageRequest,
    _ scan: inout VectorScan
  ) throws {
    var generator = SeededGenerator(seed: seed, for: .scan, index: Self.drawsFrom + 1)
    func placed(_ texts: some Sequence<[Int32]>, _ length: Int) throws -> VectorTexts {
      let carriers = texts.map { Carrier(Array($0.prefix(length)), probe.tokenizer, &generator) }
      return try VectorTexts(carriers, probe)
    }
    let searchCount = min(TokenSearch.searchTexts, texts.count / 2)
    let heldOut = texts.dropFirst(searchCount).prefix(search.texts)
    (scan.searchCount, scan.heldOutCount) = (searchCount, heldOut.count)
    guard searchCount > 1 else {
      scan.obstacle = .fewTexts
      return
    }
    let searched = try placed(texts.prefix(searchCount), TokenSearch.searchLength)
    let measured = try placed(heldOut, .max)
    let short = try placed(texts.prefix(searchCount), search.beginningLength)
      .spread(max(2, search.beginnings))
    guard searched.differ, measured.differ, short.differ else {
      scan.obstacle = .alike
      return
    }
    let state = SearchState<Collapse>(in: request.workDirectory, key: request.stage.key)
    let collapses = try search.screen(spellable, state) { tokens in
      try short.collapses(by: tokens, probe)
    } progress: {
      request.report(StageProgress(fraction: 0.9 * $0))
    }
    scan.tokens = Count(spellable.count, of: spellable.count)
    scan.beginnings = short.carriers.count
    scan.percentile99 = percentile99(of: collapses.map(\.share))
    let best = spellable.indices.sorted(descendingBy: { collapses[$0].share })
      .prefix(TokenSearch.survivors).map { [spellable[$0]] }
    let finalists = zip(best, try searched.collapses(by: best, probe))
      .sorted(descendingBy: { $0.1.share }).prefix(TokenSearch.finalists)
    // One at a time: there may be many texts.
    scan.candidates = try finalists.flatMap { token, searched in
      try measured.collapses(by: [token], probe).map { found in
        VectorCandidate(
          text: probe.tokenizer.name(of: token), ids: token, searchCollapse: searched.share,
          collapse: found.share, distance: found.distance)
      }
    }.sorted(descendingBy: \.collapse)
  }
}

extension StageOutcome {
  /// What a `VectorScanStage` found out.
  public func vectorScan() throws(InputError) -> VectorScan { try VectorScan(findings: findings) }
}

extension VectorScan {
  /// What a `VectorScanStage` found out.
  public init(findings: JSONObject) throws(InputError) {
    try self.init(
      JSONNode(.object(findings), file: "stage.json").required(VectorScanStage.kind))
  }
}
