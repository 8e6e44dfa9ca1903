import Encoders
import Tensors
import Testing
import Text

@testable import Training

@Suite struct `Streams of texts` {
  private let texts = Toy.texts(21, seed: 3)

  private func stream(_ number: Int, batchSize: Int? = nil) -> StreamTexts {
    StreamTexts(texts, batchSize: batchSize, stream: number, Toy.settings())
  }

  @Test(arguments: [0, 1, 2])
  func `begin again in another order when all texts were read`(number: Int) {
    var stream = stream(number, batchSize: 4)
    #expect(stream.batchCount == 6)
    var cycles: [[Int]] = []
    for cycle in 0..<4 {
      let read = (0..<6).flatMap { stream.batch(at: cycle * 6 + $0).exampleIndices }
      #expect(read.sorted() == Array(0..<21))
      cycles.append(read)
    }
    #expect(Set(cycles).count == 4)
  }

  @Test func `read at a step what the step says, wherever they come from`() {
    var whole = stream(1)
    let batches = (0..<20).map { whole.batch(at: $0) }
    for step in [19, 0, 7, 6, 2] {
      var resumed = stream(1)
      #expect(resumed.batch(at: step) == batches[step])
    }
  }

  @Test func `have orders of their own, the first that of a run without others`() {
    var streams = (0..<3).map { stream($0) }
    let read = streams.indices.map { index in
      (0..<3).flatMap { streams[index].batch(at: $0).exampleIndices }
    }
    #expect(Set(read).count == 3)
    let settings = Toy.settings()
    let plan = BatchPlan(
      lengths: texts.lengths, batchSize: settings.batchSize, order: settings.order,
      seed: settings.seed, epoch: 1)
    #expect(read[0] == plan.batches.flatMap { $0 })
  }

  /// Dropout included: batches of a step lie end to end, so their masks are those of one batch.
  @Test func `add up to the gradient of one batch with the texts of both`() throws {
    let both = Batch(texts, indices: Array(0..<16))
    let whole = try gradient(Objective(), [both])
    let halves = try gradient(
      Objective(
        streams: [
          Objective.Stream("training", terms: [CrossEntropyTerm(weight: 0.5)]),
          Objective.Stream("poisoned", terms: [CrossEntropyTerm(weight: 0.5)]),
        ]), [both.part(0..<8), both.part(8..<16)])
    try Toy.expectSame(halves, whole, tokenCount: both.tokenCount)
  }

  private func gradient(_ objective: Objective, _ batches: [Batch]) throws -> TrainingStep {
    let step = try TrainingStep(Toy.model(), objective: objective, settings: Toy.settings())
    var steps = try GradientAccumulation(step)
    try steps.backpropagate(batches, step: 3)
    return step
  }
}
