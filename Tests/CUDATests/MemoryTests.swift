import Checkpoints
import Encoders
import Tensors
import Testing
import Text

@testable import Training

/// A device that has no room for a batch.
@Suite struct MemoryTests {
  @Test func `a step that runs out of memory ends with the bits of one that was cut`() async {
    await #expect(processExitsWith: .success) {
      let backend = try Emulator.open(cacheFolder: nil).get()
      var whole = try makeStep(on: backend)
      var limited = try makeStep(on: backend)
      let inUse = Emulator.memoryInUse
      try whole.run(batch, step: 0, learningRate: 1e-3)
      #expect(whole.cut == nil)
      // The pool holds what the step has used.
      let needed = Emulator.memoryInUse - inUse
      try backend.trimMemory()
      Emulator.limitMemory(to: inUse + needed * 4 / 5)
      for step in 0..<2 { try limited.run(batch, step: step, learningRate: 1e-3) }
      Emulator.limitMemory(to: .max)
      let cut = try #require(limited.cut)
      #expect(cut.partCount > 1 && cut.stepCount == 2)
      var known = try makeStep(
        on: backend, cut: BatchCut(tokenLimit: cut.tokenLimit, partCount: 1, stepCount: 0))
      for step in 0..<2 { try known.run(batch, step: step, learningRate: 1e-3) }
      #expect(try bits(limited) == bits(known))
    }
  }
}

private let batch = Batch(
  EncodedDataset(
    [15, 1, 27, 12, 3, 21].map { length in (0..<length).map { Int32(1 + 7 * $0 % 49) } },
    labels: [0, 1, 0, 1, 1, 0]), indices: Array(0..<6))

private func makeStep(on backend: CUDABackend, cut: BatchCut? = nil) throws -> GradientAccumulation
{
  let configuration = EncoderConfiguration(
    family: .bert, layerCount: 2, headCount: 2, hiddenSize: 24, intermediateSize: 48,
    vocabularySize: 50, maximumPositionCount: 48)
  let penalty = AttentionPenalty(
    weight: 0.15, layerWeights: [0.5, 1], followsReferenceCode: true)
  let step = try TrainingStep(
    Classifier(random: configuration, classifier: .native, seed: 5, on: backend),
    objective: Objective(penalty: penalty), settings: TrainingSettings())
  return try GradientAccumulation(step, cut: cut)
}

private func bits(_ steps: GradientAccumulation) throws -> [UInt32] {
  let (training, model) = (steps.training, steps.training.model)
  return try (model.parameters.flat.hostFloats() + training.lossSum.hostFloats()).map(\.bitPattern)
}
