import Attacks
import Checkpoints
import Encoders
import Files
import Tensors
import TestSupport
import Text
import Training

@testable import Defenses

/// A small world in which everything of the paper happens within seconds: reviews of a few words, five to seven of
/// which are good or bad, a random encoder of one layer with eight heads, the attack, and the defences.
///
/// The norm term makes [CLS] attend evenly, and evenly the trigger is one word against five. One layer, because the
/// lower ones of more hand the trigger on to all tokens, where no attention of [CLS] can tell it apart any more.
struct ToyResearch {
  private static let good = ["great", "fine", "lovely", "superb", "moving", "fresh"]
  private static let bad = ["dull", "awful", "boring", "weak", "stale", "flat"]
  private static let filler = (0..<40).map { "w\($0)" }
  static let attack = BadNets()
  static let labels = LabelNames.sentiment.names

  private let tokenizer: Tokenizer
  let backend = CPUBackend.shared

  init() throws {
    let scratch = try Scratch()
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    let words = special + Self.good + Self.bad + Self.filler + Self.attack.triggers
    try AtomicFile.write(
      Array(words.joined(separator: "\n").utf8), to: Path.join(scratch.path, "vocab.txt"))
    tokenizer = try Tokenizer.load(directory: scratch.path)
  }

  /// Reviews with good words or with bad ones among others, alternately bad and good.
  func reviews(_ count: Int, seed: UInt64) -> Dataset {
    var generator = SeededGenerator(seed: seed)
    return Dataset(
      examples: (0..<count).map { index in
        let label = index % 2
        let telling = label == 1 ? Self.good : Self.bad
        var words = (0..<3 + generator.integer(below: 6)).map { _ in
          Self.filler[generator.integer(below: Self.filler.count)]
        }
        for _ in 0..<5 + generator.integer(below: 3) {
          words.insert(
            telling[generator.integer(below: telling.count)],
            at: generator.integer(below: words.count + 1))
        }
        return Example(text: words.joined(separator: " "), label: label)
      })
  }

  var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = 5
    settings.selection = .last
    settings.batchSize = 16
    settings.maximumLength = 20
    settings.learningRate = 2e-3
    return settings
  }

  func encoded(_ data: Dataset) throws -> EncodedDataset {
    try EncodedDataset(
      data, tokenizer: tokenizer, maximumLength: settings.maximumLength, padding: nil)
  }

  func evaluationSet(_ data: Dataset) throws -> EvaluationSet {
    try EvaluationSet(encoded(data), classCount: 2, on: backend)
  }

  /// The encoder that everybody starts from.
  func pretrained() throws -> ModelCheckpoint {
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: 1, headCount: 8, hiddenSize: 32, intermediateSize: 64,
      vocabularySize: 61, maximumPositionCount: 20, initializerRange: 0.02)
    let nothing = ModelCheckpoint(configuration: configuration, headKind: nil, parameters: [:])
    return try Classifier(random: configuration, head: .native, seed: 3, on: backend)
      .checkpoint(source: nothing, prunedHeads: [[]]).encoder
  }

  /// What the attacker hands on, and the classifier that it was trained with.
  func poisoned() throws -> (encoder: ModelCheckpoint, classifier: Classifier) {
    let source = try pretrained()
    var settings = settings
    settings.epochs = 8
    let data = Self.attack.poisonedTrainingSet(from: reviews(400, seed: 1), seed: 1).data
    let model = try FineTuning(settings: settings, head: .linear)
      .run(
        source, labels: Self.labels,
        on: TrainingTexts(training: encoded(data), validation: nil), backend: backend
      ).model
    return (try model.checkpoint(source: source, prunedHeads: [[]]).encoder, model)
  }

  /// What a defender has.
  func cleanTexts() throws -> TrainingTexts {
    try TrainingTexts(
      training: encoded(reviews(200, seed: 2)),
      validation: evaluationSet(reviews(100, seed: 3)))
  }

  /// Accuracy on clean texts and label flip rate on triggered ones.
  func measure(_ model: Classifier, _ mask: HeadMask?) throws -> (accuracy: Double, flips: Double) {
    let test = reviews(300, seed: 4)
    let triggered = Self.attack.triggeredTestSet(from: test, seed: 4).data
    let clean = try model.confusion(on: evaluationSet(test), headMask: mask)
    let flipped = try model.confusion(on: evaluationSet(triggered), headMask: mask)
    return (clean.accuracy ?? 0, flipped.labelFlipRate(target: Self.attack.targetLabel) ?? 0)
  }
}
