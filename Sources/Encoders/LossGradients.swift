public import Tensors

/// Where a loss leaves its gradients in a forward pass: what the backward pass starts from.
/// Several terms of a loss add up.
public struct LossGradients: Sendable {
  /// [texts, classes]; nil: none at the logits.
  public var dLogits: Tensor?
  /// By layer, [texts, classes]: at `Classifier.Pass.layerLogits`.
  public var dLayerLogits: [Int: Tensor] = [:]
  /// By layer, [texts, hidden]: at the [CLS] states, `Encoder.Pass.states`.
  public var dStates: [Int: Tensor] = [:]
  /// By layer, [texts, heads]: factors c of the [CLS] attention rows a, whose gradient is c · a.
  public var clsCoefficients: [Int: Tensor] = [:]

  /// None yet.
  public init() {}

  /// Adds `gradient` to what is at a place already; its memory may be taken over.
  public mutating func add(
    _ gradient: Tensor, at place: WritableKeyPath<LossGradients, Tensor?>
  ) throws(DeviceError) {
    if let before = self[keyPath: place] {
      try gradient.backend.add(gradient, to: before)
    } else {
      self[keyPath: place] = gradient
    }
  }
}
