/// What a step's time is spent on.
public enum OperationKind: String, CaseIterable, Sendable {
  /// Matrix products with their epilogues.
  case products
  /// Attention, forward and backward.
  case attention
  /// Layer norm, embeddings, dropout, activations, loss: bound by memory.
  case elementwise
  /// Gradient norm and parameter update.
  case optimizer
}

/// Time by kind of operation.
public struct OperationTimings: Sendable {
  private var durations: [OperationKind: Duration] = [:]

  /// Nothing spent yet.
  public init() {}

  /// Time spent on operations of `kind`.
  public subscript(kind: OperationKind) -> Duration {
    get { durations[kind] ?? .zero }
    set { durations[kind] = newValue }
  }

  /// Time spent on all kinds.
  public var total: Duration { durations.values.reduce(.zero, +) }
}
