internal import Checkpoints
public import Encoders
public import Tensors
internal import Text

/// The backward passes of one step, as a rule asks for them: over a stream's batch, in as many
/// parts as memory asks for, at the model's parameters or at others. A stream's dropout masks are
/// the same however often it is passed in a step, and those of different streams are independent:
/// in the numbering of rows, the batches of a step lie end to end.
public struct StepPasses {
  private let training: TrainingStep
  private let batches: [Batch]
  private let step: Int
  private let tokenLimit: Int
  /// The most parts of a batch so far.
  private(set) var partCount = 1
  /// The texts under way, and their batch.
  private(set) var current: (texts: Range<Int>, batch: Batch)?
  /// Time spent on uploading batches.
  private(set) var uploadTime = Duration.zero

  init(_ training: TrainingStep, _ batches: [Batch], step: Int, tokenLimit: Int) {
    precondition(
      batches.count == training.objective.streams.count, "each stream has one batch a step")
    self.training = training
    self.batches = batches
    self.step = step
    self.tokenLimit = tokenLimit
  }

  /// Names of the streams, in order.
  public var streams: [String] { training.objective.streams.map(\.name) }
  /// The model that is trained.
  public var model: Classifier { training.model }
  /// What AdamW will take; its embedding tables are zero when a rule begins.
  public var gradient: ParameterBlock { training.gradient }
  /// [1]: the sum of the steps' losses.
  public var loss: Tensor { training.lossSum }

  /// Texts of a stream's batch.
  public func textCount(of stream: String) -> Int { batches[index(of: stream)].count }

  /// Fills `block` with the gradient of a stream's loss, and adds the loss to `loss` [1].
  ///
  /// - Parameters:
  ///   - model: at whose parameters; nil: the model's own.
  ///   - block: its embedding tables are added to.
  ///   - adding: add to all of it.
  public mutating func backpropagate(
    _ stream: String, at model: Classifier? = nil, into block: ParameterBlock, loss: Tensor,
    adding: Bool = false
  ) throws(DeviceError) {
    let index = index(of: stream)
    let (model, batch) = (model ?? training.model, batches[index])
    let parts = parts(of: index)
    partCount = max(partCount, parts.count)
    let squareSums = try joinedSums(of: index, parts, at: model)
    for var part in parts {
      current = (part.texts, batch)
      part.squareSums = squareSums
      try training.backpropagate(
        upload(part, of: batch), of: index, step: step, part: part, at: model, into: block,
        loss: loss, adding: adding || part.texts.lowerBound > 0)
    }
    current = nil
  }

  /// Zeroes what the run does not move.
  public func clearWhatStays(in block: ParameterBlock) throws(DeviceError) {
    try training.clearWhatStays(in: block)
  }

  private func index(of stream: String) -> Int {
    guard let index = streams.firstIndex(of: stream) else {
      preconditionFailure("the step rule asks for a stream \(stream) that the objective has not")
    }
    return index
  }

  private func parts(of stream: Int) -> [BatchPart] {
    let before = batches[..<stream]
    return BatchPart.cutting(batches[stream], tokenLimit: tokenLimit).map { part in
      var part = part
      part.earlierTexts = before.reduce(0) { $0 + $1.count }
      part.earlierTokens = before.reduce(0) { $0 + $1.tokenCount }
      return part
    }
  }

  /// What each part needs to know of the others where a term joins the texts of a batch.
  private mutating func joinedSums(
    of stream: Int, _ parts: [BatchPart], at model: Classifier
  ) throws(DeviceError) -> [Tensor]? {
    guard parts.count > 1, training.joinsTexts(stream) else { return nil }
    let batch = batches[stream]
    var joined: [Tensor] = []
    for _ in 0..<model.configuration.layerCount {
      joined.append(
        try Tensor([batch.count, model.configuration.headCount], on: model.backend))
    }
    for part in parts {
      current = (part.texts, batch)
      let sums = try training.squareSums(
        upload(part, of: batch), of: stream, step: step, part: part, at: model)
      for (sum, whole) in zip(sums, joined) {
        try model.backend.copy(sum, into: whole.rows(part.texts))
      }
    }
    return joined
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
