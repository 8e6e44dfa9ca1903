internal import Checkpoints
internal import Encoders
internal import Tensors
internal import Text
internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// The search for a soft trigger: it stands in the texts as tokens that no text has, whose word
/// embeddings are those of the mixtures.
struct TriggerInversion {
  private let probe: Probe
  private let vocabulary: [Int32]
  private let carriers: [Carrier]
  private let target: Int
  /// Rows of the word table that lend their places.
  private let stand: Range<Int>
  private let set: EvaluationSet
  /// [tokens, hidden].
  private let table: Tensor
  /// [hidden, tokens].
  private let transposed: Tensor
  private let gradient: ParameterBlock

  /// What a search comes to.
  struct Found {
    /// The least loss of mixtures, and of single tokens while they were mixtures.
    var softLoss = Double.infinity
    /// The trigger.
    var tokens: [Int32] = []
  }

  /// nil where all tokens of the vocabulary stand in texts.
  ///
  /// - Parameters:
  ///   - vocabulary: tokens that a trigger may have.
  ///   - length: of a trigger.
  init?(
    _ probe: Probe, _ vocabulary: [Int32], length: Int, in carriers: [Carrier], for target: Int
  ) throws {
    let (model, tokenizer) = (probe.model, probe.tokenizer)
    (self.probe, self.vocabulary, self.carriers) = (probe, vocabulary, carriers)
    self.target = target
    let used = Set(
      carriers.flatMap(\.pieces) + tokenizer.prefix + tokenizer.suffix
        + [model.configuration.padding.id])
    let starts = 0...max(0, model.configuration.vocabularySize - length)
    guard
      let start = starts.first(where: { start in
        (start..<start + length).allSatisfy { !used.contains(Int32($0)) }
      }), start + length <= model.configuration.vocabularySize
    else { return nil }
    stand = start..<start + length
    let trigger = stand.map(Int32.init)
    let data = EncodedDataset(
      carriers.map { tokenizer.prefix + $0.bearing(trigger) + tokenizer.suffix },
      labels: Array(repeating: Int32(target), count: carriers.count),
      padding: model.configuration.padding)
    set = try EvaluationSet(
      data, classCount: model.configuration.labels.count, batchSize: carriers.count,
      on: model.backend)
    gradient = try ParameterBlock(model.parameters.layout, on: model.backend)
    let (words, size) = (try model.parameters.words.hostFloats(), model.configuration.hiddenSize)
    var rows = Array(repeating: Float(0), count: vocabulary.count * size)
    var columns = rows
    for (index, id) in vocabulary.enumerated() {
      for place in 0..<size {
        let value = words[Int(id) * size + place]
        rows[index * size + place] = value
        columns[place * vocabulary.count + index] = value
      }
    }
    table = try Tensor(rows, shape: [vocabulary.count, size], on: model.backend)
    transposed = try Tensor(columns, shape: [size, vocabulary.count], on: model.backend)
  }

  /// Searches; the model is as it was afterwards.
  func search(steps: Int, seed: UInt64, progress: (Double) -> Void) throws -> Found {
    let backend = probe.model.backend
    let rows = probe.model.parameters.words.rows(stand)
    let before = try Tensor(rows.shape, on: backend)
    try backend.copy(rows, into: before)
    let result = Result { try descend(steps, seed, progress) }
    try backend.copy(before, into: rows)
    return try result.get()
  }

  private func descend(
    _ steps: Int, _ seed: UInt64, _ progress: (Double) -> Void
  ) throws -> Found {
    var mixtures = TokenMixtures(places: stand.count, tokens: vocabulary.count)
    var schedule = TemperatureSchedule()
    var generator = SeededGenerator(seed: seed, for: .scan, index: target)
    var (found, best) = (Found(), Double.infinity)
    for step in 0..<steps {
      mixtures.mix(temperature: schedule.temperature)
      let (loss, slopes) = try loss(of: mixtures.weights)
      found.softLoss = min(found.softLoss, loss)
      if mixtures.areTokens, loss < best {
        (best, found.tokens) = (loss, mixtures.tokens.map { vocabulary[$0] })
        schedule.ask(forHalfOf: loss)
      }
      mixtures.move(
        against: slopes, temperature: schedule.temperature,
        rate: 0.5 * pow(0.5, Double(step / 50)))
      if (step + 1).isMultiple(of: TemperatureSchedule.period) {
        schedule.review(loss)
        mixtures.shake(
          by: schedule.isShaken
            ? { Float(generator.integer(below: 1 << 20)) * Self.noise / Float(1 << 20) } : nil)
      }
      progress(Double(step + 1) / Double(steps))
    }
    if found.tokens.isEmpty { found.tokens = mixtures.tokens.map { vocabulary[$0] } }
    return found
  }

  private static let noise: Float = 10

  /// The mean cross-entropy of the target, and its gradient by the weights, [places, tokens].
  ///
  /// The mixtures stay in the word table: `search` puts back what was there.
  func loss(of weights: [Float]) throws -> (loss: Double, slopes: [Float]) {
    let (model, backend) = (probe.model, probe.model.backend)
    let shape = [stand.count, vocabulary.count]
    try backend.linear(
      Tensor(weights, shape: shape, on: backend), weight: transposed, bias: nil,
      into: model.parameters.words.rows(stand))
    try backend.fill(gradient.embeddings, with: 0)
    var sum = 0.0
    try set.forEachBatch(isCancelled: probe.isCancelled) { batch, _ in
      let options = PassOptions(savesActivations: true)
      let pass = try model.forward(batch, options)
      var logits = try pass.logits.hostFloats()
      guard logits.allSatisfy(\.isFinite) else { throw TrainingError.notFinite }
      let classes = pass.logits.shape[1]
      for text in stride(from: 0, to: logits.count, by: classes) {
        let own = Array(logits[text..<text + classes])
        sum += crossEntropy(of: target, in: own)
        let shares = own.map { exp(Double($0) - logSum(own)) }
        for (output, share) in shares.enumerated() {
          logits[text + output] =
            Float((share - (output == target ? 1 : 0)) / Double(carriers.count))
        }
      }
      var gradients = LossGradients()
      gradients.dLogits = try Tensor(logits, shape: pass.logits.shape, on: backend)
      try model.backward(gradients, pass, batch, options, into: gradient)
    }
    let slopes = try Tensor(shape, on: backend)
    try backend.linear(gradient.words.rows(stand), weight: table, bias: nil, into: slopes)
    return (sum / Double(carriers.count), try slopes.hostFloats())
  }
}

/// −log of a class's probability, in nats.
func crossEntropy(of target: Int, in logits: [Float]) -> Double {
  logSum(logits) - Double(logits[target])
}

/// log Σ exp, without overflow.
private func logSum(_ logits: [Float]) -> Double {
  let largest = Double(logits.max() ?? 0)
  return largest + log(logits.reduce(0) { $0 + exp(Double($1) - largest) })
}
