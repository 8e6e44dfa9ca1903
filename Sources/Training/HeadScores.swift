internal import Checkpoints
public import Encoders
public import Settings
internal import Tensors

/// The variance score of every head: how unevenly its [CLS] row attends, averaged over texts (paper Eq. 2 and 5.1).
public struct HeadScores: Sendable, Equatable {
  /// `values[layer][head]`.
  public let values: [[Double]]

  /// Given scores.
  public init(values: [[Double]]) { self.values = values }

  /// Scores `model` on `texts` with dropout off.
  ///
  /// - Parameters:
  ///   - paddedLength: the length that the recipe counts, the maximum length of the encoded texts.
  ///   - recipe: `paper`: Σ (a − 1/n)² / (n − 1) with n = paddedLength over the whole row, mean over texts.
  ///     `reference`: sample variance of the row's first n − 1 entries, mean of means over batches of 32.
  public init(
    of model: Classifier, on texts: EvaluationSet, paddedLength: Int, recipe: Recipe,
    headMask: HeadMask? = nil
  ) throws {
    let prefix = recipe == .reference ? paddedLength - 1 : 0
    let options = PassOptions(
      headMask: try headMask?.tensor(on: model.backend), trace: TraceOptions(prefix: prefix))
    let (layers, heads) = (model.configuration.layerCount, model.configuration.headCount)
    var variances = Array(repeating: [[Double]](), count: texts.count)
    try texts.forEachBatch { batch, indices in
      let traces = try model.encoder.forward(batch, options).traces
      let sums = try traces.map { trace in
        (square: try trace.squareSum.hostFloats(), sum: try trace.sum?.hostFloats())
      }
      for (row, index) in indices.enumerated() {
        variances[index] = (0..<layers).map { layer in
          (0..<heads).map { head in
            let cell = row * heads + head
            return Self.variance(
              squareSum: Double(sums[layer].square[cell]),
              sum: sums[layer].sum.map { Double($0[cell]) }, paddedLength: paddedLength,
              recipe: recipe)
          }
        }
      }
    }
    let batchSize = recipe == .reference ? 32 : max(1, texts.count)
    let scores = (0..<layers).map { layer in
      (0..<heads).map { head in
        let means = stride(from: 0, to: variances.count, by: batchSize).map { start in
          let batch = variances[start..<min(start + batchSize, variances.count)]
          return batch.map { $0[layer][head] }.reduce(0, +) / Double(batch.count)
        }
        return means.reduce(0, +) / Double(max(1, means.count))
      }
    }
    guard scores.joined().allSatisfy(\.isFinite) else { throw TrainingError.notFinite }
    values = scores
  }

  /// The variance of one row from its sums.
  static func variance(squareSum: Double, sum: Double?, paddedLength: Int, recipe: Recipe)
    -> Double
  {
    switch recipe {
    case .paper:
      let length = Double(paddedLength)
      return (squareSum - 1 / length) / (length - 1)
    case .reference:
      let length = Double(paddedLength - 1)
      let sum = sum ?? 1
      return (squareSum - sum * sum / length) / (length - 1)
    }
  }

  /// Heads by score, lowest first; equals in the order of layer and head.
  public var ascending: [(layer: Int, head: Int)] {
    values.indices
      .flatMap { layer in values[layer].indices.map { (layer: layer, head: $0) } }
      .sorted {
        (values[$0.layer][$0.head], $0.layer, $0.head)
          < (values[$1.layer][$1.head], $1.layer, $1.head)
      }
  }
}
