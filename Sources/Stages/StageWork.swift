public import Files
public import Tensors
public import Training

/// What a stage does, and everything that tells it from other work of its kind.
public protocol StageWork: Sendable {
  /// Names the kind in keys, and the artifacts after it: `finetune`.
  static var kind: String { get }
  /// Whether its time counts as the cost of a defence.
  static var belongsToDefense: Bool { get }
  /// Whether it computes, so that its result depends on the precision.
  static var computes: Bool { get }

  /// A few words for progress bars and lists.
  var title: String { get }
  /// All that its result depends on, apart from its inputs.
  var parameters: JSONValue { get }

  /// How much it will compute, as far as that is known before it runs; at most, where it may end
  /// earlier.
  func effort(_ preview: StagePreview) throws -> StageEffort

  /// Reads what `parameters` wrote.
  init(_ parameters: JSONNode) throws(InputError)

  /// Does it and leaves its files in `request.outputDirectory`.
  ///
  /// Files that it keeps in `request.workDirectory` are there again when an interrupted stage is
  /// run once more. The same request has to give the same result, whether it was interrupted or
  /// not.
  /// - Throws: `Interruption` once `request.isCancelled` says so; anything else fails the cells
  ///   that need the stage.
  func perform(_ request: StageRequest, on backend: any Backend) throws -> StageOutcome
}

extension StageWork {
  /// It does.
  public static var belongsToDefense: Bool { true }
  /// It does.
  public static var computes: Bool { true }
  /// Next to nothing.
  public func effort(_ preview: StagePreview) throws -> StageEffort { StageEffort() }
}

extension TrainingSettings {
  /// What training on the `train` of a stage computes, and choosing an epoch by its `validation`.
  ///
  /// - Parameter trained: tokens of the training texts, where they are others than `train`.
  public func effort(_ preview: StagePreview, trained: Int? = nil) throws -> StageEffort {
    let train =
      try trained
      ?? preview.tokens(of: "train", maximumLength: maximumLength, limit: maximumExamples)
    let validation = try preview.tokens(of: "validation", maximumLength: maximumLength)
    return StageEffort(trained: epochs * train, read: epochs * validation)
  }
}
