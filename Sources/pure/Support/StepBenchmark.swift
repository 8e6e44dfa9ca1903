import Checkpoints
import CommandLineArguments
import Encoders
import Files
import Stages
import Tensors
import Text
import Training

/// Training steps, or forward passes, against the clock, on real texts in batches of similar length.
struct StepBenchmark {
  private let model: Classifier
  private let texts: EncodedDataset
  private let batchSize: Int
  private let stepCount: Int
  private let seed: UInt64
  private let isInference: Bool

  /// Steps of a model on texts.
  init(
    _ model: Classifier, on texts: EncodedDataset, batchSize: Int, stepCount: Int, seed: UInt64,
    isInference: Bool = false
  ) throws {
    self.model = model
    self.texts = texts
    self.batchSize = batchSize
    self.stepCount = stepCount
    self.seed = seed
    self.isInference = isInference
  }

  /// Takes model and texts from `--model` and `--data`, or random weights for `--configuration`,
  /// and random ids where there are no texts.
  init(_ bench: Workbench, _ backend: any Backend) throws {
    let arguments = bench.arguments
    let batchSize = arguments.integer("batch-size")
    let configuration: EncoderConfiguration? =
      arguments.optionalText("configuration") == nil ? nil : .bertBase
    let maximumLength = arguments.integer("max-length")
    let (model, texts): (Classifier, EncodedDataset)
    if let path = arguments.optionalText("data"),
      let directory = arguments.optionalText("model")
    {
      let source = try SourceModel(directory, for: .freshClassifier)
      let data = try bench.dataset(path)
      texts = try source.encoded(data, maximumLength: maximumLength)
      if let configuration {
        model = try Classifier(
          random: configuration, classifier: .linear, seed: bench.seed, on: backend)
      } else {
        model = try Classifier(
          source.checkpoint, freshClassifier: .linear, labels: data.labels.names, seed: bench.seed,
          on: backend)
      }
    } else if let configuration {
      model = try Classifier(
        random: configuration, classifier: .linear, seed: bench.seed, on: backend)
      texts = EncodedDataset(
        randomTexts: batchSize, length: configuration.tokenLimit(maximumLength), configuration,
        seed: bench.seed)
    } else {
      throw InputError(
        .usage, problem: "--step needs --model and --data, or --configuration",
        remedy: "name a model directory and a file of labelled texts")
    }
    try self.init(
      model, on: texts, batchSize: batchSize, stepCount: arguments.integer("steps"),
      seed: bench.seed, isInference: arguments.isSet("inference"))
  }

  /// What was measured.
  struct Result {
    let tokensPerSecond: [Double]
    /// Of all steps again, waited for once; nil on the CPU, which runs nothing ahead.
    let overall: Double?
    let stepSeconds: [Double]
    let timings: OperationTimings
    let dataSeconds: Double
    let peakMemory: Int
    let device: Device
    let precision: Precision

    var json: JSONValue {
      [
        "device": .string("\(device)"), "precision": .string(precision.rawValue),
        "tokensPerSecond": [
          "median": .double(tokensPerSecond.median),
          "overall": overall.map(JSONValue.double) ?? .null,
        ],
        "stepSeconds": .array(stepSeconds.map(JSONValue.double)),
        "breakdown": timings.json(dataSeconds: dataSeconds),
        "peakMemoryBytes": .int(peakMemory),
      ]
    }

    private var together: String {
      overall.map { "; \(Int($0)) when they are waited for together" } ?? ""
    }

    var text: String {
      """
      \(Int(tokensPerSecond.median)) tokens/s, median of \(stepSeconds.count) steps\(together)
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
    let backend = model.backend
    var steps = try GradientAccumulation(TrainingStep(model, settings: TrainingSettings()))
    for step in 0..<stepCount + 2 {
      if step == 2 { _ = backend.takeTimings() }
      let (start, uploaded) = (ContinuousClock.now, steps.uploadTime)
      let batch = Batch(texts, indices: batches[step % batches.count])
      let packed = ContinuousClock.now
      try queue(batch, step, &steps)
      try backend.synchronize()
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      guard step >= 2 else { continue }
      seconds.append(elapsed)
      dataSeconds += (packed - start + steps.uploadTime - uploaded) / .seconds(1)
      rates.append(Double(batch.tokenCount) / elapsed)
    }
    let timings = backend.takeTimings()
    return Result(
      tokensPerSecond: rates,
      overall: backend.device == .cpu ? nil : try overall(batches, &steps), stepSeconds: seconds,
      timings: timings, dataSeconds: dataSeconds, peakMemory: Host.peakMemory,
      device: backend.device, precision: backend.precision)
  }

  /// Tokens a second of the timed steps, each of whose sizes has been worked on and recorded by now.
  private func overall(_ batches: [[Int]], _ steps: inout GradientAccumulation) throws -> Double {
    var rate = Double.nan
    // Only the second pass counts: the first records.
    for pass in 1...2 {
      let start = ContinuousClock.now
      var tokens = 0
      for step in 2..<stepCount + 2 {
        let batch = Batch(texts, indices: batches[step % batches.count])
        tokens += batch.tokenCount
        try queue(batch, pass * stepCount + step, &steps)
      }
      try model.backend.synchronize()
      rate = Double(tokens) / ((ContinuousClock.now - start) / .seconds(1))
    }
    return rate
  }

  private func queue(_ batch: Batch, _ step: Int, _ steps: inout GradientAccumulation) throws {
    if isInference {
      _ = try model.forward(EncoderBatch(batch, on: model.backend), PassOptions())
    } else {
      try steps.run(batch, step: step, learningRate: 2e-5)
    }
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
