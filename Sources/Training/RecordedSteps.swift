internal import Encoders
internal import Tensors
internal import Text

/// Training steps that a GPU is asked for as a whole. The first batch of a size is worked on as ever,
/// the second is recorded, and from then on a step is two small copies and one call. What differs
/// from batch to batch lies in device memory: the ids, where texts begin, the step and its rates.
/// The bits are the same either way.
final class RecordedSteps {
  /// What a recording is for: the sizes of its matrices, and how long its texts may be.
  private struct Size: Hashable {
    let rows: Int
    let texts: Int
    let longest: Int

    init(_ batch: Batch, on backend: any Backend) {
      rows = backend.rowCount(holding: batch.tokenCount)
      texts = batch.count
      // Attention's blocks behind the end of a text return at once, so few lengths are enough.
      longest = Self.lengths.first { $0 >= batch.longestSequence } ?? batch.longestSequence
    }

    private static let lengths = [32, 64, 128, 256, 512]
  }

  private struct Step {
    let recording: any Recording
    let batch: EncoderBatch
  }

  private let training: TrainingStep
  private let state: StepState
  private var steps: [Size: Step] = [:]
  private var seen: Set<Size> = []
  private var refused: Set<Size> = []
  /// Time spent on uploading batches.
  private(set) var uploadTime = Duration.zero

  /// Nil where the steps of an objective are not all alike, or nothing moves but a few words.
  init?(_ training: TrainingStep) throws(DeviceError) {
    let objective = training.objective
    guard objective.streams.count == 1, objective.rule is PlainStep, training.movesEverything,
      training.model.backend.device != .cpu
    else { return nil }
    self.training = training
    state = try StepState(on: training.model.backend)
  }

  /// Does a step, or nothing: false where it has to be done another way.
  func run(_ batch: Batch, step: Int, learningRate: Double) throws(DeviceError) -> Bool {
    let backend = training.model.backend
    guard batch.tokensByPosition == nil, batch.tokenCount > 0 else { return false }
    let size = Size(batch, on: backend)
    // Now and then all words are settled, see `TrainingStep.run`. Parameters that were written from
    // elsewhere have to be rounded first.
    guard !seen.insert(size).inserted, !refused.contains(size),
      !step.isMultiple(of: RowProgress.reach), training.model.parameters.rest.hasCurrentFactors
    else { return false }
    if steps[size]?.recording.isCurrent != true { steps[size] = try record(size, batch, step) }
    guard let recorded = steps[size] else {
      refused.insert(size)
      return false
    }
    let start = ContinuousClock.now
    try recorded.batch.write(batch)
    uploadTime += ContinuousClock.now - start
    try state.write(step: step, learningRate: learningRate, training.optimizer)
    try recorded.recording.replay()
    return true
  }

  private func record(_ size: Size, _ batch: Batch, _ step: Int) throws(DeviceError) -> Step? {
    let backend = training.model.backend
    var fewest = batch.tokenCount
    while fewest > 1, backend.rowCount(holding: fewest - 1) == size.rows { fewest -= 1 }
    let room = try EncoderBatch(
      roomFor: fewest...size.rows, texts: size.texts, longestSequence: size.longest, on: backend)
    let recording = backend.record(state) { () throws(DeviceError) in
      // Which step is no matter: the state tells.
      try training.run(room, step: step, learningRate: 0)
    }
    return recording.map { Step(recording: $0, batch: room) }
  }
}

extension EncoderBatch {
  fileprivate func write(_ batch: Batch) throws(DeviceError) {
    try write(
      tokenIDs: batch.tokenIDs, positions: batch.positions,
      sequenceOffsets: batch.sequenceOffsets, labels: batch.labels,
      uniqueTokenIDs: batch.tokensByID.rows, groupOffsets: batch.tokensByID.offsets,
      groupedTokens: batch.tokensByID.tokens)
  }
}
