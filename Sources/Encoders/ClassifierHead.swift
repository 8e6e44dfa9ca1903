internal import Checkpoints
internal import Tensors

/// The head at one of its places: behind the last layer, or beside that, on the [CLS] state of any
/// layer.
struct ClassifierHead {
  let architecture: ClassifierArchitecture
  /// The layer whose state is read; nil behind the last one.
  let layer: Int?
  let options: PassOptions

  /// What the backward pass reads.
  struct Saved: Sendable {
    let denseInput: Tensor?
    let preActivation: Tensor?
    let outputInput: Tensor
  }

  /// Logits [texts, classes] of [CLS] rows [texts, hidden].
  func forward(
    _ cls: Tensor, _ parameters: ParameterBlock
  ) throws(DeviceError) -> (logits: Tensor, saved: Saved) {
    let backend = parameters.flat.backend
    let (texts, hidden) = (cls.shape[0], cls.shape[1])
    // Dropout works in place, and the caller keeps its [CLS] rows.
    var features = try Tensor([texts, hidden], on: backend)
    try backend.copy(cls, into: features)
    var denseInput: Tensor?
    var preActivation: Tensor?
    if let activation = architecture.dense {
      try backend.dropout(features, inputDropout)
      denseInput = features
      let dense = parameters.linear(ParameterName.headDense)
      let kept = try options.savesActivations ? Tensor([texts, hidden], on: backend) : nil
      let output = try Tensor([texts, hidden], on: backend)
      try backend.linear(
        features, weight: dense.weight, bias: dense.bias, activation: activation,
        preActivation: kept, into: output)
      preActivation = kept
      features = output
    }
    try backend.dropout(features, dropout)
    let output = parameters.linear(ParameterName.headOutput)
    let logits = try Tensor([texts, output.bias.count], on: backend)
    try backend.linear(features, weight: output.weight, bias: output.bias, into: logits)
    return (
      logits, Saved(denseInput: denseInput, preActivation: preActivation, outputInput: features)
    )
  }

  /// Gradient of the [CLS] rows; consumes the saved pre-activation.
  func backward(
    _ dLogits: Tensor, _ saved: Saved, _ parameters: ParameterBlock, _ gradient: ParameterBlock,
    adding: Bool
  ) throws(DeviceError) -> Tensor {
    let backend = parameters.flat.backend
    let dFeatures = try Tensor(saved.outputInput.shape, on: backend)
    let output = gradient.linear(ParameterName.headOutput)
    try backend.linearGradient(
      dLogits, input: saved.outputInput, weight: parameters.linear(ParameterName.headOutput).weight,
      dInput: dFeatures, dWeight: output.weight, dBias: output.bias, addingToParameters: adding)
    try backend.dropout(dFeatures, dropout)
    guard let activation = architecture.dense, let denseInput = saved.denseInput,
      let preActivation = saved.preActivation
    else { return dFeatures }
    try backend.activationGradient(activation, preActivation: preActivation, gradient: dFeatures)
    let dense = gradient.linear(ParameterName.headDense)
    let dCLS = try Tensor(denseInput.shape, on: backend)
    try backend.linearGradient(
      dFeatures, input: denseInput, weight: parameters.linear(ParameterName.headDense).weight,
      dInput: dCLS,
      dWeight: dense.weight, dBias: dense.bias, addingToParameters: adding)
    try backend.dropout(dCLS, inputDropout)
    return dCLS
  }

  private var inputDropout: Dropout {
    mask(layer == nil ? .headInput : .layerHeadInput, probability: architecture.inputDropout)
  }

  private var dropout: Dropout {
    mask(layer == nil ? .head : .layerHead, probability: architecture.dropout)
  }

  private func mask(_ site: PassOptions.Site, probability: Double) -> Dropout {
    guard layer != nil || options.headDropout else { return .none }
    return options.mask(site, layer: layer ?? 0, probability: probability, firstRow: \.firstText)
  }
}
