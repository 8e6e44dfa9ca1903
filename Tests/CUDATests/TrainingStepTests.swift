import Checkpoints
import Conformance
import Encoders
import Tensors
import Testing
import Text
import Training

/// Whole training steps: the model's own code, on the CPU and on the emulator.
@Suite struct TrainingStepTests {
  /// Every gradient of a first step, with dropout, a masked head and the norm term.
  @Test(arguments: [ModelFamily.bert, .roberta, .distilbert], [false, true])
  func `a step's gradients are the CPU's but for rounding`(
    family: ModelFamily, followsReferenceCode: Bool
  ) throws {
    try expectSame(Example(family, followsReferenceCode: followsReferenceCode))
  }

  /// Gradients at all places at once: two terms at the logits, one at every layer's state, one at
  /// the attention rows.
  @Test func `the gradients of every loss term are the CPU's but for rounding`() throws {
    var example = Example(.roberta, followsReferenceCode: false)
    example.more = [OutputEntropy(), LayerwiseCrossEntropy(.whole)]
    try expectSame(example)
  }

  private func expectSame(_ example: Example) throws {
    let expected = try example.gradients(on: CPUBackend.shared)
    let actual = try example.gradients(on: try Emulator.backend.get())
    // The same sums in another order: each parameter's gradient is a chain of products over the layers, the longest
    // of which sums hidden, feed-forward, tokens and texts; two evaluations may err by the bound once each.
    let bound = 2 * Tolerance.relativeError(terms: example.longestChain)
    for (name, values) in expected {
      let others = try #require(actual[name])
      // What reaches query and key went through the softmax's gradient, a difference of numbers as large as those
      // that make the value's gradient; the key's bias even cancels out.
      let source = name.replacing(/attention\.(query|key)/, with: "attention.value")
      let largest = [name, source].flatMap { expected[$0] ?? [] }.reduce(0) { max($0, abs($1)) }
      let worst = zip(values, others).map { abs($0 - $1) }.max() ?? 0
      #expect(Double(worst) <= bound * Double(largest), "\(name): \(worst) of \(largest)")
      #expect(others.count == values.count && others.allSatisfy { $0.isFinite }, "\(name)")
    }
  }

