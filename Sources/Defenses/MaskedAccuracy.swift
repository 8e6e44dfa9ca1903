internal import Checkpoints
public import Encoders
internal import Tensors
public import Training

/// Accuracy of one model under a sequence of head masks. The input of every layer is kept by batch, so that a mask
/// that differs from the one before it in layer l costs the layers from l on; and an evaluation against a floor
/// stops as soon as the batches seen so far decide it.
public struct MaskedAccuracy {
  private let model: Classifier
  private let texts: EvaluationSet
  private var mask: HeadMask
  private var maskTensor: Tensor
  private var batches: [CachedBatch]

  private struct CachedBatch {
    /// `inputs[l]` is layer l's input under the current mask for l < inputs.count.
    var inputs: [Tensor] = []
    var keepsInputs: Bool
  }

  /// Layer evaluations done so far, batch by batch: what the reuse saves shows here.
  public private(set) var layerEvaluations = 0

  /// Begins with every head alive.
  ///
  /// - Parameter memoryLimit: bytes of layer inputs to keep; batches beyond it are computed anew each time.
  public init(_ model: Classifier, on texts: EvaluationSet, memoryLimit: Int = 4 << 30) throws {
    self.model = model
    self.texts = texts
    let configuration = model.configuration
    mask = HeadMask(layerCount: configuration.layerCount, headCount: configuration.headCount)
    maskTensor = try mask.tensor(on: model.backend)
    var bytes = 0
    batches = texts.batches.map { batch in
      bytes += batch.sequences.tokenCount * configuration.hiddenSize * 4 * configuration.layerCount
      return CachedBatch(keepsInputs: bytes <= memoryLimit)
    }
  }

  /// Whether at least `floor` of the texts are classified right under `mask`.
  public mutating func reaches(_ floor: Double, under mask: HeadMask, isCancelled: () -> Bool)
    throws -> Bool
  {
    try change(to: mask)
    // The same division as in `accuracy`, or rounding could make the two disagree at the floor itself.
    let needed = (0...texts.count).first { Double($0) / Double(max(1, texts.count)) >= floor }
    guard let needed else { return false }
    var (correct, remaining) = (0, texts.count)
    for index in batches.indices {
      if correct >= needed { return true }
      if correct + remaining < needed { return false }
      if isCancelled() { throw Interruption() }
      correct += try correctCount(index)
      remaining -= texts.exampleIndices[index].count
    }
    return correct >= needed
  }

  /// The share of texts classified right under `mask`.
  public mutating func accuracy(under mask: HeadMask, isCancelled: () -> Bool) throws -> Double {
    try change(to: mask)
    var correct = 0
    for index in batches.indices {
      if isCancelled() { throw Interruption() }
      correct += try correctCount(index)
    }
    return Double(correct) / Double(max(1, texts.count))
  }

  private mutating func change(to new: HeadMask) throws {
    guard let first = mask.alive.indices.first(where: { mask.alive[$0] != new.alive[$0] }) else {
      return
    }
    mask = new
    maskTensor = try new.tensor(on: model.backend)
    for index in batches.indices where batches[index].inputs.count > first + 1 {
      batches[index].inputs.removeSubrange((first + 1)...)
    }
  }

  private mutating func correctCount(_ index: Int) throws -> Int {
    do {
      let (inputs, count) = try correctCount(
        texts.batches[index], texts.exampleIndices[index], from: batches[index].inputs,
        keepingInputs: batches[index].keepsInputs)
      if batches[index].keepsInputs { batches[index].inputs = inputs }
      return count
    } catch DeviceError.outOfMemory {
      // What is kept can be spared: from now on every mask costs every layer.
      for index in batches.indices { batches[index] = CachedBatch(keepsInputs: false) }
      var count = 0
      try texts.forBatch(index) { batch, examples in
        count += try correctCount(batch, examples, from: [], keepingInputs: false).count
      }
      return count
    }
  }

  /// Inputs of all layers, given those of the first ones, and how many of the texts are classified right.
  private mutating func correctCount(
    _ batch: EncoderBatch, _ examples: [Int], from known: [Tensor], keepingInputs: Bool
  ) throws -> (inputs: [Tensor], count: Int) {
    var inputs = known
    if inputs.isEmpty { inputs = [try model.encoder.embeddings(batch)] }
    let layerCount = model.configuration.layerCount
    var output = inputs[inputs.count - 1]
    for layer in (inputs.count - 1)..<layerCount {
      output = try model.encoder.layer(layer, output, batch.sequences, headMask: maskTensor)
      layerEvaluations += 1
      if keepingInputs, layer + 1 < layerCount { inputs.append(output) }
    }
    let logits = try model.logits(cls: output)
    let (values, classCount) = (try logits.hostFloats(), logits.shape[1])
    let count = examples.enumerated().count { row, example in
      predictedClass(values[row * classCount..<(row + 1) * classCount]) == texts.labels[example]
    }
    return (inputs, count)
  }
}
