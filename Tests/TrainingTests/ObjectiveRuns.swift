import Encoders
import Tensors
import Text

@testable import Training

/// Runs of every kind of objective on toy texts, for tests of what must hold for all of them.
struct ObjectiveRun: CustomStringConvertible, Sendable {
  let description: String
  let objective: Objective

  static let all = [
    ObjectiveRun("layers", Objective(terms: [LayerwiseCrossEntropy(.output(dropout: 0.1))])),
    ObjectiveRun("steps", Objective(stop: .steps(8))),
    ObjectiveRun(
      "measured",
      Objective(
        terms: [OutputEntropy()],
        stop: .measured(
          MeasuredStop(DistanceFromUniform(), atMost: 0.02, every: 2, limit: 100)))),
    ObjectiveRun("words", Objective(moves: .words([1, 4, 7, 19]))),
    ObjectiveRun("streams", Objective(streams: streams)),
    ObjectiveRun("every layer of streams", Objective(streams: streams(everyLayer))),
    ObjectiveRun("restricted", restricted(isByTensor: false)),
    ObjectiveRun("restricted by tensor", restricted(isByTensor: true)),
  ]

  private init(_ description: String, _ objective: Objective) {
    self.description = description
    self.objective = objective
  }

  static func restricted(isByTensor: Bool, isRectified: Bool = true) -> Objective {
    Objective(
      streams: streams,
      rule: RestrictedInnerProduct(
        of: "poisoned", with: "training", weight: 4, isByTensor: isByTensor,
        isRectified: isRectified))
  }

  private static let streams = streams([CrossEntropyTerm()])

  /// As the original LWP has it.
  private static let everyLayer: [any LossTerm] = [
    LayerwiseCrossEntropy(.output(dropout: 0)), CrossEntropyTerm(headDropout: false),
  ]

  private static func streams(_ terms: [any LossTerm]) -> [Objective.Stream] {
    [
      Objective.Stream("training", terms: terms),
      Objective.Stream("poisoned", terms: terms, batchSize: 5),
    ]
  }

  /// Three batches of the toy settings' size.
  static let texts = Toy.texts(24, seed: 4, noise: 0.4)

  /// Texts of another number, and with labels that say the opposite.
  static let others: [String: EncodedDataset] = {
    let texts = Toy.texts(17, seed: 9)
    return [
      "poisoned": EncodedDataset(
        (0..<texts.count).map { Array(texts[$0]) }, labels: texts.labels.map { 1 - $0 })
    ]
  }()

  /// Trains a toy model, three steps an epoch.
  static func train(
    _ objective: Objective, _ settings: TrainingSettings, directory: String? = nil,
    on backend: any Backend = CPUBackend.shared,
    isCancelled: @escaping () -> Bool = { false },
    onProgress: @escaping (TrainingProgress) -> Void = { _ in }
  ) throws -> (model: Classifier, report: TrainingReport) {
    let model = try Toy.model(on: backend)
    var trainer = try Trainer(
      model, settings: settings, objective: objective, checkpointDirectory: directory)
    trainer.isCancelled = isCancelled
    trainer.onProgress = onProgress
    let validation = try EvaluationSet(
      Toy.texts(20, seed: 5, noise: 0.4), classCount: 2, on: backend)
    let texts = TrainingTexts(
      training: texts, validation: validation, others: others)
    return (model, try trainer.train(on: texts))
  }
}
