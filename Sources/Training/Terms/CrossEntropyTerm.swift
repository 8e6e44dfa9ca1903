public import Encoders
public import Files
public import Tensors

/// The mean cross-entropy of a batch.
public struct CrossEntropyTerm: LossTerm {
  /// Factor of the mean.
  public let weight: Double

  /// The mean over the batch, times `weight`.
  public init(weight: Double = 1) { self.weight = weight }

  /// Its weight.
  public var json: JSONValue { ["kind": "cross-entropy", "weight": .double(weight)] }

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
