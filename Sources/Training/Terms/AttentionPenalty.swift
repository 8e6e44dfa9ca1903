public import Encoders
public import Files
public import Tensors

/// The norm term, mu · Σ_l lambda_l · Σ_h ‖a_h^l‖₂ of the [CLS] attention rows (paper Eq. 3).
public struct AttentionPenalty: LossTerm {
  /// mu.
  public let weight: Double
  /// lambda by layer, in 0 ... 1.
  public let layerWeights: [Double]
  /// One norm over the whole batch a head, of the weights after dropout, as the reference code has it;
  /// otherwise the mean over texts of each text's norm, before dropout.
  public let followsReferenceCode: Bool

  /// A term over every layer.
  public init(weight: Double, layerWeights: [Double], followsReferenceCode: Bool) {
    self.weight = weight
    self.layerWeights = layerWeights
    self.followsReferenceCode = followsReferenceCode
  }

  /// The whole row.
  public var trace: TraceOptions? { TraceOptions(afterDropout: followsReferenceCode) }
  /// The root of a sum over the whole batch is no sum over its texts.
  public var joinsTexts: Bool { followsReferenceCode }

  /// Its weights and formula.
  public var json: JSONValue {
    [
      "kind": "attention-penalty", "weight": .double(weight),
      "layerWeights": .array(layerWeights.map(JSONValue.double)),
      "followsReferenceCode": .bool(followsReferenceCode),
    ]
  }

  /// Adds the norms and leaves each row's factor for the attention's backward pass.
  public func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    let traces = context.pass.encoder.traces
    precondition(
      traces.count == layerWeights.count,
      "the norm term has \(layerWeights.count) layer weights for \(traces.count) layers")
    let part = context.part
    let joined = joinsTexts ? part.squareSums : nil
    // Each part computes the joint norm of the whole batch, and the first alone counts it.
    let isCounted = joined == nil || part.texts.lowerBound == 0
    let loss = try isCounted ? loss : Tensor([Float(0)], on: loss.backend)
    for (layer, trace) in traces.enumerated() {
      guard layerWeights[layer] > 0 else { continue }
      let squareSum = joined?[layer] ?? trace.squareSum
      let coefficient = try Tensor(squareSum.shape, on: loss.backend)
      try loss.backend.attentionNorm(
        squareSum: squareSum,
        headMask: context.headMask.map {
          $0.slice(at: layer * $0.shape[1], shape: [$0.shape[1]])
        }, weight: weight * layerWeights[layer], textCount: part.textCount,
        jointBatch: followsReferenceCode, coefficient: coefficient, loss: loss)
      try gradients.add(
        joined == nil ? coefficient : coefficient.rows(part.texts), at: \.clsCoefficients[layer])
    }
  }
}
