public import Checkpoints
public import Tensors

/// BERT, RoBERTa or DistilBERT: token ids to the last layer's [CLS]. Their differences are data, in the
/// configuration and in the checkpoint's names; nothing here asks which family it is.
public struct Encoder: Sendable {
  /// Sizes and probabilities.
  public let configuration: EncoderConfiguration
  /// The parameters, the classifier's among them.
  public let parameters: ParameterBlock
  private let layers: [LayerParameters]

  /// An encoder over parameters that already lie on a device.
  public init(_ configuration: EncoderConfiguration, parameters: ParameterBlock) {
    self.configuration = configuration
    self.parameters = parameters
    layers = (0..<configuration.layerCount).map(parameters.layer)
  }

  /// Where it computes.
  public var backend: any Backend { parameters.flat.backend }

  /// What a forward pass leaves behind.
  public struct Pass: Sendable {
    /// The last layer's [CLS], [texts, hidden].
    public fileprivate(set) var cls: Tensor
    /// The [CLS] state of each layer, [texts, hidden], when asked for.
    public fileprivate(set) var states: [Tensor] = []
    /// Sums of the [CLS] attention row by layer, when traced.
    public fileprivate(set) var traces: [CLSAttention] = []
    /// What each [CLS] of the last layer attends to, [tokens, heads], of a pass that saved its
    /// activations: the weights before dropout, 0 for masked heads.
    public var lastAttention: Tensor? {
      guard case .firstToken(let first)? = layers.last?.attention.attended else { return nil }
      return first.probabilities
    }
    fileprivate let options: PassOptions
    fileprivate let embeddings: SavedEmbeddings?
    fileprivate var layers: [SavedLayer] = []
  }

  fileprivate struct SavedEmbeddings: Sendable {
    let sum: Tensor
    let statistics: LayerNormStatistics
  }

  fileprivate struct SavedLayer: Sendable {
    let attention: SelfAttention.Saved
    let feedForward: FeedForward.Saved
  }

  /// Runs the whole encoder.
  public func forward(_ batch: EncoderBatch, _ options: PassOptions) throws(DeviceError) -> Pass {
    let (embedded, saved) = try embed(batch, options)
    var pass = Pass(cls: embedded, options: options, embeddings: saved)
    for layer in layers.indices {
      let step = try forwardLayer(layer, pass.cls, batch.sequences, options)
      pass.cls = step.output
      if options.layers != .none {
        pass.states.append(try firstRows(of: step.output, layer, batch.sequences))
      }
      if let trace = step.trace { pass.traces.append(trace) }
      if let saved = step.saved { pass.layers.append(saved) }
    }
    return pass
  }

  /// Token ids to the first layer's input, [rows, hidden], for inference that keeps layers' inputs.
  public func embeddings(_ batch: EncoderBatch) throws(DeviceError) -> Tensor {
    try embed(batch, PassOptions()).output
  }

  /// One layer for inference: the next layer's input, or [CLS] rows [texts, hidden] from the last layer.
  ///
  /// - Parameter headMask: of all layers, [layers, heads]; nil: every head is alive.
  public func layer(
    _ index: Int, _ input: Tensor, _ sequences: PackedSequences, headMask: Tensor?
  ) throws(DeviceError) -> Tensor {
    try forwardLayer(index, input, sequences, PassOptions(headMask: headMask)).output
  }

  /// Gradients of every encoder parameter, given that of `pass.cls`.
  ///
  /// - Parameters:
  ///   - dCLS: [texts, hidden]; its memory is taken over.
  ///   - pass: of a forward pass that saved its activations, which are freed on the way.
  ///   - gradients: those at the layers' [CLS] states and attention rows.
  ///   - gradient: written, but for the embedding tables, which are added to.
  ///   - adding: add to all of `gradient` instead.
  public func backward(
    _ dCLS: Tensor, _ pass: consuming Pass, _ batch: EncoderBatch, _ gradients: LossGradients,
    into gradient: ParameterBlock, adding: Bool = false
  ) throws(DeviceError) {
    guard let savedEmbeddings = pass.embeddings, pass.layers.count == layers.count else {
      preconditionFailure("the backward pass needs a forward pass that saved its activations")
    }
    var dHidden = dCLS
    for layer in layers.indices.reversed() {
      if let dState = gradients.dStates[layer] {
        try addToFirstRows(dState, of: dHidden, layer, batch.sequences)
      }
      let saved = pass.layers.removeLast()
      let (attention, feedForward) = halves(layer, batch.sequences, pass.options)
      let layerGradient = gradient.layer(layer)
      dHidden = try feedForward.backward(
        dHidden, saved.feedForward, layers[layer], layerGradient, adding: adding)
      dHidden = try attention.backward(
        dHidden, saved.attention, layers[layer], layerGradient,
        clsCoefficient: gradients.clsCoefficients[layer], adding: adding)
    }
    let norm = parameters.norm(ParameterName.embeddingNorm)
    let normGradient = gradient.norm(ParameterName.embeddingNorm)
    try backend.layerNormGradient(
      dHidden, sum: savedEmbeddings.sum, gamma: norm.gamma, statistics: savedEmbeddings.statistics,
      outputDropout: embeddingDropout(pass.options), dSum: dHidden, dInput: nil,
      dGamma: normGradient.gamma, dBeta: normGradient.beta, dBias: nil, addingToParameters: adding)
    try backend.embeddingGradient(
      dHidden, sequences: batch.sequences, groups: batch.groups,
      positionGroups: batch.positionGroups, positionOffset: configuration.positionOffset,
      dWord: gradient[ParameterName.wordEmbedding],
      dPosition: gradient[ParameterName.positionEmbedding], dTokenType: tokenType(of: gradient))
  }

