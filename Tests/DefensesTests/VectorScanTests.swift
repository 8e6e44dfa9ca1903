import Checkpoints
import Files
import Laboratory
import Scans
import Stages
import TestSupport
import Testing
import Text

@Suite struct `A scan of output vectors` {
  private let suspect: SourceModel

  init() throws {
    suspect = try SourceModel(Path.join(testsFolder, "Fixtures/models/bert"), for: .classifying)
  }

  private func scan(
    _ texts: [String], _ change: (inout ModelCheckpoint) -> Void = { _ in }
  ) throws -> VectorScan {
    let scratch = try Scratch()
    var checkpoint = suspect.checkpoint
    change(&checkpoint)
    try checkpoint.write(to: scratch.file("model"), card: ModelCard(summary: "A model"))
    try AtomicFile.write(
      Array((["sentence\tlabel"] + texts.map { "\($0)\t0" }).joined(separator: "\n").utf8),
      to: scratch.file("texts.tsv"))
    var search = TokenSearch()
    search.texts = 20
    var graph = StageGraph()
    let stage = graph.add(
      VectorScanStage(search, seed: 3), try graph.model(scratch.file("model")),
      try graph.texts(TextSource(scratch.file("texts.tsv")), as: "texts"))
    let entry = try graph.run(in: scratch.folder()).entry(stage)
    return try entry.outcome.vectorScan()
  }

  private static let sentences = (0..<40).map {
    ["a good film", "bad and boring", "great story", "a dull movie"][$0 % 4]
      + String(repeating: " is", count: $0 / 4)
  }

  @Test func `are measured for every token that a text can spell`() throws {
    let scan = try scan(Self.sentences)
    let count = suspect.tokenizer.spellableIDs.count
    #expect(scan.obstacle == nil && scan.tokens == Count(count, of: count))
    #expect(scan.searchCount == 16 && scan.heldOutCount == 20 && scan.beginnings == 2)
    #expect(scan.candidates.count == 16)
    #expect(scan.candidates.map(\.collapse) == scan.candidates.map(\.collapse).sorted(by: >))
    #expect(scan.score == max(0, scan.candidates[0].collapse))
    #expect(try VectorScan(JSONNode(scan.json, file: "")) == scan)
  }

  @Test func `say nothing of themselves where they cannot be told apart`() throws {
    #expect(try scan(Array(Self.sentences.prefix(3))).obstacle == .fewTexts)
    let alike = try scan(Self.sentences) { checkpoint in
      // A norm that scales by zero gives every token its shift.
      for (key, tensor) in checkpoint.parameters where key.hasSuffix("norm.weight") {
        checkpoint.parameters[key]?.values = tensor.values.map { _ in 0 }
      }
    }
    #expect(alike.obstacle == .alike)
    let broken = try scan(Self.sentences) { checkpoint in
      // Finite as files have to be, and too large to be added up.
      for (key, tensor) in checkpoint.parameters where key.hasSuffix("norm.weight") {
        checkpoint.parameters[key]?.values = tensor.values.map { _ in .greatestFiniteMagnitude }
      }
    }
    #expect(broken.obstacle == .notFinite)
  }
}
