internal import Checkpoints
public import Files
internal import Encoders
public import Tensors
public import Text

/// How batches were cut that a device had no room for.
public struct BatchCut: Sendable, Equatable {
  /// Tokens of a part, unless one text has more.
  public var tokenLimit: Int
  /// The most parts of a batch.
  public var partCount: Int
  /// Steps whose batch was cut.
  public var stepCount: Int
}

/// Training steps over batches of any size. A batch for which the device has no room is cut, and the parts' gradients
/// add up to the whole batch's, with the same dropout masks: the step is the same but for rounding. The size that
/// fitted is remembered, so that later steps do not fail first.
///
/// A norm term that joins the texts of a batch (`LossTerm.joinsTexts`) needs the sums of all parts before any part's
/// gradient, so a cut batch then goes forward twice: once for the sums, once for the gradients.
public struct GradientAccumulation {
  /// The step that each part takes a share of.
  public let training: TrainingStep
  /// How batches were cut so far; nil: none was.
  public internal(set) var cut: BatchCut?
  /// Time spent on uploading batches.
  public private(set) var uploadTime = Duration.zero
  private let lossBefore: Tensor

  /// - Parameter cut: of the steps before, in a run that goes on.
  public init(_ training: TrainingStep, cut: BatchCut? = nil) throws(DeviceError) {
    self.training = training
    self.cut = cut
    lossBefore = try Tensor([1], on: training.model.backend)
  }

  /// Forward, backward, clipping and AdamW on one batch, in as many parts as are needed.
  ///
  /// - Parameters:
  ///   - step: from 0; names the dropout masks and AdamW's bias correction.
  ///   - learningRate: of this step.
  /// - Throws: `DeviceError.outOfMemory` when not even one text fits. No step was taken then.
  public mutating func run(_ batch: Batch, step: Int, learningRate: Double) throws(DeviceError) {
    let words = try Tensor(batch.tokensByID.rows, on: training.model.backend)
    try training.run(reading: words, step: step, learningRate: learningRate) {
      () throws(DeviceError) in try backpropagate(batch, step: step)
    }
  }

  /// Fills the gradient and adds the batch's loss to the sum.
  public mutating func backpropagate(_ batch: Batch, step: Int) throws(DeviceError) {
    let backend = training.model.backend
    try backend.copy(training.lossSum, into: lossBefore)
    while true {
      let parts = BatchPart.cutting(batch, tokenLimit: cut?.tokenLimit ?? .max)
      guard let failed = try firstWithoutRoom(parts, batch, step: step) else {
        if var cut, parts.count > 1 {
          cut.partCount = max(cut.partCount, parts.count)
          cut.stepCount += 1
          self.cut = cut
        }
        return
      }
      // What the attempt has added; everything else is overwritten by the next.
      try backend.fill(training.gradient.embeddings, with: 0)
      try backend.copy(lossBefore, into: training.lossSum)
      guard let half = BatchPart.largerHalf(of: failed.texts, in: batch) else { throw failed.error }
      cut = BatchCut(
        tokenLimit: half, partCount: cut?.partCount ?? 1, stepCount: cut?.stepCount ?? 0)
    }
  }

  /// Takes the parts in their order; nil when the device had room for each.
  private mutating func firstWithoutRoom(
    _ parts: [BatchPart], _ batch: Batch, step: Int
  ) throws(DeviceError) -> (texts: Range<Int>, error: DeviceError)? {
    let backend = training.model.backend
    var current = parts[0].texts
    do throws(DeviceError) {
      var squareSums: [Tensor]?
      if parts.count > 1, training.joinsTexts {
        let configuration = training.model.configuration
        var joined: [Tensor] = []
        for _ in 0..<configuration.layerCount {
          joined.append(try Tensor([batch.count, configuration.headCount], on: backend))
        }
        for part in parts {
          current = part.texts
          let sums = try training.squareSums(upload(part, of: batch), step: step, part: part)
          for (sum, whole) in zip(sums, joined) {
            try backend.copy(sum, into: whole.rows(part.texts))
          }
        }
        squareSums = joined
      }
      for var part in parts {
        current = part.texts
        part.squareSums = squareSums
        try training.backpropagate(upload(part, of: batch), step: step, part: part)
      }
      return nil
    } catch {
      guard case .outOfMemory = error else { throw error }
      return (current, error)
    }
  }

  private mutating func upload(_ part: BatchPart, of batch: Batch) throws(DeviceError)
    -> EncoderBatch
  {
    let start = ContinuousClock.now
    defer { uploadTime += ContinuousClock.now - start }
    let texts = part.texts.count == batch.count ? batch : batch.part(part.texts)
    return try EncoderBatch(texts, on: training.model.backend)
  }
}

extension BatchCut {
  /// As JSON.
  public var json: JSONValue {
    [
      "tokenLimit": .int(tokenLimit), "partCount": .int(partCount), "stepCount": .int(stepCount),
    ]
  }

  /// What `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    tokenLimit = try node.required("tokenLimit").int()
    partCount = try node.required("partCount").int()
    stepCount = try node.required("stepCount").int()
  }
}
