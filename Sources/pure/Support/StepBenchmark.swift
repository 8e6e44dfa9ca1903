import Checkpoints
import CommandLineArguments
import Encoders
import Files
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

  /// Reads what `--model` or `--configuration`, `--data`, `--pad-to` and `--steps` name.
  init(_ bench: Workbench, _ backend: any Backend) throws {
    let arguments = bench.arguments
    guard let directory = arguments.optionalText("model"),
      let path = arguments.optionalText("data")
    else {
      throw InputError(
        .usage, problem: "--step needs --model and --data",
        remedy: "name a model directory and a file of labelled texts")
    }
    let (checkpoint, tokenizer) = try Workbench.model(directory)
    let data = try bench.dataset(path)
    let configuration: EncoderConfiguration
    if arguments.optionalText("configuration") != nil {
      configuration = checkpoint.configuration.bertBase
    } else {
      configuration = checkpoint.configuration
    }
    let encoded = EncodedDataset(
      data, tokenizer: tokenizer, maximumLength: bench.maximumLength(configuration))
    texts = arguments.optionalInteger("pad-to").map { encoded.padded(to: $0) } ?? encoded
    batchSize = arguments.integer("batch-size")
    stepCount = arguments.integer("steps")
    seed = bench.seed
    let model =
      try arguments.optionalText("configuration") == nil
      ? Classifier(
        checkpoint, freshHead: .linear, labels: data.labels.names, seed: seed, on: backend)
      : Classifier(random: configuration, head: .linear, seed: seed, on: backend)
    training = try TrainingStep(
      model, terms: [CrossEntropyTerm()], headMask: nil, settings: TrainingSettings())
  }

  /// What was measured.
  struct Result {
    let tokensPerSecond: [Double]
    let stepSeconds: [Double]
    let timings: OperationTimings
    let dataSeconds: Double
    let peakMemory: Int

    static func median(_ values: [Double]) -> Double {
      let sorted = values.sorted()
      guard !sorted.isEmpty else { return .nan }
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    var json: JSONValue {
      [
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
      let elapsed = (ContinuousClock.now - start).seconds
      guard step >= 2 else { continue }
      seconds.append(elapsed)
      dataSeconds += (packed - start).seconds
      rates.append(Double(batch.sequences.tokenCount) / elapsed)
    }
    return Result(
      tokensPerSecond: rates, stepSeconds: seconds, timings: backend.takeTimings(),
      dataSeconds: dataSeconds, peakMemory: Host.peakMemory)
  }
}

extension EncodedDataset {
  /// Every text with its tokens repeated, or cut, to `length`: what padding costs, without a mask.
  func padded(to length: Int) -> EncodedDataset {
    EncodedDataset(
      (0..<count).map { index in
        let text = self[index]
        return (0..<length).map { text[text.startIndex + $0 % text.count] }
      }, labels: labels)
  }
}

extension EncoderConfiguration {
  /// This configuration in the size of BERT-base (Devlin et al. 2019): 12 layers of 12 heads, hidden size 768.
  var bertBase: EncoderConfiguration {
    var base = self
    base.layerCount = 12
    base.headCount = 12
    base.hiddenSize = 768
    base.intermediateSize = 3072
    return base
  }
}
