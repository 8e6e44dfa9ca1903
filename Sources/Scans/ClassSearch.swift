internal import Checkpoints
internal import Encoders
internal import Stages
internal import Text
internal import Training

/// The whole search for one class.
struct ClassSearch {
  private let stage: TokenScanStage
  private let probe: Probe
  private let request: StageRequest

  init(_ stage: TokenScanStage, _ probe: Probe, _ request: StageRequest) {
    (self.stage, self.probe, self.request) = (stage, probe, request)
  }

  private var search: TokenSearch { stage.search }

  /// What is found; also where there is an obstacle.
  func run(_ pieces: [[Int32]]) throws -> ClassScan {
    let spellable = probe.tokenizer.spellableIDs
    var scan = ClassScan(
      source: stage.source, right: Count(0, of: pieces.count), searchCount: 0, heldOutCount: 0,
      tokens: Count(0, of: spellable.count), beginnings: 0, targets: [])
    guard !spellable.isEmpty else {
      scan.obstacle = .noTokens
      return scan
    }
    do {
      let texts = try CleanTexts(
        pieces, source: stage.source, for: search, probe, seed: stage.seed)
      scan.right = Count(texts.rightCount, of: texts.count)
      scan.searchCount = texts.search.count
      scan.heldOutCount = texts.heldOut.count
      guard !texts.beginnings.isEmpty, !texts.heldOut.isEmpty else {
        scan.obstacle = .fewTexts
        return scan
      }
      try look(spellable, in: texts, &scan)
    } catch TrainingError.notFinite {
      scan.obstacle = .notFinite
    }
    return scan
  }

  private func look(_ spellable: [Int32], in texts: CleanTexts, _ scan: inout ClassScan) throws {
    let firstOrder = try FirstOrder(probe)
    if firstOrder == nil, search.phraseLength > 1 || search.shortlist > 0 {
      scan.obstacle = .noMask
    }
    let targets = stage.outputs.sorted().filter { $0 != stage.source }
    let orders = try targets.map { target in
      try firstOrder?.best(spellable.count, of: spellable, for: target, in: texts.beginnings) ?? []
    }
    let tokens = shortlisted(spellable, by: orders)
    let state = SearchState<Response>(in: request.workDirectory, key: request.stage.key)
    // Of the time that all takes, most goes into the vocabulary.
    let beginnings = Array(texts.beginnings.prefix(search.beginnings))
    let responses = try search.screen(tokens, state) { tokens in
      try probe.responses(to: tokens, in: beginnings)
    } progress: {
      request.report(StageProgress(fraction: 0.8 * $0))
    }
    scan.tokens = Count(tokens.count, of: spellable.count)
    scan.beginnings = beginnings.count
    for (index, target) in targets.enumerated() {
      let found = try search.found(target, tokens, responses, in: texts, probe)
      let phrases =
        try firstOrder.map { firstOrder in
          try PhraseSearch(probe: probe, firstOrder: firstOrder, tokens: spellable).phrases(
            from: found.survivors, upTo: search.phraseLength, for: target, in: texts.search
          ) { share in
            let done = (Double(index) + share) / Double(targets.count)
            request.report(StageProgress(fraction: 0.8 + 0.2 * done))
          }
        } ?? []
      scan.targets.append(
        TargetScan(
          target: target,
          percentile99: Count(found.percentile99.counts[target], of: beginnings.count),
          tokens: try counted(
            found.survivors.prefix(TokenSearch.finalists), target, texts, ranks: orders[index]),
          phrases: try phrases.flatMap { try counted($0.prefix(4), target, texts) }))
    }
  }

  /// The best by the gradient for any class, in the vocabulary's order; all without a shortlist.
  private func shortlisted(_ spellable: [Int32], by orders: [[Int32]]) -> [Int32] {
    guard search.shortlist > 0, search.shortlist < spellable.count, !orders.joined().isEmpty
    else { return spellable }
    let chosen = Set(orders.flatMap { $0.prefix(search.shortlist) })
    return spellable.filter(chosen.contains)
  }

  /// Candidates on texts that no search has seen.
  private func counted(
    _ scored: some Sequence<Scored>, _ target: Int, _ texts: CleanTexts, ranks: [Int32] = []
  ) throws -> [Candidate] {
    try scored.map { try probe.counted($0, target, texts, ranks: ranks) }
  }
}

extension Probe {
  /// A candidate on texts that no search has seen.
  ///
  /// - Parameter ranks: tokens in the order of the gradient.
  func counted(
    _ scored: Scored, _ target: Int, _ texts: CleanTexts, ranks: [Int32] = []
  ) throws -> Candidate {
    let bearing = texts.heldOut.map { $0.bearing(scored.candidate) }
    let flipped = zip(bearing, try logits(bearing)).filter { predictedClass($1) == target }
    return Candidate(
      text: tokenizer.name(of: scored.candidate), ids: scored.candidate,
      searchFlips: Count(scored.response.counts[target], of: texts.search.count),
      flips: Count(flipped.count, of: bearing.count),
      gradientRank: scored.candidate.first.flatMap { ranks.firstIndex(of: $0) }.map { $0 + 1 },
      examples: flipped.prefix(3).map { tokenizer.text(of: $0.0) })
  }
}

extension Tokenizer {
  /// What tokens spell, with a mark where they begin in the middle of a word: a text can hold them
  /// as the end of one alone.
  func name(of ids: [Int32]) -> String {
    let text = text(of: ids)
    return ids.first.map(continuesWord) == true ? "…" + text : text
  }
}
