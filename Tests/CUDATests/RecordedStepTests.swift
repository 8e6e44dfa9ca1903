import Checkpoints
import Encoders
import Tensors
import Testing
import Text
import Training

/// Steps that are recorded once and replayed, against the same steps asked for one by one.
@Suite struct RecordedStepTests {
  /// Texts of five lengths that need the same sizes, and others; no two batches have the same words.
  private static let lengths = [
    [5, 1, 37, 12, 3], [9, 2, 34, 8, 4], [1, 1, 48, 7, 3], [5, 1, 37, 12, 3], [30, 2, 2, 20, 4],
    [6, 6, 6, 6, 6], [30, 1, 1, 22, 3], [12, 12, 20, 12, 1],
  ]

  private func batch(_ index: Int) -> Batch {
    let lengths = Self.lengths[index % Self.lengths.count]
    let texts = lengths.enumerated().map { text, length in
      (0..<length).map { Int32((index * 13 + text * 7 + $0 * $0) % 50) }
    }
    return Batch(
      EncodedDataset(texts, labels: lengths.map { Int32($0 % 2) }),
      indices: Array(lengths.indices))
  }

  private func steps(on backend: any Backend) throws -> GradientAccumulation {
    let configuration = EncoderConfiguration(
      family: .bert, layerCount: 2, headCount: 2, hiddenSize: 24, intermediateSize: 48,
      vocabularySize: 50, maximumPositionCount: 48)
    let penalty = AttentionPenalty(
      weight: 0.15, layerWeights: [0.5, 1], followsReferenceCode: false)
    return try GradientAccumulation(
      TrainingStep(
        Classifier(random: configuration, classifier: .native, seed: 5, on: backend),
        objective: Objective(penalty: penalty), settings: TrainingSettings()))
  }

  /// Parameters, moments and loss after some steps; what recordings hold is given back now and then.
  private func bits(
    after count: Int, on backend: CUDABackend, trimming: Bool = false
  ) throws -> [[UInt32]] {
    var steps = try steps(on: backend)
    for step in 0..<count {
      if trimming && step % 7 == 6 { try backend.trimMemory() }
      try steps.run(batch(step), step: step, learningRate: 1e-3 / Double(step + 1))
    }
    let training = steps.training
    try training.settle(after: count)
    return try [
      training.model.parameters.flat, training.firstMoment.flat, training.secondMoment.flat,
      training.lossSum,
    ].map { try $0.hostFloats().map(\.bitPattern) }
  }

  @Test(arguments: [Precision.fp32, .bf16])
  func `a step that is replayed has the bits of one that is not`(precision: Precision) throws {
    let plain = try Emulator.open(
      cacheFolder: nil, precision: precision, situation: "driver that records nothing"
    ).get()
    let recording = try Emulator.open(cacheFolder: nil, precision: precision).get()
    let expected = try bits(after: 27, on: plain)
    #expect(try bits(after: 27, on: recording) == expected)
    #expect(try bits(after: 27, on: recording, trimming: true) == expected)
    #expect(expected.allSatisfy { $0.allSatisfy { Float(bitPattern: $0).isFinite } })
  }

  @Test func `what copies or waits is not recorded, and the device goes on`() throws {
    let backend = try Emulator.open(cacheFolder: nil, precision: .fp32).get()
    let tensor = try Tensor([Float(1), 2], on: backend)
    let state = try StepState(on: backend)
    let reads = backend.record(state) { () throws(DeviceError) in _ = try tensor.hostFloats() }
    let writes = backend.record(state) { () throws(DeviceError) in try tensor.write([Float(3), 4]) }
    let waits = backend.record(state) { () throws(DeviceError) in try backend.synchronize() }
    #expect(reads == nil && writes == nil && waits == nil)
    let fills = backend.record(state) { () throws(DeviceError) in
      try backend.fill(tensor, with: 7)
    }
    let recording = try #require(fills)
    #expect(try tensor.hostFloats() == [1, 2])
    try recording.replay()
    #expect(try tensor.hostFloats() == [7, 7])
    try backend.trimMemory()
    #expect(recording.isCurrent, "it has taken no memory")
  }
}