  /// The same in the precisions of tensor cores, whose roundings are larger than all else. They are independent and
  /// have mean zero, so that their squares add up: n of them on the way to a gradient change its norm by √n · u.
  @Test(arguments: [Precision.tf32, .bf16], [false, true])
  func `a step's gradients are fp32's but for the rounding of factors`(
    precision: Precision, followsReferenceCode: Bool
  ) throws {
    let example = Example(.bert, followsReferenceCode: followsReferenceCode)
    let expected = try example.gradients(on: CPUBackend.shared)
    let actual = try example.gradients(on: try Emulator.backend(in: precision))
    let bound = Double(example.roundedFactors).squareRoot() * precision.unitRoundoff
    func norm(_ values: [Float]) -> Double {
      values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
    for (name, values) in expected {
      let others = try #require(actual[name])
      // What reaches query and key is a difference, as above; the key's bias even cancels out. They are
      // measured against the largest of what the three share a product with.
      let isDifference = name.contains(/attention\.(query|key)/)
      let sources =
        !isDifference
        ? [name]
        : ["query.weight", "key.weight", "value.weight"].map {
          name.replacing(/(query|key)\.(weight|bias)/, with: $0)
        }
      let size = try sources.map { norm(try #require(expected[$0])) }.max() ?? 0
      let error = norm(zip(values, others).map { $0 - $1 })
      #expect(error <= bound * size, "\(name): \(error / size) of the norm \(size)")
    }
    // A backend that forgot to round would be closer than this.
    let name = "layers.0.attention.value.weight"
    let (before, after) = (try #require(expected[name]), try #require(actual[name]))
    #expect(norm(zip(before, after).map { $0 - $1 }) > precision.unitRoundoff / 4 * norm(before))
  }

  @Test(arguments: [Precision.tf32, .bf16])
  func `a whole step in it moves the parameters as far as it may`(precision: Precision) throws {
    let example = Example(.bert, followsReferenceCode: false)
    let (expected, expectedLoss) = try example.train(steps: 1, on: CPUBackend.shared)
    let (actual, loss) = try example.train(steps: 1, on: try Emulator.backend(in: precision))
    let bound = Double(example.roundedFactors).squareRoot() * precision.unitRoundoff
    #expect(abs(Double(expectedLoss - loss)) <= bound * Double(abs(expectedLoss)))
    #expect(expectedLoss != loss)
    // The first step of AdamW is the learning rate times the gradient's sign, whatever its size.
    let differences = zip(expected, actual).map { Double(abs($0 - $1)) }
    #expect((differences.max() ?? .infinity) <= 2 * example.learningRate * (1 + 0x1p-10))
    // The sign turns where the rounding is as large as the gradient: of normal numbers a share of about `bound`.
    let moved = differences.reduce(0, +) / Double(differences.count)
    #expect(moved <= 2 * example.learningRate * bound, "\(moved) on average")
  }

  /// Clipping and AdamW included; the update divides by the root of the second moment, so that where a gradient is
  /// rounding noise its sign decides: parameters may differ by what the steps can move them, and no more.
  @Test func `three steps leave every parameter within what the gradients' rounding can move it`()
    throws
  {
    let example = Example(.bert, followsReferenceCode: false)
    let (expected, expectedLoss) = try example.train(steps: 3, on: CPUBackend.shared)
    let (actual, actualLoss) = try example.train(steps: 3, on: try Emulator.backend.get())
    let bound = Tolerance.relativeError(terms: example.longestChain)
    #expect(abs(Double(expectedLoss - actualLoss)) <= 2 * bound * Double(abs(expectedLoss)))
    let differences = zip(expected, actual).map { Double(abs($0 - $1)) }
    // One AdamW step moves a parameter by about the learning rate.
    #expect((differences.max() ?? .infinity) <= 2 * 3 * example.learningRate)
    let moved = differences.reduce(0, +) / Double(differences.count)
    #expect(moved <= example.learningRate * 0x1p-10, "a parameter differs by \(moved) on average")
  }

  @Test(arguments: Precision.allCases)
  func `two runs of three steps give the same bits`(precision: Precision) throws {
    let example = Example(.bert, followsReferenceCode: true)
    let backend = try Emulator.backend(in: precision)
    let (first, firstLoss) = try example.train(steps: 3, on: backend)
    let (second, secondLoss) = try example.train(steps: 3, on: backend)
    #expect(first.map(\.bitPattern) == second.map(\.bitPattern))
    #expect(firstLoss.bitPattern == secondLoss.bitPattern)
  }
}

extension TrainingStepTests {
  @Test func `factors that are kept have the bits of those rounded for each product`() throws {
    var example = Example(.bert, followsReferenceCode: false)
    example.more = [LayerwiseCrossEntropy(.whole)]
    let kept = try Emulator.backend(in: .bf16)
    let rounding = try Emulator.open(cacheFolder: nil, precision: .bf16, keepsFactors: false).get()
    let (expected, expectedLoss) = try example.train(steps: 3, on: rounding)
    let (actual, loss) = try example.train(steps: 3, on: kept)
    #expect(actual.map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(loss.bitPattern == expectedLoss.bitPattern)
  }

  /// Whatever memory held before, here NaN, rows that hold no token reach nothing.
  @Test(arguments: Precision.allCases)
  func `inert rows change no bit of a step`(precision: Precision) throws {
    var example = Example(.bert, followsReferenceCode: false)
    let backend = try Emulator.open(cacheFolder: nil, precision: precision).get()
    example.rowCount = example.tokenCount
    let (expected, expectedLoss) = try example.train(steps: 2, on: backend)
    for rows in [1, 6, 70] {
      var dirt: [Tensor] = []
      for power in 0..<48 {
        let block = try Tensor([1 << (power / 3 + 4)], on: backend)
        try backend.fill(block, with: .nan)
        dirt.append(block)
      }
      dirt = []
      example.rowCount = example.tokenCount + rows
      let (actual, loss) = try example.train(steps: 2, on: backend)
      #expect(actual.map(\.bitPattern) == expected.map(\.bitPattern), "\(rows) inert rows")
      #expect(loss.bitPattern == expectedLoss.bitPattern)
    }
  }
}

/// A model of two layers and a batch of five texts, of which one spells the padding token.
private struct Example {
  let configuration: EncoderConfiguration
  let followsReferenceCode: Bool
  var more: [any LossTerm] = []
  let learningRate = 1e-3
  private let lengths = [5, 1, 37, 12, 3]
  /// Rows of the matrices that have one a token; nil: what the device likes.
  var rowCount: Int?
  var tokenCount: Int { lengths.reduce(0, +) }

  init(_ family: ModelFamily, followsReferenceCode: Bool) {
    configuration = EncoderConfiguration(
      family: family, layerCount: 2, headCount: 2, hiddenSize: 24, intermediateSize: 48,
      vocabularySize: 50, maximumPositionCount: 48)
    self.followsReferenceCode = followsReferenceCode
  }

  var longestChain: Int {
    let perLayer = 4 * configuration.hiddenSize + 2 * configuration.intermediateSize
    return configuration.layerCount * 2 * perLayer + lengths.reduce(0, +)
  }

  /// Two of each product that the longest chain passes: six a layer there and six back, and the head's two both ways.
  var roundedFactors: Int { 2 * (configuration.layerCount * 12 + 4) }

  private func step(on backend: any Backend) throws -> TrainingStep {
    let model = try Classifier(random: configuration, classifier: .native, seed: 5, on: backend)
    var mask = HeadMask(layerCount: 2, headCount: 2)
    mask[0, 1] = false
    var settings = TrainingSettings()
    settings.learningRate = learningRate
    return try TrainingStep(
      model,
      objective: Objective(
        terms: [
          CrossEntropyTerm(),
          AttentionPenalty(
            weight: 0.15, layerWeights: [0.5, 1], followsReferenceCode: followsReferenceCode),
        ] + more), headMask: mask, settings: settings)
  }

  private func batch(on backend: any Backend) throws -> EncoderBatch {
    var random = Philox(seed: 3, stream: 9)
    var texts = lengths.map { length in
      (0..<length).map { _ in Int32(random.next() % UInt64(configuration.vocabularySize)) }
    }
    // RoBERTa's positions pass it over, and no family trains its embedding.
    texts[2][7] = configuration.padding.id
    let data = EncodedDataset(
      texts, labels: lengths.indices.map { Int32($0 % 2) }, padding: configuration.padding)
    var batch = try EncoderBatch(Batch(data, indices: Array(lengths.indices)), on: backend)
    if let rowCount {
      let sequences = batch.sequences
      batch.sequences = PackedSequences(
        offsets: sequences.offsets, tokenCount: sequences.tokenCount, rowCount: rowCount,
        longestSequence: sequences.longestSequence)
    }
    return batch
  }

  func gradients(on backend: any Backend) throws -> [String: [Float]] {
    let step = try step(on: backend)
    try step.backpropagate(try batch(on: backend), step: 0)
    var gradients: [String: [Float]] = [:]
    for slot in step.gradient.layout.slots {
      gradients[slot.name] = try step.gradient[slot.name].hostFloats()
    }
    return gradients
  }

  func train(steps: Int, on backend: any Backend) throws -> (parameters: [Float], loss: Float) {
    let step = try step(on: backend)
    let batch = try batch(on: backend)
    for index in 0..<steps { try step.run(batch, step: index, learningRate: learningRate) }
    try step.settle(after: steps)
    return (try step.model.parameters.flat.hostFloats(), try step.lossSum.hostFloats()[0])
  }
}
