import Checkpoints
import Encoders
import Files
import Settings
import Stages
import Tensors
import TestSupport
import Testing
import Text
import Training

@testable import Scans

@Suite struct `Output vectors` {
  private let suspect: TinySuspect

  init() throws { suspect = try TinySuspect() }

  @Test func `are searched by a stage that comes back from a document`() throws {
    var search = TokenSearch()
    (search.texts, search.shortlist, search.phraseLength) = (7, 100, 2)
    let stage = VectorScanStage(search, seed: 5)
    let again = try VectorScanStage(JSONNode(stage.parameters, file: "stage.json"))
    #expect(again.parameters == stage.parameters && again.title == stage.title)
    // What makes no difference to what it finds makes no other stage.
    (search.shortlist, search.phraseLength) = (0, 4)
    #expect(VectorScanStage(search, seed: 5).parameters == stage.parameters)
    search.texts = 8
    #expect(VectorScanStage(search, seed: 5).parameters != stage.parameters)
  }

  /// By the pass of the model itself, text by text, and by the formula of the variance that needs
  /// no mean.
  @Test func `are as alike as a plain computation says`() throws {
    let carriers = suspect.carriers(6)
    func vectors(_ candidate: [Int32]) throws -> [[Double]] {
      try carriers.map { carrier in
        let set = try suspect.probe.set(of: [carrier.bearing(candidate)])
        return try suspect.probe.model.encoder.forward(set.batches[0], PassOptions()).cls
          .hostFloats().map(Double.init)
      }
    }
    func variance(_ vectors: [[Double]]) -> (variance: Double, mean: [Double]) {
      let count = Double(vectors.count)
      let mean = vectors[0].indices.map { i in vectors.reduce(0) { $0 + $1[i] } / count }
      let squares = vectors.joined().reduce(0) { $0 + $1 * $1 } / count
      return (squares - mean.reduce(0) { $0 + $1 * $1 }, mean)
    }
    let texts = try VectorTexts(carriers, suspect.probe)
    #expect(texts.differ)
    let tokens = suspect.probe.tokenizer.spellableIDs.prefix(5)
    let found = try texts.collapses(by: tokens.map { [$0] }, suspect.probe)
    let before = variance(try vectors([]))
    for (token, found) in zip(tokens, found) {
      let after = variance(try vectors([token]))
      // Vectors of 24 bits, whose squares are some 20 times their variance.
      #expect(abs(found.share - (1 - after.variance / before.variance)) < 1e-4)
      let moved = zip(after.mean, before.mean).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      #expect(abs(found.distance - (moved / before.variance).squareRoot()) < 1e-4)
    }
    // Nothing in them changes nothing.
    let same = try #require(try texts.collapses(by: [[]], suspect.probe).first)
    #expect(abs(same.share) < 1e-6 && same.distance < 1e-3)
  }

  @Test func `are gone on with where a search was interrupted`() throws {
    let scratch = try Scratch()
    let state = SearchState<Collapse>(in: scratch.path, key: "a key")
    let kept = [Collapse(share: 0.25, distance: 3), Collapse(share: -1.5, distance: 0)]
    try state.save(kept)
    #expect(try state.load(upTo: 2) == kept)
    #expect(
      try TokenSearch().screen([1, 2, 3], state) {
        $0.map { Collapse(share: Double($0[0]), distance: 1) }
      } progress: { _ in
      } == kept + [Collapse(share: 3, distance: 1)])
  }

  @Test func `are spread over the texts that lie furthest apart`() throws {
    let carriers = suspect.carriers(9)
    let texts = try VectorTexts(carriers, suspect.probe)
    #expect(texts.spread(9).carriers == carriers && texts.spread(20).carriers == carriers)
    let few = texts.spread(4).carriers
    #expect(few.count == 4 && few[0] == carriers[0])
    #expect(Set(few.map(\.pieces)).count == 4)
    // The second is the one furthest from the first.
    let vectors = try suspect.probe.states(carriers.map(\.pieces))
    func distance(_ index: Int) -> Double {
      zip(vectors[index], vectors[0]).reduce(0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
    }
    let second = try #require(carriers.indices.max { distance($0) < distance($1) })
    #expect(few[1] == carriers[second])
  }
}
