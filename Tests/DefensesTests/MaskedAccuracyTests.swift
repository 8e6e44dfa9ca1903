import Checkpoints
import Conformance
import Encoders
import Settings
import Tensors
import Testing
import Text
import Training

@testable import Defenses

@Suite struct `Accuracy under a sequence of masks` {
  private static let (layerCount, headCount, batchSize) = (3, 4, 8)
  private let model: Classifier
  private let texts: EvaluationSet

  init() throws {
    (model, texts) = try Self.world(on: CPUBackend.shared, batchSize: Self.batchSize)
  }

  private static func world(
    on backend: CPUBackend, batchSize: Int
  ) throws -> (Classifier, EvaluationSet) {
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: Self.layerCount, headCount: Self.headCount, hiddenSize: 16,
      intermediateSize: 12, vocabularySize: 30, maximumPositionCount: 12, initializerRange: 0.5)
    let model = try Classifier(random: configuration, classifier: .linear, seed: 2, on: backend)
    var generator = Generator(seed: 5)
    let ids = (0..<60).map { _ in
      [1] + (0...generator.integer(below: 9)).map { _ in Int32(3 + generator.integer(below: 27)) }
        + [2]
    }
    // Labels of chance: accuracy moves with every head.
    let texts = try EvaluationSet(
      EncodedDataset(ids, labels: ids.map { _ in Int32(generator.integer(below: 2)) }),
      classCount: 2, batchSize: batchSize, on: backend)
    return (model, texts)
  }

  /// Zero bytes keep no layer's input, a batch or two are kept below 40 KB, all of them below 1 GB.
  @Test(arguments: [0, 40_000, 1 << 30])
  func `is that of an evaluation from the beginning`(memoryLimit: Int) throws {
    var accuracy = try MaskedAccuracy(model, on: texts, memoryLimit: memoryLimit)
    var seen: Set<Double> = []
    let masks = masks(40)
    for mask in masks {
      let got = try accuracy.accuracy(under: mask, isCancelled: { false })
      #expect(got == (try model.confusion(on: texts, headMask: mask).accuracy))
      seen.insert(got)
    }
    #expect(seen.count > 4, "the masks hardly differ")
    let all = masks.count * texts.batches.count * Self.layerCount
    #expect((accuracy.layerEvaluations == all) == (memoryLimit == 0))
    #expect(accuracy.layerEvaluations <= all)
  }

  @Test func `costs the layers from the first changed one on`() throws {
    var accuracy = try MaskedAccuracy(model, on: texts)
    var previous: HeadMask?
    for mask in masks(40) {
      let before = accuracy.layerEvaluations
      _ = try accuracy.accuracy(under: mask, isCancelled: { false })
      let first =
        previous.map { old in
          old.alive.indices.first { old.alive[$0] != mask.alive[$0] } ?? Self.layerCount - 1
        } ?? 0
      // An unchanged mask still costs the last layer, whose output is not kept.
      #expect(
        accuracy.layerEvaluations - before
          == (Self.layerCount - first) * texts.batches.count)
      previous = mask
    }
  }

  @Test func `reaches a floor exactly when the whole evaluation does`() throws {
    var early = try MaskedAccuracy(model, on: texts)
    var whole = try MaskedAccuracy(model, on: texts)
    for mask in masks(12) {
      let accuracy = try whole.accuracy(under: mask, isCancelled: { false })
      // Floors at, just below and just above what is reached, and all the others there are.
      let floors =
        [accuracy, accuracy.nextDown, accuracy.nextUp, 0, 1, 1.5]
        + (0...texts.count).map { Double($0) / Double(texts.count) }
      for floor in floors {
        #expect(
          try early.reaches(floor, under: mask, isCancelled: { false }) == (accuracy >= floor),
          "floor \(floor) at \(accuracy)")
      }
    }
  }

  @Test func `stops looking once the verdict is certain`() throws {
    var accuracy = try MaskedAccuracy(model, on: texts, memoryLimit: 0)
    let mask = HeadMask(layerCount: Self.layerCount, headCount: Self.headCount)
    for floor in [0, 1.5] {
      _ = try accuracy.reaches(floor, under: mask, isCancelled: { false })
      #expect(accuracy.layerEvaluations == 0)
    }
    _ = try accuracy.reaches(0.02, under: mask, isCancelled: { false })
    #expect(accuracy.layerEvaluations == Self.layerCount)
  }

  /// First nothing is kept any more, then batches are cut, until not even the model fits.
  @Test func `is the same on a device that is too small, and so are the scores`() throws {
    let masks = masks(6)
    let whole = try masks.map { try model.confusion(on: texts, headMask: $0).accuracy }
    let wholeScores = try HeadScores(of: model, on: texts, paddedLength: 12, recipe: .paper)
    var (costs, budget): ([Int], Int) = ([], 2 << 20)
    while true {
      let backend = CPUBackend(memoryLimit: budget)
      budget -= budget / 16
      do {
        let (model, texts) = try Self.world(on: backend, batchSize: 60)
        var accuracy = try MaskedAccuracy(model, on: texts)
        #expect(
          try masks.map { try accuracy.accuracy(under: $0, isCancelled: { false }) } == whole)
        costs.append(accuracy.layerEvaluations)
        let scores = try HeadScores(of: model, on: texts, paddedLength: 12, recipe: .paper)
        for (layer, expected) in zip(scores.values, wholeScores.values) {
          for (score, expected) in zip(layer, expected) {
            // Σ a² ≤ 1 of softmaxes over products of sixteen and twelve features, three layers of them.
            #expect(abs(score - expected) <= Tolerance.relativeError(terms: 3 * (16 + 12)) / 11)
          }
        }
      } catch DeviceError.outOfMemory { break }
    }
    let all = masks.count * Self.layerCount
    #expect(costs.contains { $0 < all } && costs.contains { $0 > 2 * all }, "\(costs)")
  }

  @Test func `can be interrupted`() throws {
    var accuracy = try MaskedAccuracy(model, on: texts)
    let mask = HeadMask(layerCount: Self.layerCount, headCount: Self.headCount)
    #expect(throws: Interruption.self) {
      _ = try accuracy.accuracy(under: mask, isCancelled: { true })
    }
    #expect(throws: Interruption.self) {
      _ = try accuracy.reaches(0.5, under: mask, isCancelled: { true })
    }
  }

  /// A random walk: each mask differs from the one before in a few heads, or not at all.
  private func masks(_ count: Int) -> [HeadMask] {
    var generator = Generator(seed: 4)
    var mask = HeadMask(layerCount: Self.layerCount, headCount: Self.headCount)
    return (0..<count).map { _ in
      for _ in 0..<generator.integer(below: 3) {
        let (layer, head) = (
          generator.integer(below: Self.layerCount), generator.integer(below: Self.headCount)
        )
        mask[layer, head] = !mask[layer, head]
      }
      return mask
    }
  }
}
