import Files
import Stages
import Training

@testable import Laboratory

/// Does no work, but leaves a file behind and notes what it was asked for.
final class FakeExecutor: StageExecutor {
  /// As of this machine; a sweep computes in its precision.
  var environment = sampleEnvironment
  /// The titles of the stages that were performed.
  private(set) var performed: [String] = []
  /// Stages for which this answers true fail.
  var fails: (Stage) -> Bool = { _ in false }
  /// Stages for which this answers true behave as if the user stopped them half way.
  var stops: (Stage) -> Bool = { _ in false }
  /// Whether an interrupted stage found its own checkpoint.
  private(set) var hasResumed = false

  func perform(_ request: StageRequest) throws -> StageOutcome {
    for input in request.stage.inputs {
      let path = input.source.path(in: request.store)
      if !Path.exists(path) { throw InputError(file: path, problem: "is not there") }
    }
    let checkpoint = Path.join(request.workDirectory, "checkpoint")
    hasResumed = hasResumed || Path.exists(checkpoint)
    try AtomicFile.write([1], to: checkpoint)
    try AtomicFile.write([2], to: Path.join(request.outputDirectory, "result"))
    if stops(request.stage) { throw Interruption() }
    if fails(request.stage) { throw InputError(problem: "the disk is full") }
    performed.append(request.stage.work.title)
    request.report(StageProgress(fraction: 1))
    switch request.stage.kind {
    case "finetune":
      return StageOutcome(epochs: [EpochSummary(loss: 0.5, validationAccuracy: 0.9)])
    case "scores": return StageOutcome(heads: HeadReport(scores: [[0.1, 0.2]], pruned: [[]]))
    case "pruning": return StageOutcome(heads: HeadReport(scores: [[0.1, 0.2]], pruned: [[0]]))
    case "evaluation": return StageOutcome(evaluation: evaluation(accuracy: 900, flips: 100))
    case "contrast":
      let contrast = HeadContrast(
        clean: [[0.5, 0.25]], triggered: [[0.75, 0.125]], textCount: 7)
      return StageOutcome(findings: JSONObject([("contrast", contrast.json)]))
    case "attention":
      let texts = request.stage.work.parameters["texts"]?.array?.compactMap(\.string) ?? []
      let readings = zip(texts, [[0.5, 0.5], [0.25, 0.75]]).map { text, weights in
        AttentionReading(text: text, tokens: ["[CLS]", "bb"], weights: [weights])
      }
      return StageOutcome(findings: JSONObject([("attention", .array(readings.map(\.json)))]))
    default: return StageOutcome()
    }
  }
}
