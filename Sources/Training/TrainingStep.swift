public import Encoders
public import Tensors

/// What an optimiser holds for one model, and the step that moves it. Nothing here waits for the device.
public struct TrainingStep: Sendable {
  /// The model whose parameters move.
  public let model: Classifier
  /// Written by each step, but for the embedding tables, which each step leaves at zero.
  public let gradient: ParameterBlock
  /// AdamW's moments.
  public let firstMoment: ParameterBlock
  /// AdamW's moments.
  public let secondMoment: ParameterBlock
  /// [1]: the losses of all steps since it was last set to zero.
  public let lossSum: Tensor
  private let norm: Tensor
  private let wordProgress: RowProgress
  private let headMask: Tensor?
  private let terms: [any LossTerm]
  private let settings: TrainingSettings

  /// Moments at zero. `terms` are added up to the loss, in order.
  public init(
    _ model: Classifier, terms: [any LossTerm], headMask: HeadMask?, settings: TrainingSettings
  ) throws(DeviceError) {
    let backend = model.backend
    self.model = model
    self.terms = terms
    self.settings = settings
    gradient = try ParameterBlock(model.parameters.layout, on: backend)
    firstMoment = try ParameterBlock(model.parameters.layout, on: backend)
    secondMoment = try ParameterBlock(model.parameters.layout, on: backend)
    lossSum = try Tensor([Float(0)], on: backend)
    norm = try Tensor([2], on: backend)
    wordProgress = try RowProgress(
      rowCount: model.parameters.words.shape[0], step: 0, on: backend)
    self.headMask = try headMask.map { mask throws(DeviceError) in try mask.tensor(on: backend) }
  }

  /// Forward, backward, clipping and AdamW on one batch. Only those word embeddings are moved that the batch reads;
  /// `settle` moves the others.
  ///
  /// - Parameters:
  ///   - step: from 0; names the dropout masks and AdamW's bias correction.
  ///   - learningRate: of this step.
  public func run(_ batch: EncoderBatch, step: Int, learningRate: Double) throws(DeviceError) {
    try run(reading: batch.groups.uniqueTokenIDs, step: step, learningRate: learningRate) {
      () throws(DeviceError) in try backpropagate(batch, step: step)
    }
  }

  /// The same with a batch whose gradient and loss `backpropagate` leaves.
  ///
  /// - Parameter words: [n], int32: the ids that the batch reads, each once.
  func run(
    reading words: Tensor, step: Int, learningRate: Double,
    backpropagate: () throws(DeviceError) -> Void
  ) throws(DeviceError) {
    try moveWords(step.isMultiple(of: RowProgress.reach) ? nil : words, to: step)
    try backpropagate()
    try update(words, step: step, learningRate: learningRate)
  }

  /// Makes up the steps that word embeddings have missed: to be called before anything but `run` reads the parameters
  /// or the moments.
  ///
  /// - Parameter stepCount: the steps that were done.
  public func settle(after stepCount: Int) throws(DeviceError) {
    try moveWords(nil, to: stepCount)
  }

  /// Tells that parameters and moments are those after `stepCount` steps.
  public func resume(after stepCount: Int) throws(DeviceError) {
    try wordProgress.reset(to: stepCount)
  }

  /// Fills `gradient` and adds the batch's loss to `lossSum`. Of a batch in parts, the first part fills and each other
  /// one adds.
  ///
  /// - Parameter part: where the texts stand in the whole batch; nil: they are the whole batch.
  public func backpropagate(
    _ batch: EncoderBatch, step: Int, part: BatchPart? = nil
  ) throws(DeviceError) {
    let part = part ?? .whole(batch)
    let options = options(step: step, part, savesActivations: true)
    let pass = try model.forward(batch, options)
    var gradients = LossGradients()
    let context = LossContext(pass: pass, batch: batch, part: part, headMask: headMask)
    for term in terms { try term.add(to: &gradients, loss: lossSum, context) }
    try model.backward(
      gradients, pass, batch, options, into: gradient, adding: part.texts.lowerBound > 0)
  }

  /// Whether a term's gradient for one text depends on the other texts.
  var joinsTexts: Bool { terms.contains(where: \.joinsTexts) }

  /// Σ a² of the [CLS] rows as the terms see them, [texts, heads] by layer, from a forward pass that keeps nothing.
  func squareSums(
    _ batch: EncoderBatch, step: Int, part: BatchPart
  ) throws(DeviceError) -> [Tensor] {
    try model.forward(batch, options(step: step, part, savesActivations: false))
      .encoder.traces.map(\.squareSum)
  }

  private func options(step: Int, _ part: BatchPart, savesActivations: Bool) -> PassOptions {
    PassOptions(
      headMask: headMask,
      dropout: DropoutSource(
        seed: settings.seed, step: step, firstToken: part.firstToken,
        firstText: part.texts.lowerBound),
      trace: terms.trace, layers: savesActivations ? terms.layers : .none,
      savesActivations: savesActivations)
  }

  private func moveWords(_ words: Tensor?, to stepCount: Int) throws(DeviceError) {
    try model.backend.adamW(
      settings.optimizer, learningRate: 0, step: stepCount, gradientScale: nil, rows: words,
      progress: wordProgress, gradient: nil, parameter: model.parameters.words,
      firstMoment: firstMoment.words, secondMoment: secondMoment.words)
  }

  /// Clipping and AdamW with what `gradient` holds.
  private func update(_ words: Tensor, step: Int, learningRate: Double) throws(DeviceError) {
    let backend = model.backend
    try backend.globalNorm(
      of: gradient.afterWords, and: TableRows(gradient.words, at: words),
      clippingAt: settings.maximumGradientNorm, into: norm)
    let scale = norm.slice(at: 1, shape: [1])
    try backend.adamW(
      settings.optimizer, learningRate: learningRate, step: step + 1, gradientScale: scale,
      rows: words, progress: wordProgress, gradient: gradient.words, clearingGradient: true,
      parameter: model.parameters.words, firstMoment: firstMoment.words,
      secondMoment: secondMoment.words)
    for (part, clears) in [(\ParameterBlock.positions, true), (\ParameterBlock.rest, false)] {
      try backend.adamW(
        settings.optimizer, learningRate: learningRate, step: step + 1, gradientScale: scale,
        gradient: gradient[keyPath: part], clearingGradient: clears,
        parameter: model.parameters[keyPath: part], firstMoment: firstMoment[keyPath: part],
        secondMoment: secondMoment[keyPath: part])
    }
  }
}
