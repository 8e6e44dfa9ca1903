public import Files
public import Tensors
public import Text

/// The stages that lead to a result, each after those whose results it needs.
public struct StageGraph {
  /// All of them; equal ones once.
  public private(set) var stages: [Stage] = []
  /// How they compute.
  public let precision: Precision
  private let hasher: ContentHasher

  /// No stages yet.
  ///
  /// - Parameter hasher: what is known of the user's files.
  public init(_ hasher: ContentHasher = ContentHasher(), precision: Precision = .fp32) {
    self.hasher = hasher
    self.precision = precision
  }

  /// Adds a stage, unless there is one of the same result.
  ///
  /// - Parameter inputs: those that there are.
  public mutating func add(_ work: any StageWork, _ inputs: Stage.Input?...) -> Stage {
    add(work, inputs)
  }

  /// Adds a stage, unless there is one of the same result.
  public mutating func add(_ work: any StageWork, _ inputs: [Stage.Input?]) -> Stage {
    let stage = Stage(work, inputs.compactMap { $0 }, precision: precision)
    if !stages.contains(stage) { stages.append(stage) }
    return stage
  }

  /// A model directory of the user; its content counts.
  public func model(_ directory: String, as name: String = "model") throws(InputError)
    -> Stage.Input
  {
    try hasher.model(directory, as: name)
  }

  /// Texts of the user; their content counts.
  public func texts(_ source: TextSource, as name: String) throws(InputError) -> Stage.Input {
    try hasher.texts(source, as: name)
  }
}
