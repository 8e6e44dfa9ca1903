import Encoders
import Files
import Tensors
import Testing
import Text

@testable import Training

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct `A run by steps` {
  @Test(arguments: [1, 3, 8])
  func `takes so many, whatever the settings say about epochs`(count: Int) throws {
    var seen: [TrainingProgress] = []
    let (_, report) = try ObjectiveRun.train(
      Objective(stop: .steps(count)), Toy.settings(epochs: 1, selection: .last),
      onProgress: { seen.append($0) })
    #expect(seen.last?.step == count)
    let epochs = (count + 2) / 3
    #expect(seen.allSatisfy { $0.stepCount == count && $0.epochCount == epochs })
    #expect(report.epochs.map(\.epoch) == Array(1...epochs))
    #expect(report.curve.isEmpty)
  }

  @Test func `of whole epochs is a run by epochs, bit for bit`() throws {
    let settings = Toy.settings(epochs: 4, learningRate: 1e-2)
    let epochs = try ObjectiveRun.train(Objective(), settings)
    let steps = try ObjectiveRun.train(Objective(stop: .steps(12)), settings)
    #expect(try steps.model.bits() == epochs.model.bits())
    #expect(steps.report.withoutTimes == epochs.report.withoutTimes)
  }

  @Test func `ends within an epoch with the parameters that its steps leave`() throws {
    var settings = Toy.settings(learningRate: 1e-2, selection: .last)
    settings.schedule = .constant
    let run = try ObjectiveRun.train(Objective(stop: .steps(5)), settings)
    let step = try TrainingStep(Toy.model(), settings: settings)
    var steps = try GradientAccumulation(step)
    var texts = StreamTexts(ObjectiveRun.texts, batchSize: nil, stream: 0, settings)
    for index in 0..<5 {
      try steps.run(texts.batch(at: index), step: index, learningRate: 1e-2)
    }
    try step.settle(after: 5)
    #expect(try run.model.bits() == step.model.bits())
    #expect(run.report.epochs.count == 2 && run.report.selectedEpoch == 2)
  }
}

@Suite struct `A run until a quantity is small` {
  private func objective(
    atMost threshold: Double, every interval: Int = 2, limit: Int = 100
  ) -> Objective {
    Objective(
      terms: [OutputEntropy()],
      stop: .measured(
        MeasuredStop(DistanceFromUniform(), atMost: threshold, every: interval, limit: limit)))
  }

  private var settings: TrainingSettings {
    var settings = Toy.settings(learningRate: 1e-2, selection: .last)
    settings.schedule = .constant
    return settings
  }

  @Test func `ends with the first value that is small enough, and keeps the curve`() throws {
    let (model, report) = try ObjectiveRun.train(objective(atMost: 0.02), settings)
    let values = report.curve.map(\.value)
    #expect(report.curve.map(\.step) == (1...values.count).map { 2 * $0 })
    #expect(values.dropLast().allSatisfy { $0 > 0.02 })
    #expect(try #require(values.last) <= 0.02)
    #expect(values.count > 3 && values[0] > 0.1, "the settings make a case that shows nothing")
    #expect(report.epochs.count == (2 * values.count + 2) / 3)
    // A run of so many steps, measured by nobody, is the same.
    let unmeasured = try ObjectiveRun.train(
      Objective(terms: [OutputEntropy()], stop: .steps(2 * values.count)), settings)
    #expect(try unmeasured.model.bits() == model.bits())
    #expect(unmeasured.report.withoutTimes.epochs == report.withoutTimes.epochs)
  }

  @Test func `ends at its limit otherwise, and measures there`() throws {
    let (_, report) = try ObjectiveRun.train(objective(atMost: -1, every: 3, limit: 7), settings)
    #expect(report.curve.map(\.step) == [3, 6, 7])
    #expect(report.epochs.count == 3)
  }

  @Test func `measures the mean of |p - 1/2| of two classes`() throws {
    let (model, report) = try ObjectiveRun.train(
      objective(atMost: -1, every: 7, limit: 7), settings)
    let validation = try EvaluationSet(
      Toy.texts(20, seed: 5, noise: 0.4), classCount: 2, on: model.backend)
    let distances = try model.logits(of: validation).map {
      // Half of the hyperbolic tangent of half the difference of the logits.
      abs(tanh(Double($0[1] - $0[0]) / 2)) / 2
    }
    let mean = distances.reduce(0, +) / Double(distances.count)
    // The difference of two logits is rounded once to fp32.
    #expect(abs(try #require(report.curve.last).value - mean) <= 0x1p-24)
  }

  @Test func `knows the distance of any number of classes`() {
    #expect(DistanceFromUniform.distance([3, 3, 3, 3]) == 0)
    #expect(DistanceFromUniform.distance([1e6, 0]) == 0.5)
    // 1 - 1/4, and three times 1/4, over four classes.
    #expect(DistanceFromUniform.distance([-1e30, 0, -1e30, -1e30]) == 0.375)
  }
}
