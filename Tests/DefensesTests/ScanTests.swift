import Defenses
import Files
import Laboratory
import Scans
import Stages
import TestSupport
import Testing
import Text
import Training

@testable import Attacks

@Suite struct `A scan of a planted backdoor` {
  private let toy: ToyResearch
  private let scratch: Scratch

  init() throws {
    toy = try ToyResearch()
    scratch = try Scratch()
  }

  /// Scans a classifier as a sweep or a command would.
  private func scan(_ directory: String) throws -> Scan {
    try ToyResearch.reviews(300, seed: 7).write(to: scratch.file("clean.tsv"))
    var search = TokenSearch()
    (search.maximumLength, search.phraseLength) = (20, 2)
    var graph = StageGraph()
    let classifier = try graph.model(directory, as: "classifier")
    let texts = try graph.texts(TextSource(scratch.file("clean.tsv")), as: "texts")
    let stages = [0, 1].map { source in
      graph.add(
        TokenScanStage(search, source: source, outputs: [0, 1], seed: 11), classifier, texts)
    }
    let run = try graph.run(in: scratch.folder())
    return Scan(
      classes: ["negative", "positive"],
      scans: try stages.map { try run.entry($0).outcome.classScan() }, search: search)
  }

  @Test func `finds the trigger before, and nothing after the defence`() throws {
    let before = try scan(toy.poisoned)
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

    let after = try scan(try toy.defend(with: PURE.whole).directory)
    #expect(after.judgement.verdict == .noSign, "\(after.judgement.reasons)")
  }
}
