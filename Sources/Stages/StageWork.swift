public import Files
public import Tensors

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
}
