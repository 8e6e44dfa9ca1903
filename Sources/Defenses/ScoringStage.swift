internal import Checkpoints
internal import Encoders
public import Settings
public import Stages
public import Tensors
internal import Text
internal import Training

/// Scores the heads of a fine-tuned suspect: `classifier` and `validation` in; a variance score a
/// head out.
public struct ScoringStage: DeclaredWork {
  /// `scores`.
  public static let kind = "scores"

  /// A few words.
  public var title: String { "score heads" }
  private var recipe = Recipe.paper
  private var maximumLength = 128

  /// The paper's scores of the paper's texts.
  public init() {}

  /// - Parameter maximumLength: tokens of a text that are read.
  public init(recipe: Recipe, maximumLength: Int) {
    self.recipe = recipe
    self.maximumLength = maximumLength
  }

  /// Both.
  public var declarations: [Setting<ScoringStage>] {
    [.recipe(\.recipe), .maximumLength(\.maximumLength)]
  }

  /// One look.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    StageEffort(read: try preview.tokens(of: "validation", maximumLength: maximumLength))
  }

  /// Leaves the scores, and which heads are alive.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let suspect = try ScoredSuspect(request, maximumLength: maximumLength, on: backend)
    let scores = try HeadScores(
      of: suspect.model, on: suspect.validation, paddedLength: suspect.maximumLength,
      recipe: recipe, headMask: suspect.mask)
    try ScoredHeads(scores: scores, mask: suspect.mask).write(to: request.outputDirectory)
    return StageOutcome(heads: HeadReport(scores: scores.values, pruned: suspect.mask.pruned))
  }
}

/// The fine-tuned suspect whose heads are scored and pruned, with the texts that decide.
struct ScoredSuspect {
  let model: Classifier
  /// The heads that are alive to begin with.
  let mask: HeadMask
  let validation: EvaluationSet
  /// Tokens of a text that are read.
  let maximumLength: Int

  init(_ request: StageRequest, maximumLength: Int, on backend: any Backend) throws {
    let source = try request.model("classifier", for: .classifying)
    model = try Classifier(source.checkpoint, on: backend)
    mask = HeadMask(of: source.checkpoint)
    self.maximumLength = source.tokenLimit(maximumLength)
    validation = try EvaluationSet(
      request.texts("validation"), for: source, maximumLength: maximumLength, on: backend)
  }
}
