import Checkpoints
import Conformance
import Encoders
import Tensors
import Testing
import Text
import Training

@Suite struct `An evaluation set` {
  private let texts = Toy.texts(37, seed: 3)

  @Test(arguments: [1, 5, 64])
  func `holds every text once and knows where it stood`(batchSize: Int) throws {
    let set = try EvaluationSet(
      texts, classCount: 2, batchSize: batchSize, on: CPUBackend.shared)
    #expect(set.count == 37)
    #expect(set.labels == texts.labels.map(Int.init))
    #expect(set.exampleIndices.joined().sorted() == Array(0..<37))
    #expect(set.batches.count == (37 + batchSize - 1) / batchSize)
    for (batch, indices) in zip(set.batches, set.exampleIndices) {
      #expect(try batch.tokenIDs.hostIntegers() == indices.flatMap { Array(texts[$0]) })
      #expect(try batch.labels.hostIntegers() == indices.map { texts.labels[$0] })
    }
  }

  @Test func `gives logits in the order of the data set`() throws {
    let model = try Toy.model()
    let together = try model.logits(
      of: EvaluationSet(texts, classCount: 2, batchSize: 8, on: model.backend))
    for (index, logits) in together.enumerated() {
      let alone = EncodedDataset([Array(texts[index])], labels: [0])
      let single = try model.logits(of: EvaluationSet(alone, classCount: 2, on: model.backend))
      // Both are float32 results of the same sums in another order, of at most as many terms as features.
      let comparison = Comparison(
        "text \(index)", actual: logits, shape: [2], expected: single[0].map(Double.init),
        expectedShape: [2],
        tolerance: .rounding(terms: Toy.configuration.intermediateSize),
        // Summands: sixteen features of a normalised vector, of size 1, by weights of 0.2.
        magnitudes: [16 * 0.2, 16 * 0.2])
      #expect(comparison.passed && comparison.nonFiniteCount == 0, "\(comparison.description)")
    }
    #expect(Set(together).count > 30, "texts hardly differ, so their order would not show")
  }

  @Test func `counts predictions against labels`() throws {
    let model = try Toy.model()
    let set = try EvaluationSet(texts, classCount: 2, batchSize: 8, on: model.backend)
    var expected = [[0, 0], [0, 0]]
    for (label, logits) in zip(texts.labels, try model.logits(of: set)) {
      expected[Int(label)][logits[1] > logits[0] ? 1 : 0] += 1
    }
    #expect(try model.confusion(on: set).counts == expected)
  }

  @Test func `classifies under a mask`() throws {
    let model = try Toy.model()
    let set = try EvaluationSet(texts, classCount: 2, on: model.backend)
    let mask = HeadMask(layerCount: 2, headCount: 2, pruned: [[0], [1]])
    #expect(try model.logits(of: set, headMask: mask) != model.logits(of: set))
    let alive = HeadMask(layerCount: 2, headCount: 2)
    #expect(try model.logits(of: set, headMask: alive) == model.logits(of: set))
  }

  @Test func `stops when asked to`() throws {
    let model = try Toy.model()
    let set = try EvaluationSet(texts, classCount: 2, batchSize: 8, on: model.backend)
    var asked = 0
    #expect(throws: Interruption.self) {
      _ = try model.logits(
        of: set,
        isCancelled: {
          asked += 1
          return asked > 2
        })
    }
    #expect(asked == 3)
  }

  @Test func `may be empty`() throws {
    let model = try Toy.model()
    let empty = EncodedDataset([], labels: [])
    let set = try EvaluationSet(empty, classCount: 2, on: model.backend)
    #expect(try model.logits(of: set).isEmpty)
    #expect(try model.confusion(on: set).accuracy == nil)
  }
}
