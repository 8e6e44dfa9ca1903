/// One operation at one size with its seed: the atom of tests, `pure verify` and `pure bench`.
public struct Case: Sendable, CustomStringConvertible {
  /// The operation with its extents and options.
  public let operation: any Operation
  /// Names the inputs.
  public let seed: UInt64
  /// As large as a model's own tensors: timed by `pure bench`, checked by `pure verify`, too slow for tests.
  public let isRealistic: Bool

  /// A case whose inputs come from `seed`.
  public init(_ operation: any Operation, seed: UInt64, isRealistic: Bool = false) {
    self.operation = operation
    self.seed = seed
    self.isRealistic = isRealistic
  }

  /// Name of the operation.
  public var operationName: String { type(of: operation).name }
  /// Operation and size.
  public var description: String { "\(operationName) \(operation.size)" }

  var inputs: Inputs {
    var generator = Generator(seed: seed)
    return operation.inputs(from: &generator)
  }

  static func list(_ operations: [any Operation], realistic: Bool = false) -> [Case] {
    operations.enumerated().map { index, operation in
      Case(operation, seed: UInt64(index + 1), isRealistic: realistic)
    }
  }

  /// Every case of every operation.
  public static let all: [Case] = [
    FillOperation.cases, DropoutOperation.cases, FirstRowsOperation.cases,
    EmbeddingOperation.cases, LinearOperation.cases, LayerNormOperation.cases,
    HeadLinearOperation.cases, AttentionOperation.cases, FirstTokenOperation.cases,
    AttentionNormOperation.cases, CrossEntropyOperation.cases, OutputEntropyOperation.cases,
    InnerProductOperation.cases, GlobalNormOperation.cases, AdamWOperation.cases,
    AdamWRowsOperation.cases,
  ].flatMap { $0 }
}
