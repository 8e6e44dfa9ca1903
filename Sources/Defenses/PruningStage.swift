internal import Encoders
internal import Files
public import Settings
public import Stages
public import Tensors
internal import Training

/// Step 1 of algorithm 1: `classifier`, `scores` and `validation` in; which heads go, and the
/// scores that λ is made from, out.
public struct PruningStage: DeclaredWork {
  /// `pruning`.
  public static let kind = "pruning"

  /// A few words.
  public var title: String { "prune heads" }
  private var pruning = HeadPruning()
  private var maximumLength = 128

  /// The paper's pruning by the paper's texts.
  public init() {}

  /// - Parameter maximumLength: tokens of a text that are read.
  public init(_ pruning: HeadPruning, maximumLength: Int) {
    self.pruning = pruning
    self.maximumLength = maximumLength
  }

  /// All that decides which heads go.
  public var declarations: [Setting<PruningStage>] {
    [
      .recipe(\.pruning.recipe),
      .number(
        "accuracyFloor", \.pruning.accuracyFloor, in: HeadPruning.accuracyFloors,
        "Where pruning ends."),
      .integer("step", \.pruning.step, in: 1...10_000, "Heads between two looks."),
      .maximumLength(\.maximumLength),
    ]
  }

  /// A mask for every head, each of which changes half of the layers in the middle of them.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    let tokens = try preview.tokens(of: "validation", maximumLength: maximumLength)
    return StageEffort(read: tokens * (try preview.headCount) / (2 * pruning.step))
  }

  /// Leaves the heads that stay.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let suspect = try ScoredSuspect(request, maximumLength: maximumLength, on: backend)
    let scores = try ScoredHeads(
      in: request.artifact("scores"), of: suspect.model.configuration
    ).scores
    let result = try pruning.run(
      suspect.model, scores: scores, validation: suspect.validation, startingFrom: suspect.mask,
      paddedLength: suspect.maximumLength,
      progress: { pruned, total in
        request.report(StageProgress(fraction: Double(pruned) / Double(total)))
      }, isCancelled: request.isCancelled)
    try ScoredHeads(scores: result.scoresForNorm, mask: result.mask).write(
      to: request.outputDirectory)
    return StageOutcome(
      heads: HeadReport(scores: scores.values, pruned: result.mask.pruned),
      findings: JSONObject([
        (
          "pruning",
          [
            "accuracyBefore": .double(result.accuracyBefore),
            "accuracyFloor": .double(result.accuracyFloor),
            "accuracyAfter": .double(result.accuracyAfter),
            "evaluations": .int(result.evaluationCount),
          ]
        )
      ]))
  }
}
