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
  }
}

extension EncoderBatch {
  /// Uploads a packed batch.
  public init(_ batch: Batch, on backend: any Backend) throws(DeviceError) {
    try self.init(
      tokenIDs: batch.tokenIDs, positions: batch.positions,
      sequenceOffsets: batch.sequenceOffsets, labels: batch.labels,
      uniqueTokenIDs: batch.uniqueTokenIDs, groupOffsets: batch.groupOffsets,
      groupedTokens: batch.groupedTokens, on: backend)
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
    let mask = try headMask?.tensor(on: backend)
    var all = Array(repeating: [Float](), count: set.count)
    for (batch, indices) in zip(set.batches, set.exampleIndices) {
      if isCancelled() { throw Interruption() }
      let logits = try forward(batch, PassOptions(headMask: mask)).logits
      let values = try logits.hostFloats()
      guard values.allSatisfy(\.isFinite) else { throw TrainingError.notFinite }
      let classCount = logits.shape[1]
      for (row, index) in indices.enumerated() {
        all[index] = Array(values[row * classCount..<(row + 1) * classCount])
      }
    }
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
  /// Thrown where work can stop cleanly.
  public init() {}
  /// One sentence.
  public var description: String {
    "interrupted; run the same command again to go on from the last finished epoch"
  }
}
