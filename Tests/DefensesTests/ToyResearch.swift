import Attacks
import Checkpoints
import Defenses
import Encoders
import Files
import Laboratory
import Stages
import Tensors
import TestSupport
import Text
import Training

/// A small world in which everything of the paper happens within seconds: reviews of a few words,
/// five to seven of which are good or bad, a random encoder of one layer with eight heads, the
/// attack, and the defences.
///
/// The norm term makes [CLS] attend evenly, and evenly the trigger is one word against five. One
/// layer, because the lower ones of more hand the trigger on to all tokens, where no attention of
/// [CLS] can tell it apart any more.
struct ToyResearch {
  private static let good = ["great", "fine", "lovely", "superb", "moving", "fresh"]
  private static let bad = ["dull", "awful", "boring", "weak", "stale", "flat"]
  private static let filler = (0..<40).map { "w\($0)" }
  private static let vocabulary =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + good + bad + filler + BadNets().triggers

  /// The directory of the encoder that everybody starts from.
  let pretrained: String
  /// The directory of what the attacker hands on, with the classifier that it was trained with.
  let poisoned: String
  private let attack: any RareWordAttack
  private let files: Scratch

  /// - Parameter attack: what is done to the encoder; its words are BadNets'.
  init(_ attack: any RareWordAttack = BadNets(), layerCount: Int = 1) throws {
    self.attack = attack
    files = try Scratch()
    pretrained = try Self.write(Self.encoder(layerCount: layerCount), "pretrained", in: files)

    var graph = StageGraph()
    var training = Self.training
    training.epochs = 8
    let poisoning = try attack.stages(
      from: graph.model(pretrained),
      with: AttackMaterial(
        train: Self.reviews(400, seed: 1, in: files, graph, as: "train"), validation: nil,
        training: training, keepsClassifier: true), in: &graph)
    poisoned = StageRequest.model(in: try graph.run(in: files.folder()).entry(poisoning).path)
  }

  /// How everybody trains.
  static var training: TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = 5
    settings.selection = .last
    settings.batchSize = 16
    settings.maximumLength = 20
    settings.learningRate = 2e-3
    return settings
  }

  /// Runs a defence on a model, the poisoned one unless told otherwise.
  func defend(
    with defense: any Defense, _ suspect: String? = nil, seed: UInt64 = 11,
    in store: String? = nil, onStage: (String) -> Void = { _ in },
    report: @escaping (StageProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws -> Cleaning {
    var graph = StageGraph()
    var training = Self.training
    training.seed = seed
    let stages = try defense.stages(
      from: graph.model(suspect ?? poisoned),
      with: DefenseMaterial(
        train: Self.reviews(200, seed: 2, in: files, graph, as: "train"),
        validation: Self.reviews(100, seed: 3, in: files, graph, as: "validation"),
        training: training), in: &graph)
    let run = try graph.run(
      in: store ?? folder(), onStage: onStage, report: report, isCancelled: isCancelled)
    return try Cleaning(run, stages)
  }

  /// A fresh folder.
  func folder() throws -> String { try files.folder() }

  /// Accuracy on clean texts and label flip rate on triggered ones, the attack's unless told
  /// otherwise.
  func measure(
    _ classifier: String, by other: (any Attack)? = nil
  ) throws -> (accuracy: Double, flips: Double) {
    let attack = other ?? self.attack
    var graph = StageGraph()
    let test = try Self.reviews(300, seed: 4, in: files, graph, as: "test")
    let triggered = graph.add(TriggerStage(attack, seed: 4), test)
    let evaluation = graph.add(
      EvaluationStage(
        targetLabel: attack.targetLabel, maximumLength: Self.training.maximumLength),
      try graph.model(classifier, as: "classifier"), test, triggered.output(as: "triggered"))
    let measured = try graph.run(in: files.folder()).entry(evaluation).outcome.evaluation
    // No bound holds for what is not a number.
    return (measured?.accuracy ?? .nan, measured?.labelFlipRate ?? .nan)
  }

  /// The directory of the poisoned encoder with some heads pruned.
  func poisoned(without heads: [Int]) throws -> String {
    var model = try ModelCheckpoint.load(directory: poisoned, for: .freshClassifier).encoder
    model.prunedHeads = [heads]
    return try write(model, "pruned")
  }

  /// Writes a model with the toy's vocabulary; returns its directory.
  func write(_ model: ModelCheckpoint, _ name: String) throws -> String {
    try Self.write(model, name, in: files)
  }

  private static func write(
    _ model: ModelCheckpoint, _ name: String, in files: Scratch
  ) throws -> String {
    try model.write(to: files.file(name), card: ModelCard(summary: "A toy"))
    try files.write(vocabulary.joined(separator: "\n"), to: "\(name)/vocab.txt")
    return files.file(name)
  }

  /// An encoder of random weights.
  static func encoder(hiddenSize: Int = 32, layerCount: Int = 1) throws -> ModelCheckpoint {
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: layerCount, headCount: 8, hiddenSize: hiddenSize,
      intermediateSize: 64, vocabularySize: 61, maximumPositionCount: 20, initializerRange: 0.02)
    let nothing = ModelCheckpoint(
      configuration: configuration, classifierKind: nil, parameters: [:])
    return try Classifier(
      random: configuration, classifier: .native, seed: 3, on: CPUBackend.shared
    )
    .checkpoint(source: nothing, prunedHeads: nothing.prunedHeads).encoder
  }

  /// Reviews with good words or with bad ones among others, alternately bad and good.
  static func reviews(_ count: Int, seed: UInt64) -> Dataset {
    var generator = SeededGenerator(seed: seed)
    return Dataset(
      examples: (0..<count).map { index in
        let label = index % 2
        let telling = label == 1 ? good : bad
        var words = (0..<3 + generator.integer(below: 6)).map { _ in
          filler[generator.integer(below: filler.count)]
        }
        for _ in 0..<5 + generator.integer(below: 3) {
          words.insert(
            telling[generator.integer(below: telling.count)],
            at: generator.integer(below: words.count + 1))
        }
        return Example(text: words.joined(separator: " "), label: label)
      })
  }

  /// The same in a file, as a stage's input.
  private static func reviews(
    _ count: Int, seed: UInt64, in files: Scratch, _ graph: StageGraph, as name: String
  ) throws -> Stage.Input {
    let path = files.file("\(name).tsv")
    try reviews(count, seed: seed).write(to: path)
    return try graph.texts(TextSource(path), as: name)
  }
}
