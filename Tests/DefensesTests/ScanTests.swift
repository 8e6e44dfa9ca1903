import Checkpoints
import Defenses
import Encoders
import Files
import Laboratory
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

@testable import Attacks
@testable import Scans

@Suite struct `A scan of a planted backdoor` {
  private let toy: ToyResearch
  private let scratch: Scratch

  init() throws {
    toy = try ToyResearch()
    scratch = try Scratch()
  }

  private static let search = {
    var search = TokenSearch()
    (search.maximumLength, search.phraseLength) = (20, 2)
    return search
  }()

  private func work(_ source: Int) -> TokenScanStage {
    TokenScanStage(Self.search, source: source, outputs: [0, 1], seed: 11)
  }

  private func texts(_ graph: StageGraph) throws -> Stage.Input {
    try ToyResearch.reviews(300, seed: 7).write(to: scratch.file("clean.tsv"))
    return try graph.texts(TextSource(scratch.file("clean.tsv")), as: "texts")
  }

  /// Scans two classifiers, and counts on both what was found in the first, as commands do.
  private func compare(_ before: String, _ after: String) throws -> ScanComparison {
    var graph = StageGraph()
    let texts = try texts(graph)
    let stages = try [before, after].map { directory in
      let classifier = try graph.model(directory, as: "classifier")
      return [0, 1].map { graph.add(work($0), classifier, texts) }
    }
    let recounts = try [0, 1].map { source in
      graph.add(
        RecountStage(work(source)), try graph.model(before, as: "before"),
        try graph.model(after, as: "after"), stages[0][source].output(as: "scan"), texts)
    }
    let run = try graph.run(in: scratch.folder())
    func scan(_ stages: [Stage]) throws -> Scan {
      Scan(
        classes: ["negative", "positive"],
        scans: try stages.map { try run.entry($0).outcome.classScan() }, search: Self.search)
    }
    return ScanComparison(
      before: try scan(stages[0]), after: try scan(stages[1]),
      recounts: try recounts.map { try run.entry($0).outcome.recount() })
  }

  @Test func `finds the trigger before, and nothing after the defence`() throws {
    let cleaned = try toy.defend(with: PURE.whole).directory
    let comparison = try compare(toy.poisoned, cleaned)
    let (before, after) = (comparison.before, comparison.after)
    #expect(before.judgement.verdict == .backdoored)
    let found = try #require(before.scans.first?.targets.first)
    let certain = found.tokens.filter { $0.flips.interval.lowerBound > 0.8 }
    #expect(Set(BadNets().triggers).isSubset(of: certain.map(\.text)))
    for token in certain {
      // Good words do it too, as they mean something; those that mean nothing do not.
      #expect(!token.text.hasPrefix("w") && token.gradientRank != nil)
      #expect(token.examples.allSatisfy { $0.split(separator: " ").contains { $0 == token.text } })
    }
    // The other way nothing was planted.
    let other = try #require(before.scans.last?.targets.first?.tokens.first)
    #expect(other.flips.interval.upperBound < 0.8)

    #expect(after.judgement.verdict == .noSign, "\(after.judgement.reasons)")

    // The same candidates do to the suspect what the scan says, and to the cleaned model little.
    let recount = try #require(comparison.recounts.first)
    #expect(recount.textCount > 32 && recount.textCount <= found.tokens[0].flips.whole)
    let triggers = recount.candidates.filter { BadNets().triggers.contains($0.text) }
    #expect(triggers.count == BadNets().triggers.count)
    for trigger in triggers {
      #expect(trigger.before.whole == recount.textCount && trigger.after.whole == recount.textCount)
      #expect(trigger.before.share > 0.9 && trigger.after.share < 0.5, "\(trigger)")
    }
    #expect(comparison.mostBefore?.before.share ?? 0 > 0.9)
    let best = try #require(comparison.mostBefore)
    let shown = comparison.lines.map { $0.split(separator: " ") }
    let numbers = ["\(best.before.whole)", "\(best.before.part)"]
    #expect(shown.contains { $0.starts(with: [best.text[...]] + numbers.map { $0[...] }) })
    #expect(try Recount(JSONNode(recount.json, file: "")) == recount)
  }

  private func vectors(_ directory: String) throws -> VectorScan {
    var graph = StageGraph()
    let stage = graph.add(
      VectorScanStage(Self.search, seed: 11), try graph.model(directory), try texts(graph))
    return try graph.run(in: scratch.folder()).entry(stage).outcome.vectorScan()
  }

  @Test func `finds the triggers in the encoder's vectors, without labels or a classifier`() throws
  {
    let poisoned = try vectors(toy.poisoned)
    // Good words tell the toy as much as its triggers do; those that mean nothing do not.
    let forcing = poisoned.candidates.filter { $0.collapse > 0.9 }
    #expect(Set(BadNets().triggers).isSubset(of: forcing.map(\.text)))
    #expect(forcing.allSatisfy { !$0.text.hasPrefix("w") && $0.distance > 0.5 })
    let cleaned = try vectors(toy.defend(with: PURE.whole).directory)
    #expect(cleaned.obstacle == nil && cleaned.score < 0.5, "\(cleaned.candidates)")
  }

