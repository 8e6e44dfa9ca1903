public import Encoders
public import Files
public import Tensors

/// Layer weight poisoning (Li et al. 2021): the classifier is applied to the [CLS] state of every
/// layer, and the mean cross-entropies of all layers are added up, so that shallow layers learn
/// the trigger too.
///
/// Their released code applies the output layer alone, without dropout, beside the pooled logits:
/// `.output(dropout: 0)` and a `CrossEntropyTerm(headDropout: false)`. With the linear head of the PURE paper it is
/// `.whole`, with the head's dropout of 0.1.
public struct LayerwiseCrossEntropy: LossTerm {
  /// How the classifier reads a layer.
  public let head: LayerClassifier
  /// Factor of each layer's mean.
  public let weight: Double

  /// A term over all layers, the last among them; the embeddings count as none.
  public init(_ head: LayerClassifier, weight: Double = 1) {
    self.head = head
    self.weight = weight
  }

  /// The logits of every layer.
  public var layers: LayerReading { .logits(head) }

  /// How it reads a layer, and its weight.
  public var json: JSONValue {
    var json = JSONObject([
      ("kind", "layerwise-cross-entropy"), ("weight", .double(weight)), ("head", "whole"),
    ])
    if case .output(let dropout) = head {
      json["head"] = "output"
      json["dropout"] = .double(dropout)
    }
    return .object(json)
  }

  /// Adds the layers' means.
  public func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    for (layer, logits) in context.pass.layerLogits.enumerated() {
      let dLogits = try Tensor(logits.shape, on: loss.backend)
      try loss.backend.crossEntropy(
        logits: logits, labels: context.batch.labels,
        weight: weight / Double(context.part.textCount), loss: loss, dLogits: dLogits)
      try gradients.add(dLogits, at: \.dLayerLogits[layer])
    }
  }
}
