import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Stages
import Tensors
import Text
import Training

/// Training steps against the clock, on real texts in batches of similar length.
struct StepBenchmark {
  private let training: TrainingStep
  private let texts: EncodedDataset
  private let batchSize: Int
  private let stepCount: Int
  private let seed: UInt64

  /// Steps of a model on texts.
  init(
    _ model: Classifier, on texts: EncodedDataset, batchSize: Int, stepCount: Int, seed: UInt64
  ) throws {
    training = try TrainingStep(model, settings: TrainingSettings())
    self.texts = texts
    self.batchSize = batchSize
    self.stepCount = stepCount
    self.seed = seed
  }

  /// Takes model and texts from `--model` and `--data`, or random weights and ids for
  /// `--configuration`.
  init(_ bench: Workbench, _ backend: any Backend) throws {
    let arguments = bench.arguments
    let (model, texts): (Classifier, EncodedDataset)
    let batchSize = arguments.integer("batch-size")
    if arguments.optionalText("configuration") != nil {
      let configuration = EncoderConfiguration.bertBase
      model = try Classifier(
        random: configuration, classifier: .linear, seed: bench.seed, on: backend)
      texts = EncodedDataset(
        randomTexts: batchSize, length: configuration.tokenLimit(arguments.integer("max-length")),
        configuration, seed: bench.seed)
    } else {
      guard let path = arguments.optionalText("data"),
        let directory = arguments.optionalText("model")
      else {
        throw InputError(
          .usage, problem: "--step needs --model and --data, or --configuration",
          remedy: "name a model directory and a file of labelled texts")
      }
      let source = try SourceModel(directory, for: .freshClassifier)
      let data = try bench.dataset(path)
      texts = try source.encoded(data, maximumLength: arguments.integer("max-length"))
      model = try Classifier(
        source.checkpoint, freshClassifier: .linear, labels: data.labels.names, seed: bench.seed,
        on: backend)
    }
    try self.init(
      model, on: texts, batchSize: batchSize, stepCount: arguments.integer("steps"),
      seed: bench.seed)
  }

  /// What was measured.
  struct Result {
    let tokensPerSecond: [Double]
    let stepSeconds: [Double]
    let timings: OperationTimings
    let dataSeconds: Double
    let peakMemory: Int
    let device: Device
    let precision: Precision

    static func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      guard !sorted.isEmpty else { return .nan }
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    var json: JSONValue {
      [
        "device": .string("\(device)"), "precision": .string(precision.rawValue),
        "tokensPerSecond": ["median": .double(Self.median(tokensPerSecond))],
        "stepSeconds": .array(stepSeconds.map(JSONValue.double)),
        "breakdown": timings.json(dataSeconds: dataSeconds),
        "peakMemoryBytes": .int(peakMemory),
      ]
    }

    var text: String {
      """
      \(Int(Self.median(tokensPerSecond))) tokens/s, median of \(stepSeconds.count) steps
      time spent: \(timings.summary(dataSeconds: dataSeconds))
      peak memory: \(peakMemory >> 20) MiB
      """
    }
  }

  /// Two steps to warm up, then the timed ones.
  func run() throws -> Result {
    let plan = BatchPlan(lengths: texts.lengths, batchSize: batchSize, seed: seed)
    let batches = plan.batches.filter { $0.count == batchSize }
    guard !batches.isEmpty else {
      throw InputError(
        .usage, problem: "the texts do not fill one batch of \(batchSize)",
        remedy: "lower --batch-size or give more texts")
    }
    var (rates, seconds): ([Double], [Double]) = ([], [])
    var dataSeconds = 0.0
    let backend = training.model.backend
    for step in 0..<stepCount + 2 {
      if step == 2 { _ = backend.takeTimings() }
      let start = ContinuousClock.now
      let batch = try EncoderBatch(
        Batch(texts, indices: batches[step % batches.count]), on: backend)
      let packed = ContinuousClock.now
      try training.run(batch, step: step, learningRate: 2e-5)
      try backend.synchronize()
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      guard step >= 2 else { continue }
      seconds.append(elapsed)
      dataSeconds += (packed - start) / .seconds(1)
      rates.append(Double(batch.sequences.tokenCount) / elapsed)
    }
    return Result(
      tokensPerSecond: rates, stepSeconds: seconds, timings: backend.takeTimings(),
      dataSeconds: dataSeconds, peakMemory: Host.peakMemory, device: backend.device,
      precision: backend.precision)
  }
}

extension EncodedDataset {
  /// Random ids, all texts of one length.
  fileprivate init(
    randomTexts count: Int, length: Int, _ configuration: EncoderConfiguration, seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    self.init(
      (0..<count).map { _ in
        (0..<length).map { _ in Int32(generator.integer(below: configuration.vocabularySize)) }
      }, labels: (0..<count).map { Int32($0 % configuration.labels.count) })
  }
}

extension EncoderConfiguration {
  /// BERT-base, uncased (Devlin et al. 2019).
  fileprivate static let bertBase = EncoderConfiguration(
    family: .bert, layerCount: 12, headCount: 12, hiddenSize: 768, intermediateSize: 3072,
    vocabularySize: 30_522, maximumPositionCount: 512)
}