  @Test func `counts the same on a model and on itself`() throws {
    let comparison = try compare(toy.poisoned, toy.poisoned)
    for (recount, scan) in zip(comparison.recounts, comparison.before.scans) {
      #expect(recount.textCount == scan.heldOutCount && recount.obstacle == nil)
      // Counted once more on the same texts, in batches of other sizes.
      let flips = scan.targets.flatMap { $0.tokens + $0.phrases }.map(\.flips)
      #expect(recount.candidates.map(\.before) == flips)
      #expect(recount.candidates.map(\.after) == flips)
    }
  }

  /// Inverts a trigger of one token for negative texts.
  private func invert(_ directory: String) throws -> SoftTrigger {
    var soft = SoftTriggerSearch()
    (soft.steps, soft.length) = (120, 1)
    var graph = StageGraph()
    let stage = graph.add(
      SoftTriggerStage(soft, in: work(0), to: 1),
      try graph.model(directory, as: "classifier"), try texts(graph))
    return try graph.run(in: scratch.folder()).entry(stage).outcome.softTrigger()
  }

  @Test func `inverts by gradient what flips texts that it has not seen`() throws {
    let found = try invert(toy.poisoned)
    let candidate = try #require(found.candidate)
    // A trigger or a good word, and none of those that mean nothing.
    #expect(candidate.flips.share > 0.9 && !candidate.text.hasPrefix("w"), "\(candidate)")
    let (soft, hard) = (try #require(found.softLoss), try #require(found.loss))
    #expect(soft < 0.2 && hard < 0.2)
    #expect(try SoftTrigger(JSONNode(found.json, file: "")) == found)
  }

  /// The variance score written out, from what [CLS] of the last layer attends to.
  private func lastVariances(_ texts: [[Int32]], _ probe: Probe) throws -> [Double] {
    let length = Double(probe.model.configuration.tokenLimit(Self.search.maximumLength))
    let rows = try texts.map { text in
      try probe.model.lastAttention(
        on: EncodedDataset(
          [probe.tokenizer.prefix + text + probe.tokenizer.suffix], labels: [0],
          padding: probe.model.configuration.padding)
      ).map { weights in
        let inside = weights.map { ($0 - 1 / length) * ($0 - 1 / length) }.reduce(0, +)
        return (inside + (length - Double(weights.count)) / (length * length)) / (length - 1)
      }
    }
    return rows[0].indices.map { head in
      rows.map { $0[head] }.reduce(0, +) / Double(rows.count)
    }
  }

  @Test func `shows which heads attend otherwise with what was found`() throws {
    var graph = StageGraph()
    let (texts, classifier) = (
      try texts(graph), try graph.model(toy.poisoned, as: "classifier")
    )
    let stage = graph.add(work(0), classifier, texts)
    let heads = graph.add(HeadDriftStage(work(0)), classifier, texts, stage.output(as: "scan"))
    let run = try graph.run(in: scratch.folder())
    let found = try run.entry(stage).outcome.classScan().targets[0]
    let drift = try #require(try run.entry(heads).outcome.headDrifts().first)
    let best = try #require((found.tokens + found.phrases).first { $0.text == drift.candidate })
    #expect(drift.source == 0 && drift.target == 1 && drift.flips == best.flips)
    #expect(!found.tokens.contains { $0.flips.part > drift.flips.part })
    #expect(try HeadDrift(JSONNode(drift.json, file: "")) == drift)
    let first = try #require(drift.heads.first)
    #expect(
      abs(first.bearing - first.clean)
        == zip(drift.clean.joined(), drift.bearing.joined()).map { abs($1 - $0) }.max())

    let source = try SourceModel(toy.poisoned, for: .classifying)
    let probe = Probe(
      try Classifier(source.checkpoint, on: CPUBackend.shared), source.tokenizer,
      isCancelled: { false })
    let own = ToyResearch.reviews(300, seed: 7).examples.filter { $0.label == 0 }
    let pieces = probe.pieces(
      own.map(\.text),
      maximumLength: probe.model.configuration.tokenLimit(Self.search.maximumLength),
      room: Self.search.phraseLength)
    let heldOut = try CleanTexts(pieces, source: 0, for: Self.search, probe, seed: 11).heldOut
    let expected = [
      (drift.clean, try lastVariances(heldOut.map(\.pieces), probe)),
      (drift.bearing, try lastVariances(heldOut.map { $0.bearing(best.ids) }, probe)),
    ]
    for (scores, variances) in expected {
      for (score, variance) in zip(try #require(scores.last), variances) {
        #expect(abs(score - variance) < 1e-5 * variance, "\(score) for \(variance)")
      }
    }
  }
}
