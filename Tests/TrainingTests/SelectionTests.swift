import Encoders
import Tensors
import Testing
import Text
import Training

@Suite struct `The epoch that is kept` {
  /// Labels half of which are noise, so that accuracy goes up and down.
  private let texts = Toy.texts(48, seed: 4, noise: 0.5)

  @Test func `is the earliest of the best on validation, with its parameters`() throws {
    let validation = try EvaluationSet(
      Toy.texts(30, seed: 5, noise: 0.5), classCount: 2, on: CPUBackend.shared)
    var settings = Toy.settings(epochs: 8, learningRate: 1e-2)
    settings.schedule = .constant
    let best = try run(settings, validation)
    let accuracies = best.report.epochs.compactMap(\.validationAccuracy)
    #expect(accuracies.count == 8)
    let expected = try #require(accuracies.max().flatMap(accuracies.firstIndex)) + 1
    #expect(best.report.selectedEpoch == expected)
    #expect((2...7).contains(expected), "the settings make a case that shows nothing")
    #expect(
      try best.model.confusion(on: validation).accuracy == accuracies[expected - 1])
    // With a constant rate the first epochs of a run are a shorter run.
    settings.epochs = expected
    settings.selection = .last
    let last = try run(settings, validation)
    #expect(try best.model.bits() == last.model.bits())
    #expect(last.report.selectedEpoch == expected)
  }

  @Test func `is the first where all are equal`() throws {
    // A single text is right or wrong, and these are learnt from the first epoch on.
    let validation = try EvaluationSet(
      Toy.texts(2, seed: 5), classCount: 2, on: CPUBackend.shared)
    var settings = Toy.settings(epochs: 3, learningRate: 0)
    settings.optimizer.weightDecay = 0
    let model = try run(settings, validation)
    #expect(Set(model.report.epochs.map(\.validationAccuracy)).count == 1)
    #expect(model.report.selectedEpoch == 1)
  }

  @Test func `is the last where there is nothing to choose by`() throws {
    let model = try run(Toy.settings(epochs: 3), nil)
    #expect(model.report.selectedEpoch == 3)
    #expect(model.report.epochs.allSatisfy { $0.validationAccuracy == nil })
  }

  private func run(
    _ settings: TrainingSettings, _ validation: EvaluationSet?
  ) throws -> (model: Classifier, report: TrainingReport) {
    let model = try Toy.model()
    return (model, try Trainer(model, settings: settings).train(on: texts, validation: validation))
  }
}
