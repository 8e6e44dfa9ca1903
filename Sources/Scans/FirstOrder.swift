internal import Checkpoints
internal import Encoders
public import Tensors
internal import Text
internal import Training

/// What every token of the vocabulary would do at a place of some texts, to first order: the
/// gradient of the target's margin by the embedding at that place, where the mask token stands,
/// multiplied with the whole table of word embeddings (HotFlip: Ebrahimi et al., ACL 2018).
///
/// One backward pass and one product rank the vocabulary. How deep in this order the tokens lie
/// that turn out to flip most is part of what a search reports.
public struct FirstOrder {
  private let probe: Probe
  private let base: Int32
  private let gradient: ParameterBlock

  /// nil for a tokenizer without a token that can stand for any other.
  public init?(_ probe: Probe) throws(DeviceError) {
    guard let base = probe.tokenizer.maskID,
      Int(base) < probe.model.configuration.vocabularySize,
      base != probe.model.configuration.padding.id
    else { return nil }
    (self.probe, self.base) = (probe, base)
    gradient = try ParameterBlock(probe.model.parameters.layout, on: probe.model.backend)
  }

  /// One number a token of the vocabulary: the sum over the texts of what it would add to the
  /// margin, up to a constant.
  ///
  /// - Parameters:
  ///   - candidate: tokens that stand at the place already.
  ///   - slot: how many of them stand before the new one.
  public func scores(
    for target: Int, beside candidate: [Int32] = [], slot: Int = 0, in carriers: [Carrier]
  ) throws -> [Float] {
    let (model, tokenizer) = (probe.model, probe.tokenizer)
    let backend = model.backend
    let masked = candidate[..<slot] + [base] + candidate[slot...]
    let texts = carriers.filter { !$0.pieces.contains(base) }.map {
      tokenizer.prefix + $0.bearing(Array(masked)) + tokenizer.suffix
    }
    let data = EncodedDataset(
      texts, labels: Array(repeating: -1, count: texts.count),
      padding: model.configuration.padding)
    try backend.fill(gradient.embeddings, with: 0)
    let set = try EvaluationSet(
      data, classCount: model.configuration.labels.count, batchSize: 16, on: backend)
    try set.forEachBatch { batch, _ in
      let options = PassOptions(savesActivations: true)
      let pass = try model.forward(batch, options)
      let (logits, classes) = (try pass.logits.hostFloats(), pass.logits.shape[1])
      guard logits.allSatisfy(\.isFinite) else { throw TrainingError.notFinite }
      var dLogits = Array(repeating: Float(0), count: logits.count)
      for text in stride(from: 0, to: logits.count, by: classes) {
        dLogits[text + target] = 1
        dLogits[text + rival(of: target, in: Array(logits[text..<text + classes]))] = -1
      }
      var gradients = LossGradients()
      gradients.dLogits = try Tensor(dLogits, shape: pass.logits.shape, on: backend)
      try model.backward(gradients, pass, batch, options, into: gradient)
    }
    // The mask token stands nowhere else, so its row is the sum over the places.
    let row = gradient.words.rows(Int(base)..<Int(base) + 1)
    let scores = try Tensor([1, model.configuration.vocabularySize], on: backend)
    try backend.linear(row, weight: model.parameters.words, bias: nil, into: scores)
    return try scores.hostFloats()
  }

  /// Some of these tokens, those first that would add most.
  func best(
    _ count: Int, of tokens: [Int32], for target: Int, beside candidate: [Int32] = [],
    slot: Int = 0, in carriers: [Carrier]
  ) throws -> [Int32] {
    let scores = try scores(for: target, beside: candidate, slot: slot, in: carriers)
    return Array(tokens.sorted(descendingBy: { Double(scores[Int($0)]) }).prefix(count))
  }
}
