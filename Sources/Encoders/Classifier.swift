public import Checkpoints
public import Tensors

/// An encoder and the head that turns its last [CLS] into logits.
public struct Classifier: Sendable {
  /// The encoder; its parameter block holds the head's too.
  public let encoder: Encoder
  /// Which head.
  public let classifierKind: ClassifierKind
  private let architecture: ClassifierArchitecture

  /// A classifier over parameters that already lie on a device.
  public init(
    _ configuration: EncoderConfiguration, classifier head: ClassifierKind,
    parameters: ParameterBlock
  ) {
    encoder = Encoder(configuration, parameters: parameters)
    classifierKind = head
    architecture = ClassifierArchitecture(configuration, head)
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
    /// By layer, [texts, classes]: what the classifier makes of its [CLS] state, when asked for.
    public var layerLogits: [Tensor] { layerClassifiers.map(\.logits) }
    /// The encoder's part.
    public let encoder: Encoder.Pass
    fileprivate let head: ClassifierHead.Saved
    fileprivate let layerClassifiers: [(logits: Tensor, saved: ClassifierHead.Saved)]
  }

  /// Logits of a batch.
  public func forward(_ batch: EncoderBatch, _ options: PassOptions) throws(DeviceError) -> Pass {
    let encoded = try encoder.forward(batch, options)
    let (logits, saved) = try head(options).forward(encoded.cls, parameters)
    var layerClassifiers: [(logits: Tensor, saved: ClassifierHead.Saved)] = []
    if case .logits = options.layers {
      for (layer, state) in encoded.states.enumerated() {
        layerClassifiers.append(try head(options, layer: layer).forward(state, parameters))
      }
    }
    return Pass(logits: logits, encoder: encoded, head: saved, layerClassifiers: layerClassifiers)
  }

  /// Logits of [CLS] rows that a layer-wise pass computed.
  public func logits(cls: Tensor) throws(DeviceError) -> Tensor {
    try head(PassOptions()).forward(cls, parameters).logits
  }

  /// Gradients of every parameter, given those that the loss leaves in the pass.
  ///
  /// - Parameters:
  ///   - options: of the forward pass.
  ///   - gradient: written, but for the embedding tables, which are added to.
  public func backward(
    _ gradients: LossGradients, _ pass: consuming Pass, _ batch: EncoderBatch,
    _ options: PassOptions, into gradient: ParameterBlock, adding: Bool = false
  ) throws(DeviceError) {
    let dLogits: Tensor
    if let own = gradients.dLogits {
      dLogits = own
    } else {
      // The head's parameters get a gradient of zero, not none.
      dLogits = try Tensor(pass.logits.shape, on: backend)
      try backend.fill(dLogits, with: 0)
    }
    let dCLS = try head(options).backward(
      dLogits, pass.head, parameters, gradient, adding: adding)
    var gradients = gradients
    for (layer, head) in pass.layerClassifiers.enumerated() {
      guard let dLogits = gradients.dLayerLogits[layer] else { continue }
      let dState = try self.head(options, layer: layer).backward(
        dLogits, head.saved, parameters, gradient, adding: true)
      try gradients.add(dState, at: \.dStates[layer])
    }
    try encoder.backward(dCLS, pass.encoder, batch, gradients, into: gradient, adding: adding)
  }

  /// The head behind the last layer, or applied to the state of another as the pass reads it.
  private func head(_ options: PassOptions, layer: Int? = nil) -> ClassifierHead {
    var architecture = architecture
    if layer != nil, case .logits(.output(let dropout)) = options.layers {
      architecture = ClassifierArchitecture(outputAfterDropout: dropout)
    }
    return ClassifierHead(architecture: architecture, layer: layer, options: options)
  }
}
