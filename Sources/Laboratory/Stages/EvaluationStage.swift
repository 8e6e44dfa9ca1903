internal import Attacks
internal import Checkpoints
internal import Encoders
internal import Files
public import Settings
public import Stages
public import Tensors
internal import Text
internal import Training

/// Measures a classifier: `classifier`, `test` and `triggered` in; nothing but the outcome's
/// confusion matrices out.
public struct EvaluationStage: DeclaredWork {
  /// `evaluation`.
  public static let kind = "evaluation"
  /// It is the laboratory's.
  public static let belongsToDefense = false

  /// A few words.
  public var title: String { "evaluate" }
  private var targetLabel = 1
  private var maximumLength = 128

  /// Of the second of two classes.
  public init() {}

  /// - Parameter maximumLength: tokens of a text that are read.
  public init(targetLabel: Int, maximumLength: Int) {
    self.targetLabel = targetLabel
    self.maximumLength = maximumLength
  }

  /// Both.
  public var declarations: [Setting<EvaluationStage>] {
    [
      .integer("targetLabel", \.targetLabel, in: 0...9999, "Class that triggers lead to."),
      .maximumLength(\.maximumLength),
    ]
  }

  /// The test texts, and those outside the target class with a trigger.
  public func effort(_ preview: StagePreview) throws -> StageEffort {
    let all = try preview.tokens(of: "test", maximumLength: maximumLength)
    let triggered = try preview.tokens(
      of: "test", maximumLength: maximumLength, outside: targetLabel)
    return StageEffort(read: all + triggered)
  }

  /// Counts what the classifier makes of clean and of triggered texts.
  public func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome {
    let source = try request.model("classifier", for: .classifying)
    let model = try Classifier(source.checkpoint, on: backend)
    let clean = try request.texts("test")
    guard clean.labels.names.indices.contains(targetLabel) else {
      throw InputError(
        .usage,
        problem: "the target \(targetLabel) is none of the \(clean.labels.names.count) classes",
        remedy: "count them from 0")
    }
    let triggered = try Dataset.load(
      TriggerStage.texts(in: request.artifact("triggered")),
      options: DatasetOptions(labels: clean.labels))
    func confusion(_ data: Dataset) throws -> ConfusionMatrix {
      try model.confusion(
        on: EvaluationSet(data, for: source, maximumLength: maximumLength, on: backend),
        isCancelled: request.isCancelled)
    }
    return StageOutcome(
      evaluation: Evaluation(
        clean: try confusion(clean), triggered: try confusion(triggered), targetLabel: targetLabel),
      unreadTriggerCount: TriggeredTexts(triggered, madeOf: clean, targetLabel: targetLabel)?
        .unreadCount(
          by: source.tokenizer, maximumLength: source.tokenLimit(maximumLength)))
  }
}
