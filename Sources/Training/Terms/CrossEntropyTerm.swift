public import Encoders
public import Files
public import Tensors

/// The mean cross-entropy of a batch.
public struct CrossEntropyTerm: LossTerm {
  /// Factor of the mean.
  public let weight: Double

  private let dropsOut: Bool

  /// The mean over the batch, times `weight`.
  ///
  /// - Parameter headDropout: of the logits after the head's dropout.
  public init(weight: Double = 1, headDropout: Bool = true) {
    self.weight = weight
    dropsOut = headDropout
  }

  /// As it was told.
  public var headDropout: Bool? { dropsOut }

  /// Its weight, and where there is no dropout that.
  public var json: JSONValue {
    var json = JSONObject([("kind", "cross-entropy"), ("weight", .double(weight))])
    if !dropsOut { json["headDropout"] = false }
    return .object(json)
  }

  /// Adds the mean over the batch.
  public func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    let dLogits = try Tensor(context.pass.logits.shape, on: loss.backend)
    try loss.backend.crossEntropy(
      logits: context.pass.logits, labels: context.batch.labels,
      weight: weight / Double(context.part.textCount), loss: loss, dLogits: dLogits)
    try gradients.add(dLogits, at: \.dLogits)
  }
}
