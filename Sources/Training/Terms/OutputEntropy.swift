public import Encoders
public import Files
public import Tensors

/// Σ p log p of the predicted probabilities, the negative of their entropy: minimised, predictions
/// become uniform (maximum entropy fine-tuning, Liu et al. 2023).
public struct OutputEntropy: LossTerm {
  /// Factor of the term.
  public let weight: Double
  /// The sum over the batch's texts, as the PURE authors' code has it; otherwise the mean.
  public let sumsTexts: Bool

  /// The mean over the batch, unless told otherwise.
  public init(weight: Double = 1, sumsTexts: Bool = false) {
    self.weight = weight
    self.sumsTexts = sumsTexts
  }

  /// After dropout.
  public var headDropout: Bool? { true }

  /// Its weight, and over what it is taken.
  public var json: JSONValue {
    ["kind": "output-entropy", "weight": .double(weight), "sumsTexts": .bool(sumsTexts)]
  }

  /// Adds the negative entropy.
  public func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    let dLogits = try Tensor(context.pass.logits.shape, on: loss.backend)
    try loss.backend.outputEntropy(
      logits: context.pass.logits,
      weight: weight / (sumsTexts ? 1 : Double(context.part.textCount)), loss: loss,
      dLogits: dLogits)
    try gradients.add(dLogits, at: \.dLogits)
  }
}
