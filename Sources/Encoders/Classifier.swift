public import Checkpoints
public import Tensors

/// An encoder and the head that turns its last [CLS] into logits.
public struct Classifier: Sendable {
  /// The encoder; its parameter block holds the head's too.
  public let encoder: Encoder
  /// Which head.
  public let headKind: HeadKind
  private let architecture: HeadArchitecture

  /// A classifier over parameters that already lie on a device.
  public init(_ configuration: EncoderConfiguration, head: HeadKind, parameters: ParameterBlock) {
    encoder = Encoder(configuration, parameters: parameters)
    headKind = head
    architecture = HeadArchitecture(configuration, head)
  }

  /// Sizes and probabilities of the encoder.
  public var configuration: EncoderConfiguration { encoder.configuration }
  /// All parameters.
  public var parameters: ParameterBlock { encoder.parameters }
  /// Where it computes.
  public var backend: any Backend { encoder.backend }

  /// What a forward pass leaves behind.
  public struct Pass: Sendable {
    /// [texts, classes].
    public let logits: Tensor
    /// The encoder's part.
    public let encoder: Encoder.Pass
    fileprivate let head: SavedHead
  }

  fileprivate struct SavedHead: Sendable {
    let denseInput: Tensor?
    let preActivation: Tensor?
    let outputInput: Tensor
  }

  /// Logits of a batch.
  public func forward(_ batch: EncoderBatch, _ options: PassOptions) throws(DeviceError) -> Pass {
    let encoded = try encoder.forward(batch, options)
    let (logits, saved) = try forwardHead(encoded.cls, options)
    return Pass(logits: logits, encoder: encoded, head: saved)
  }

  /// Logits of [CLS] rows that a layer-wise pass computed.
  public func logits(cls: Tensor) throws(DeviceError) -> Tensor {
    try forwardHead(cls, PassOptions()).logits
  }

  /// Gradients of every parameter, given those of the logits.
  ///
  /// - Parameters:
  ///   - dLogits: [texts, classes].
  ///   - clsCoefficients: by layer, the norm term's factors, see `Encoder.backward`.
  ///   - options: of the forward pass.
  ///   - gradient: written, but for the embedding tables, which are added to.
  public func backward(
    _ dLogits: Tensor, _ pass: consuming Pass, _ batch: EncoderBatch, _ options: PassOptions,
    clsCoefficients: [Tensor?] = [], into gradient: ParameterBlock, adding: Bool = false
  ) throws(DeviceError) {
    let dCLS = try backwardHead(dLogits, pass.head, options, gradient, adding: adding)
    try encoder.backward(
      dCLS, pass.encoder, batch, clsCoefficients: clsCoefficients, into: gradient, adding: adding)
  }

  private func forwardHead(
    _ cls: Tensor, _ options: PassOptions
  ) throws(DeviceError) -> (logits: Tensor, saved: SavedHead) {
    let (texts, hidden) = (cls.shape[0], cls.shape[1])
    // Dropout works in place, and the caller keeps its [CLS] rows.
    var features = try Tensor([texts, hidden], on: backend)
    try backend.copy(cls, into: features)
    var denseInput: Tensor?
    var preActivation: Tensor?
    if let activation = architecture.dense {
      try backend.dropout(features, headInputDropout(options))
      denseInput = features
      let dense = parameters.linear("head.dense")
      let kept = try options.savesActivations ? Tensor([texts, hidden], on: backend) : nil
      let output = try Tensor([texts, hidden], on: backend)
      try backend.linear(
        features, weight: dense.weight, bias: dense.bias, activation: activation,
        preActivation: kept, into: output)
      preActivation = kept
      features = output
    }
    try backend.dropout(features, headDropout(options))
    let output = parameters.linear("head.output")
    let logits = try Tensor([texts, output.bias.count], on: backend)
    try backend.linear(features, weight: output.weight, bias: output.bias, into: logits)
    return (
      logits,
      SavedHead(denseInput: denseInput, preActivation: preActivation, outputInput: features)
    )
  }

  private func backwardHead(
    _ dLogits: Tensor, _ saved: SavedHead, _ options: PassOptions, _ gradient: ParameterBlock,
    adding: Bool
  ) throws(DeviceError) -> Tensor {
    let dFeatures = try Tensor(saved.outputInput.shape, on: backend)
    let output = gradient.linear("head.output")
    try backend.linearGradient(
      dLogits, input: saved.outputInput, weight: parameters.linear("head.output").weight,
      dInput: dFeatures, dWeight: output.weight, dBias: output.bias, addingToParameters: adding)
    try backend.dropout(dFeatures, headDropout(options))
    guard let activation = architecture.dense, let denseInput = saved.denseInput,
      let preActivation = saved.preActivation
    else { return dFeatures }
    try backend.activationGradient(activation, preActivation: preActivation, gradient: dFeatures)
    let dense = gradient.linear("head.dense")
    let dCLS = try Tensor(denseInput.shape, on: backend)
    try backend.linearGradient(
      dFeatures, input: denseInput, weight: parameters.linear("head.dense").weight, dInput: dCLS,
      dWeight: dense.weight, dBias: dense.bias, addingToParameters: adding)
    try backend.dropout(dCLS, headInputDropout(options))
    return dCLS
  }

  private func headInputDropout(_ options: PassOptions) -> Dropout {
    options.mask(.headInput, probability: architecture.inputDropout, firstRow: \.firstText)
  }

  private func headDropout(_ options: PassOptions) -> Dropout {
    options.mask(.head, probability: architecture.dropout, firstRow: \.firstText)
  }
}
