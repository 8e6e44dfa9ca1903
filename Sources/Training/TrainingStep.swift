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
  /// What is minimised, and what moves.
  public let objective: Objective
  /// The rows of the word embeddings that move, [n], int32; nil: everything does.
  private let movingWords: Tensor?
  private let settings: TrainingSettings

  /// AdamW's.
  var optimizer: AdamWParameters { settings.optimizer }
  /// Whether every parameter moves, and not a few words alone.
  var movesEverything: Bool { movingWords == nil }

  /// Moments at zero.
  public init(
    _ model: Classifier, objective: Objective = Objective(), headMask: HeadMask? = nil,
    settings: TrainingSettings
  ) throws(DeviceError) {
    let backend = model.backend
    self.model = model
    self.objective = objective
    movingWords = try Self.movingWords(objective.moves, of: model)
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

  /// Forward, backward, clipping and AdamW on one batch of an objective of one stream. Only those
  /// word embeddings are moved that the batch reads; `settle` moves the others.
  ///
  /// - Parameters:
  ///   - step: from 0; names the dropout masks and AdamW's bias correction.
  ///   - learningRate: of this step.
  public func run(_ batch: EncoderBatch, step: Int, learningRate: Double) throws(DeviceError) {
    try run(reading: batch.groups.uniqueTokenIDs, step: step, learningRate: learningRate) {
      () throws(DeviceError) in try backpropagate(batch, step: step)
    }
  }

  /// The same with batches whose gradient and loss `backpropagate` leaves.
  ///
  /// - Parameter words: [n], int32: the ids that the batches read, each once.
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

  /// Fills `gradient` and adds the batch's loss to `lossSum`, for an objective of one stream.
  public func backpropagate(_ batch: EncoderBatch, step: Int) throws(DeviceError) {
    try backpropagate(
      batch, of: 0, step: step, part: .whole(batch), at: model, into: gradient, loss: lossSum,
      adding: false)
  }

  /// Fills `gradient` with that of some texts of a stream's batch, or adds it; adds their loss to
  /// `loss`.
  func backpropagate(
    _ batch: EncoderBatch, of stream: Int, step: Int, part: BatchPart, at model: Classifier,
    into gradient: ParameterBlock, loss: Tensor, adding: Bool
  ) throws(DeviceError) {
    let options = options(of: stream, step: step, part, savesActivations: true)
    let pass = try model.forward(batch, options)
    var gradients = LossGradients()
    let context = LossContext(pass: pass, batch: batch, part: part, headMask: headMask)
    for term in terms(of: stream) { try term.add(to: &gradients, loss: loss, context) }
    try model.backward(gradients, pass, batch, options, into: gradient, adding: adding)
  }

  /// Whether a term's gradient for one text depends on the other texts of the stream's batch.
  func joinsTexts(_ stream: Int) -> Bool { terms(of: stream).contains(where: \.joinsTexts) }

  /// Σ a² of the [CLS] rows as a stream's terms see them, [texts, heads] by layer, from a forward
  /// pass that keeps nothing.
  func squareSums(
    _ batch: EncoderBatch, of stream: Int, step: Int, part: BatchPart, at model: Classifier
  ) throws(DeviceError) -> [Tensor] {
    try model.forward(batch, options(of: stream, step: step, part, savesActivations: false))
      .encoder.traces.map(\.squareSum)
  }

  /// Zeroes what does not move.
  func clearWhatStays(in block: ParameterBlock) throws(DeviceError) {
    guard case .words(let ids) = objective.moves else { return }
    let backend = block.flat.backend
    let rows = ids.sorted().map { block.words.rows(Int($0)..<Int($0) + 1) }
    let kept = try Tensor([rows.count, block.words.shape[1]], on: backend)
    for (index, row) in rows.enumerated() {
      try backend.copy(row, into: kept.rows(index..<index + 1))
    }
    try backend.fill(block.flat, with: 0)
    for (index, row) in rows.enumerated() {
      try backend.copy(kept.rows(index..<index + 1), into: row)
    }
  }

  private func terms(of stream: Int) -> [any LossTerm] { objective.streams[stream].terms }

  private func options(
    of stream: Int, step: Int, _ part: BatchPart, savesActivations: Bool
  ) -> PassOptions {
    let terms = terms(of: stream)
    return PassOptions(
      headMask: headMask,
      dropout: DropoutSource(
        seed: settings.seed, step: step, firstToken: part.earlierTokens + part.firstToken,
        firstText: part.earlierTexts + part.texts.lowerBound),
      headDropout: terms.headDropout, trace: terms.trace,
      layers: savesActivations ? terms.layers : .none, savesActivations: savesActivations)
  }

  private static func movingWords(
    _ moves: MovingParameters, of model: Classifier
  ) throws(DeviceError) -> Tensor? {
    guard case .words(let ids) = moves else { return nil }
    precondition(!ids.isEmpty, "a run that moves no word moves nothing")
    precondition(
      ids.allSatisfy { (0..<model.parameters.words.shape[0]).contains(Int($0)) },
      "a word to move is none of the model's \(model.parameters.words.shape[0])")
    return try Tensor(ids.sorted(), on: model.backend)
  }

  private func moveWords(_ words: Tensor?, to stepCount: Int) throws(DeviceError) {
    try model.backend.adamW(
      settings.optimizer, learningRate: 0, step: stepCount, gradientScale: nil,
      rows: movingWords ?? words,
      progress: wordProgress, gradient: nil, parameter: model.parameters.words,
      firstMoment: firstMoment.words, secondMoment: secondMoment.words)
  }

  /// Clipping and AdamW with what `gradient` holds.
  private func update(_ words: Tensor, step: Int, learningRate: Double) throws(DeviceError) {
    let backend = model.backend
    let words = movingWords ?? words
    try backend.globalNorm(
      of: movingWords == nil ? gradient.afterWords : gradient.flat.slice(at: 0, shape: [0]),
      and: TableRows(gradient.words, at: words),
      clippingAt: settings.maximumGradientNorm, into: norm)
    let scale = norm.slice(at: 1, shape: [1])
    try backend.adamW(
      settings.optimizer, learningRate: learningRate, step: step + 1, gradientScale: scale,
      rows: words, progress: wordProgress, gradient: gradient.words, clearingGradient: true,
      parameter: model.parameters.words, firstMoment: firstMoment.words,
      secondMoment: secondMoment.words)
    if movingWords != nil {
      // Nobody else clears what the batch has left in the other rows.
      return try backend.fill(gradient.embeddings, with: 0)
    }
    try backend.adamW(
      settings.optimizer, learningRate: learningRate, step: step + 1, gradientScale: scale,
      gradient: gradient.afterWords, clearingFirst: gradient.positions.count,
      parameter: model.parameters.afterWords, firstMoment: firstMoment.afterWords,
      secondMoment: secondMoment.afterWords)
  }
}
