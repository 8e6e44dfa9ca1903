public import Checkpoints
public import Encoders
public import Tensors
public import Text

/// Labelled texts, packed by length and uploaded once, to be classified again and again.
public struct EvaluationSet: Sendable {
  /// Packed batches, shortest texts first.
  public let batches: [EncoderBatch]
  /// By batch, where each text stood in the data set.
  public let exampleIndices: [[Int]]
  /// Labels in the order of the data set.
  public let labels: [Int]
  /// Classes of the labels.
  public let classCount: Int
  private let data: EncodedDataset

  /// Texts in all.
  public var count: Int { labels.count }

  /// Packs and uploads `data`, `batchSize` texts a batch.
  public init(
    _ data: EncodedDataset, classCount: Int, batchSize: Int = 64, on backend: any Backend
  ) throws(DeviceError) {
    var batches: [EncoderBatch] = []
    var indices: [[Int]] = []
    let plan = BatchPlan(
      lengths: data.lengths, batchSize: batchSize, order: .sortedByLength)
    for batch in plan.batches {
      batches.append(try EncoderBatch(Batch(data, indices: batch), on: backend))
      indices.append(batch)
    }
    self.batches = batches
    self.exampleIndices = indices
    self.labels = data.labels.map(Int.init)
    self.classCount = classCount
    self.data = data
  }

  /// Calls `body` with each batch and where its texts stand in the data set. A batch for which
  /// `body` finds no room on the device comes again in halves, and those after it that are as large
  /// come in halves at once.
  ///
  /// - Throws: `Interruption` when cancelled, and what `body` throws: `DeviceError.outOfMemory`
  ///   where not even one text fits.
  public func forEachBatch(
    isCancelled: () -> Bool = { false }, _ body: (EncoderBatch, [Int]) throws -> Void
  ) throws {
    var tokenLimit = Int.max
    for index in batches.indices {
      if isCancelled() { throw Interruption() }
      try visit(exampleIndices[index], of: batches[index], tokenLimit: &tokenLimit, body)
    }
  }

  /// The same for one batch.
  public func forBatch(_ index: Int, _ body: (EncoderBatch, [Int]) throws -> Void) throws {
    var tokenLimit = Int.max
    try visit(exampleIndices[index], of: batches[index], tokenLimit: &tokenLimit, body)
  }

  private func visit(
    _ indices: [Int], of whole: EncoderBatch, tokenLimit: inout Int,
    _ body: (EncoderBatch, [Int]) throws -> Void
  ) throws {
    let tokenCount = indices.reduce(0) { $0 + data[$1].count }
    if tokenCount <= tokenLimit || indices.count == 1 {
      do {
        if indices.count == whole.sequences.sequenceCount { return try body(whole, indices) }
        return try body(
          EncoderBatch(Batch(data, indices: indices), on: whole.backend), indices)
      } catch DeviceError.outOfMemory where indices.count > 1 {
        tokenLimit = tokenCount - 1
      }
    }
    // Texts come by length, so half of them are about half of the tokens.
    let middle = indices.count / 2
    for half in [indices[..<middle], indices[middle...]] {
      try visit(Array(half), of: whole, tokenLimit: &tokenLimit, body)
    }
  }
}

extension EncoderConfiguration {
  /// What the encoder makes of its padding token where a text spells it.
  public var padding: PaddingToken {
    // PyTorch counts a negative padding_idx from the end of the table.
    PaddingToken(
      id: Int32(padTokenID < 0 ? padTokenID + vocabularySize : padTokenID),
      takesPosition: paddingTakesPosition)
  }
}

extension EncoderBatch {
  fileprivate var backend: any Backend { tokenIDs.backend }

  /// Uploads a packed batch.
  public init(_ batch: Batch, on backend: any Backend) throws(DeviceError) {
    try self.init(
      tokenIDs: batch.tokenIDs, positions: batch.positions,
      sequenceOffsets: batch.sequenceOffsets, labels: batch.labels,
      uniqueTokenIDs: batch.tokensByID.rows, groupOffsets: batch.tokensByID.offsets,
      groupedTokens: batch.tokensByID.tokens,
      positionGroups: batch.tokensByPosition.map { ($0.rows, $0.offsets, $0.tokens) }, on: backend)
  }
}

/// The class with the largest logit; the lowest of equals. NaN never wins.
public func predictedClass(_ logits: some Collection<Float>) -> Int {
  var best = (index: 0, value: -Float.infinity)
  for (index, value) in logits.enumerated() where value > best.value { best = (index, value) }
  return best.index
}

extension Classifier {
  /// Logits of every text, [texts][classes], in the order of the data set. Dropout is off.
  ///
  /// - Throws: `TrainingError.notFinite` if one is no finite number, `Interruption` when cancelled.
  public func logits(
    of set: EvaluationSet, headMask: HeadMask? = nil, isCancelled: () -> Bool = { false }
  ) throws -> [[Float]] {
    let options = PassOptions(headMask: try headMask?.tensor(on: backend))
    return try rows(of: set, isCancelled: isCancelled) { try forward($0, options).logits }
  }

  /// The last layer's [CLS] of every text, [texts][hidden], likewise.
  public func states(
    of set: EvaluationSet, isCancelled: () -> Bool = { false }
  ) throws -> [[Float]] {
    try rows(of: set, isCancelled: isCancelled) { try encoder.forward($0, PassOptions()).cls }
  }

  /// A row of numbers for every text.
  private func rows(
    of set: EvaluationSet, isCancelled: () -> Bool, _ compute: (EncoderBatch) throws -> Tensor
  ) throws -> [[Float]] {
    var all = Array(repeating: [Float](), count: set.count)
    // Reading waits for the device, so that nothing is read before all is queued, or no room is
    // left.
    var queued: [(indices: [Int], rows: Tensor)] = []
    func read() throws {
      for (indices, rows) in queued {
        let values = try rows.hostFloats()
        guard values.allSatisfy(\.isFinite) else { throw TrainingError.notFinite }
        let width = rows.shape[1]
        for (row, index) in indices.enumerated() {
          all[index] = Array(values[row * width..<(row + 1) * width])
        }
      }
      queued = []
    }
    try set.forEachBatch(isCancelled: isCancelled) { batch, indices in
      func queue() throws { queued.append((indices, try compute(batch))) }
      do { try queue() } catch DeviceError.outOfMemory where !queued.isEmpty {
        try read()
        try queue()
      }
    }
    try read()
    return all
  }

  /// Predictions against labels over every text.
  public func confusion(
    on set: EvaluationSet, headMask: HeadMask? = nil, isCancelled: () -> Bool = { false }
  ) throws -> ConfusionMatrix {
    var confusion = ConfusionMatrix(classCount: set.classCount)
    let logits = try logits(of: set, headMask: headMask, isCancelled: isCancelled)
    for (label, logits) in zip(set.labels, logits) {
      confusion.record(label: label, prediction: predictedClass(logits))
    }
    return confusion
  }
}

/// The user, or the system, asked for the work to stop; what was finished is saved.
public struct Interruption: Error, CustomStringConvertible {
  private let advice: String

  /// Thrown where work can stop cleanly.
  ///
  /// - Parameter advice: how to go on.
  public init(_ advice: String = "run the same command again to go on where it stopped") {
    self.advice = advice
  }

  /// One sentence.
  public var description: String { "interrupted; \(advice)" }
}