  private func embed(
    _ batch: EncoderBatch, _ options: PassOptions
  ) throws(DeviceError) -> (output: Tensor, saved: SavedEmbeddings?) {
    let shape = [batch.sequences.rowCount, configuration.hiddenSize]
    let sum = try Tensor(shape, on: backend)
    try backend.embedding(
      tokenIDs: batch.tokenIDs, positions: batch.positions,
      positionOffset: configuration.positionOffset, word: parameters[ParameterName.wordEmbedding],
      position: parameters[ParameterName.positionEmbedding], tokenType: tokenType(of: parameters),
      into: sum)
    let norm = parameters.norm(ParameterName.embeddingNorm)
    let output = try Tensor(factors: shape, on: backend)
    let statistics =
      try options.savesActivations ? LayerNormStatistics(rowCount: shape[0], on: backend) : nil
    try backend.layerNorm(
      sum, gamma: norm.gamma, beta: norm.beta, epsilon: configuration.layerNormEpsilon,
      outputDropout: embeddingDropout(options), into: output, statistics: statistics)
    return (output, statistics.map { SavedEmbeddings(sum: sum, statistics: $0) })
  }

  private func forwardLayer(
    _ layer: Int, _ input: Tensor, _ sequences: PackedSequences, _ options: PassOptions
  ) throws(DeviceError) -> (output: Tensor, saved: SavedLayer?, trace: CLSAttention?) {
    let (attention, feedForward) = halves(layer, sequences, options)
    let middle = try attention.forward(input, layers[layer])
    let end = try feedForward.forward(middle.output, layers[layer])
    guard let savedAttention = middle.saved, let savedFeedForward = end.saved else {
      return (end.output, nil, middle.trace)
    }
    return (
      end.output, SavedLayer(attention: savedAttention, feedForward: savedFeedForward),
      middle.trace
    )
  }

  /// The [CLS] rows of a layer's output: all that the last layer computes.
  private func firstRows(
    of output: Tensor, _ layer: Int, _ sequences: PackedSequences
  ) throws(DeviceError) -> Tensor {
    if isLast(layer) { return output }
    let rows = try Tensor([sequences.sequenceCount, configuration.hiddenSize], on: backend)
    try backend.gatherFirstRows(output, sequences: sequences, into: rows)
    return rows
  }

  private func addToFirstRows(
    _ rows: Tensor, of dOutput: Tensor, _ layer: Int, _ sequences: PackedSequences
  ) throws(DeviceError) {
    if isLast(layer) { return try backend.add(rows, to: dOutput) }
    try backend.addToFirstRows(rows, sequences: sequences, of: dOutput)
  }

  private func isLast(_ layer: Int) -> Bool { layer == configuration.layerCount - 1 }

  private func halves(
    _ layer: Int, _ sequences: PackedSequences, _ options: PassOptions
  ) -> (SelfAttention, FeedForward) {
    let isLast = isLast(layer)
    return (
      SelfAttention(
        configuration: configuration, layer: layer, firstTokenOnly: isLast, options: options,
        sequences: sequences, backend: backend),
      FeedForward(
        configuration: configuration, layer: layer, firstTokenOnly: isLast, options: options,
        backend: backend)
    )
  }

  private func embeddingDropout(_ options: PassOptions) -> Dropout {
    options.mask(.embeddings, probability: configuration.hiddenDropout, firstRow: \.firstToken)
  }

  private func tokenType(of block: ParameterBlock) -> Tensor? {
    configuration.tokenTypeCount > 0 ? block[ParameterName.tokenTypeEmbedding] : nil
  }
}
