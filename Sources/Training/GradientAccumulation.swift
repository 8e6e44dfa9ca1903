internal import Checkpoints
internal import Encoders
public import Files
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

/// Training steps over batches of any size. A batch for which the device has no room is cut, and
/// the parts' gradients add up to the whole batch's, with the same dropout masks: the step is the
/// same but for rounding. The size that fitted is remembered, so that later steps do not fail
/// first.
///
/// A norm term that joins the texts of a batch (`LossTerm.joinsTexts`) needs the sums of all parts
/// before any part's gradient, so a cut batch then goes forward twice: once for the sums, once for
/// the gradients. With several passes a step, all are made again when one has no room.
public struct GradientAccumulation {
  /// The step that each part takes a share of.
  public let training: TrainingStep
  /// How batches were cut so far; nil: none was.
  public internal(set) var cut: BatchCut?
  /// Time spent on uploading batches.
  public var uploadTime: Duration { unrecordedTime + (recorded?.uploadTime ?? .zero) }
  private var unrecordedTime = Duration.zero
  private let lossBefore: Tensor
  private let recorded: RecordedSteps?

  /// - Parameter cut: of the steps before, in a run that goes on.
  public init(_ training: TrainingStep, cut: BatchCut? = nil) throws(DeviceError) {
    self.training = training
    self.cut = cut
    lossBefore = try Tensor([1], on: training.model.backend)
    recorded = try RecordedSteps(training)
  }

  /// Forward and backward passes, clipping and AdamW on one batch a stream, each in as many parts
  /// as are needed.
  ///
  /// - Parameters:
  ///   - batches: in the order of the streams.
  ///   - step: from 0; names the dropout masks and AdamW's bias correction.
  ///   - learningRate: of this step.
  /// - Throws: `DeviceError.outOfMemory` when not even one text fits. No step was taken then.
  public mutating func run(_ batches: [Batch], step: Int, learningRate: Double) throws(DeviceError)
  {
    if cut == nil, batches.count == 1,
      try recorded?.run(batches[0], step: step, learningRate: learningRate) == true
    {
      return
    }
    let words = try Tensor(Self.words(of: batches), on: training.model.backend)
    try training.run(reading: words, step: step, learningRate: learningRate) {
      () throws(DeviceError) in try backpropagate(batches, step: step)
    }
  }

  /// The same for an objective of one stream.
  public mutating func run(_ batch: Batch, step: Int, learningRate: Double) throws(DeviceError) {
    try run([batch], step: step, learningRate: learningRate)
  }

  /// Fills the gradient and adds the batches' loss to the sum.
  public mutating func backpropagate(_ batches: [Batch], step: Int) throws(DeviceError) {
    let backend = training.model.backend
    try backend.copy(training.lossSum, into: lossBefore)
    while true {
      var passes = StepPasses(
        training, batches, step: step, tokenLimit: cut?.tokenLimit ?? .max)
      defer { unrecordedTime += passes.uploadTime }
      do throws(DeviceError) {
        try training.objective.rule.backpropagate(&passes)
        if var cut, passes.partCount > 1 {
          cut.partCount = max(cut.partCount, passes.partCount)
          cut.stepCount += 1
          self.cut = cut
        }
        return
      } catch {
        guard case .outOfMemory = error, let current = passes.current else { throw error }
        // What the attempt has added; everything else is overwritten by the next.
        try backend.fill(training.gradient.embeddings, with: 0)
        try backend.copy(lossBefore, into: training.lossSum)
        guard let half = BatchPart.largerHalf(of: current.texts, in: current.batch) else {
          throw error
        }
        cut = BatchCut(
          tokenLimit: half, partCount: cut?.partCount ?? 1, stepCount: cut?.stepCount ?? 0)
      }
    }
  }

  /// The ids that the batches read, each once, ascending.
  private static func words(of batches: [Batch]) -> [Int32] {
    if batches.count == 1 { return batches[0].tokensByID.rows }
    return Set(batches.flatMap(\.tokensByID.rows)).sorted()
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
    let counts = 1...Int(Int32.max)
    tokenLimit = try node.required("tokenLimit").int(in: counts)
    partCount = try node.required("partCount").int(in: counts)
    stepCount = try node.required("stepCount").int(in: counts)
  }
}
