internal import Attacks
internal import Checkpoints
public import Encoders
public import Files
public import Settings
public import Stages
public import Tensors
public import Text
internal import Training

/// Variance scores of every head on clean texts, and on the same with a trigger (paper Figure 2).
public struct HeadContrast: Sendable, Equatable {
  /// Layers × heads.
  public let clean: [[Double]]
  /// The same on triggered texts; nil where there were none.
  public let triggered: [[Double]]?
  /// How many texts of each there were.
  public let textCount: Int

  /// Scores that were made elsewhere.
  public init(clean: [[Double]], triggered: [[Double]]?, textCount: Int) {
    self.clean = clean
    self.triggered = triggered
    self.textCount = textCount
  }

  /// Scores a model, of which `source` tells how it reads texts.
  ///
  /// - Parameter maximumLength: tokens of a text that are read.
  public init(
    of model: Classifier, _ source: SourceModel, clean: Dataset, triggered: Dataset?,
    maximumLength: Int, recipe: Recipe, headMask: HeadMask
  ) throws {
    func scores(_ data: Dataset) throws -> [[Double]] {
      try HeadScores(
        of: model,
        on: EvaluationSet(data, for: source, maximumLength: maximumLength, on: model.backend),
        paddedLength: source.tokenLimit(maximumLength), recipe: recipe, headMask: headMask
      ).values
    }
    self.init(
      clean: try scores(clean), triggered: try triggered.map(scores), textCount: clean.count)
  }

  /// As JSON.
  public var json: JSONValue {
    [
      "texts": .int(textCount), "clean": .matrix(clean),
      "poisoned": triggered.map(JSONValue.matrix) ?? nil,
    ]
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    func scores(_ node: JSONNode) throws(InputError) -> [[Double]] {
      try node.matrix { score throws(InputError) in try score.double() }
    }
    textCount = try node.required("texts").int(in: 0...Int.max)
    clean = try scores(node.required("clean"))
    triggered = try node.optional("poisoned").map(scores)
    guard triggered.map({ $0.map(\.count) == clean.map(\.count) }) ?? true else {
      throw node.error("scores other heads with a trigger", remedy: "remove the record")
    }
  }
}

/// Scores the heads of a classifier with and without a trigger: `classifier`, `test` and
/// `triggered` in; nothing but the outcome's findings out.
public struct HeadContrastStage: DeclaredWork {
  /// `contrast`.
  public static let kind = "contrast"
  /// It is the laboratory's.
  public static let belongsToDefense = false

  /// A few words.
  public var title: String { "score heads with triggers" }
  private var recipe = Recipe.paper
  private var maximumLength = 128
  private var targetLabel = 1
  private var textLimit = 2000

  /// The paper's scores.
  public init() {}

  /// - Parameters:
  ///   - targetLabel: the class that texts are not of.
  ///   - textLimit: the first so many texts of other classes are read.
  public init(recipe: Recipe, maximumLength: Int, targetLabel: Int, textLimit: Int) {
    self.recipe = recipe
    self.maximumLength = maximumLength
    self.targetLabel = targetLabel
    self.textLimit = textLimit
  }

  /// All of them.
  public var declarations: [Setting<HeadContrastStage>] {
    [
      .recipe(\.recipe), .maximumLength(\.maximumLength),
      .integer("targetLabel", \.targetLabel, in: 0...9999, "Class that triggers lead to."),
      .integer("textLimit", \.textLimit, in: 1...1_000_000_000, "Texts that are read at most."),
    ]
  }

  /// The texts, and the same with a trigger.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    let all = try preview.tokens(
      of: "test", maximumLength: maximumLength, limit: textLimit, outside: targetLabel)
    return StageEffort(read: 2 * all)
  }

  /// Finds out the scores.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("classifier", for: .classifying)
    let clean = try request.texts("test")
    let triggered = try Dataset.load(
      TriggerStage.texts(in: request.artifact("triggered")),
      options: DatasetOptions(labels: clean.labels))
    let victims = clean.selecting(
      clean.examples.indices.filter { clean.examples[$0].label != targetLabel })
    func first(_ data: Dataset) -> Dataset { data.selecting(0..<min(textLimit, data.count)) }
    let contrast = try HeadContrast(
      of: Classifier(source.checkpoint, on: backend), source, clean: first(victims),
      triggered: first(triggered), maximumLength: maximumLength, recipe: recipe,
      headMask: HeadMask(of: source.checkpoint))
    return StageOutcome(findings: JSONObject([(Self.kind, contrast.json)]))
  }
}
