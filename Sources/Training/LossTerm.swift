public import Encoders
public import Tensors

/// Where loss terms leave their gradients, and the losses themselves, during one step.
public struct LossGradients: Sendable {
  /// [texts, classes].
  public var dLogits: Tensor
  /// By layer, [texts, heads]: factors of the [CLS] attention row; empty without a norm term.
  public var clsCoefficients: [Tensor?] = []
}

/// One step as a loss term sees it.
public struct LossContext: Sendable {
  /// The forward pass.
  public let pass: Classifier.Pass
  /// The texts.
  public let batch: EncoderBatch
  /// Where they stand in the whole batch, of which `batch` may be a part.
  public let part: BatchPart
  /// [layers, heads] of 0 and 1; nil: all alive.
  public let headMask: Tensor?
}

/// One addend of the training loss.
public protocol LossTerm: Sendable {
  /// Sums of the [CLS] attention row that the term needs.
  var trace: TraceOptions? { get }
  /// The term is no sum over texts: of a batch that is cut, each part needs `BatchPart.squareSums`.
  var joinsTexts: Bool { get }
  /// Adds the term's value to `loss` [1], and its gradient to `gradients`.
  func add(to gradients: inout LossGradients, loss: Tensor, _ context: LossContext)
    throws(DeviceError)
}

/// The mean cross-entropy of a batch. It overwrites `dLogits`, so it comes before terms that add to it.
public struct CrossEntropyTerm: LossTerm {
  /// None.
  public var trace: TraceOptions? { nil }
  /// It is a sum over texts.
  public var joinsTexts: Bool { false }

  /// The mean over the batch.
  public init() {}

  /// Adds the mean over the batch.
  public func add(
    to gradients: inout LossGradients, loss: Tensor, _ context: LossContext
  ) throws(DeviceError) {
    try loss.backend.crossEntropy(
      logits: context.pass.logits, labels: context.batch.labels,
      weight: 1 / Double(context.part.textCount), loss: loss, dLogits: gradients.dLogits)
  }
}

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
    gradients.clsCoefficients = []
    for (layer, trace) in traces.enumerated() {
      guard layerWeights[layer] > 0 else {
        gradients.clsCoefficients.append(nil)
        continue
      }
      let squareSum = joined?[layer] ?? trace.squareSum
      let coefficient = try Tensor(squareSum.shape, on: loss.backend)
      try loss.backend.attentionNorm(
        squareSum: squareSum,
        headMask: context.headMask.map {
          $0.slice(at: layer * $0.shape[1], shape: [$0.shape[1]])
        }, weight: weight * layerWeights[layer], textCount: part.textCount,
        jointBatch: followsReferenceCode, coefficient: coefficient, loss: loss)
      gradients.clsCoefficients.append(
        joined == nil ? coefficient : coefficient.rows(part.texts))
    }
  }
}
