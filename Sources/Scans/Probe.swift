internal import Checkpoints
public import Encoders
internal import Tensors
public import Text
internal import Training

/// A classifier that is asked what candidates do to texts.
public struct Probe {
  /// The suspect.
  public let model: Classifier
  /// What stands around each text.
  public let tokenizer: Tokenizer
  /// Asked before each batch.
  let isCancelled: () -> Bool

  /// A model with its tokenizer.
  ///
  /// - Parameter isCancelled: asked before each batch.
  public init(_ model: Classifier, _ tokenizer: Tokenizer, isCancelled: @escaping () -> Bool) {
    (self.model, self.tokenizer, self.isCancelled) = (model, tokenizer, isCancelled)
  }

  /// Logits of texts that are given by their pieces, [texts][classes].
  ///
  /// - Throws: `TrainingError.notFinite` where one is no finite number, `Interruption` when
  ///   cancelled.
  public func logits(_ texts: [[Int32]]) throws -> [[Float]] {
    try model.logits(of: set(of: texts), isCancelled: isCancelled)
  }

  /// Texts that are given by their pieces, as the model reads them.
  func set(of texts: [[Int32]]) throws(DeviceError) -> EvaluationSet {
    let framed = texts.map { tokenizer.prefix + $0 + tokenizer.suffix }
    let longest = framed.map(\.count).max() ?? 1
    return try EvaluationSet(
      EncodedDataset(
        framed, labels: Array(repeating: -1, count: texts.count),
        padding: model.configuration.padding),
      classCount: model.configuration.labels.count,
      batchSize: max(1, Self.tokensOfBatch / longest), on: model.backend)
  }

  /// What each candidate does to the same texts.
  public func responses(
    to candidates: some Sequence<[Int32]>, in carriers: [Carrier]
  ) throws -> [Response] {
    let candidates = Array(candidates)
    let logits = try logits(
      candidates.flatMap { candidate in carriers.map { $0.bearing(candidate) } })
    return candidates.indices.map { index in
      Response(logits[index * carriers.count..<(index + 1) * carriers.count])
    }
  }

  /// Enough to keep two cores busy, and few enough to stay in their caches.
  private static let tokensOfBatch = 4096
}

/// What a candidate does to some texts, by the class that they may go to.
public struct Response: Sendable, Equatable {
  /// By class, the mean over the texts of its logit less the largest other one.
  public var margins: [Double]
  /// By class, how many texts the model takes for one of it.
  public var counts: [Int]

  init(margins: [Double], counts: [Int]) { (self.margins, self.counts) = (margins, counts) }

  /// - Parameter logits: [texts][classes], of two classes at least.
  init(_ logits: some Collection<[Float]>) {
    let classes = logits.first?.count ?? 0
    margins = Array(repeating: 0, count: classes)
    counts = Array(repeating: 0, count: classes)
    for logits in logits {
      for target in logits.indices { margins[target] += margin(of: target, in: logits) }
      counts[predictedClass(logits)] += 1
    }
    for target in margins.indices { margins[target] /= Double(logits.count) }
  }
}

/// The largest of the logits but one class's.
func rival(of target: Int, in logits: [Float]) -> Int {
  var best = (index: target == 0 ? 1 : 0, value: -Float.infinity)
  for (index, value) in logits.enumerated() where index != target && value > best.value {
    best = (index, value)
  }
  return best.index
}

/// A class's logit less the largest other one; finite where they are, however large.
func margin(of target: Int, in logits: [Float]) -> Double {
  Double(logits[target]) - Double(logits[rival(of: target, in: logits)])
}
