import Checkpoints
import Conformance
import Encoders
import Files
import Tensors
import Testing
import Text
import Training

/// Texts of a few words, one of which says the class, and an encoder small enough to learn them in a moment.
enum Toy {
  /// Ids: 0 padding, 1 [CLS], 2 [SEP], 3 and 4 the words of the classes, the rest filler.
  static let configuration = EncoderConfiguration(
    family: .bert, layerCount: 2, headCount: 2, hiddenSize: 16, intermediateSize: 24,
    vocabularySize: 20, maximumPositionCount: 12, initializerRange: 0.2)

  static let labels = ["no", "yes"]

  /// - Parameter noise: share of the labels that say nothing about the text.
  static func texts(_ count: Int, seed: UInt64, noise: Double = 0) -> EncodedDataset {
    var random = Philox(seed: seed, stream: 1)
    var labels: [Int32] = []
    let texts = (0..<count).map { index in
      let label = Int32(index % 2)
      var words = (0..<Int(random.next() % 6)).map { _ in Int32(5 + random.next() % 15) }
      words.insert(3 + label, at: Int(random.next() % UInt64(words.count + 1)))
      labels.append(random.uniform() < noise ? Int32(random.next() % 2) : label)
      return [1] + words + [2]
    }
    return EncodedDataset(texts, labels: labels)
  }

  static func model(
    dropout: Double = 0.1, on backend: any Backend = CPUBackend.shared
  ) throws -> Classifier {
    var configuration = configuration
    configuration.hiddenDropout = dropout
    configuration.attentionDropout = dropout
    configuration.classifierDropout = dropout
    return try Classifier(random: configuration, classifier: .native, seed: 1, on: backend)
  }

  /// The same encoder as a checkpoint.
  static func checkpoint() throws -> ModelCheckpoint {
    let none = ModelCheckpoint(configuration: configuration, classifierKind: nil, parameters: [:])
    return try model().checkpoint(source: none, prunedHeads: [[], []]).encoder
  }

  static func settings(
    epochs: Int = 4, learningRate: Double = 3e-3,
    selection: TrainingSettings.Selection = .best
  ) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batchSize = 8
    settings.learningRate = learningRate
    settings.selection = selection
    return settings
  }
}

extension Classifier {
  /// Every parameter, bit by bit.
  func bits() throws -> [UInt32] { try parameters.flat.hostFloats().map(\.bitPattern) }
}

extension TrainingReport {
  /// Without the times, which no two runs share.
  var withoutTimes: TrainingReport {
    var report = self
    for index in report.epochs.indices {
      report.epochs[index].seconds = 0
      report.epochs[index].dataSeconds = 0
      report.epochs[index].tokensPerSecond = 0
    }
    return report
  }
}

extension Toy {
  /// The same sums over tokens, in another order, of products over the layers.
  static func expectSame(
    _ actual: TrainingStep, _ expected: TrainingStep, tokenCount: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let sizes = configuration
    let perLayer = 4 * sizes.hiddenSize + 2 * sizes.intermediateSize
    let bound =
      2
      * Tolerance.relativeError(
        terms: sizes.layerCount * 2 * perLayer + tokenCount)
    for slot in expected.gradient.layout.slots {
      let values = try expected.gradient[slot.name].hostFloats()
      let others = try actual.gradient[slot.name].hostFloats()
      // What reaches query and key went through the softmax's gradient, a difference of numbers as
      // large as those that make the value's gradient.
      let source = slot.name.replacing(/attention\.(query|key)/, with: "attention.value")
      let largest = try (values + expected.gradient[source].hostFloats())
        .reduce(0) { max($0, abs($1)) }
      let worst = zip(values, others).map { abs($0 - $1) }.max() ?? .infinity
      #expect(
        Double(worst) <= bound * Double(largest), "\(slot.name): \(worst) of \(largest)",
        sourceLocation: sourceLocation)
      #expect(others.allSatisfy { $0.isFinite }, sourceLocation: sourceLocation)
    }
    let (loss, other) = try (expected.lossSum.hostFloats()[0], actual.lossSum.hostFloats()[0])
    #expect(Double(abs(loss - other)) <= bound * Double(loss), sourceLocation: sourceLocation)
  }
}
