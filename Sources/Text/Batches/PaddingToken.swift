/// What a padding token means to an encoder when a text spells it out.
///
/// Batches have no padding of their own, and a token that a text spells is attended to as any
/// other.
public struct PaddingToken: Sendable, Equatable {
  /// Its id. Its word embedding is not trained, as PyTorch's `padding_idx` has it.
  public let id: Int32
  /// Whether positions count it. RoBERTa's pass it over: it has the position -1 wherever it stands.
  public let takesPosition: Bool

  /// A padding token by its id.
  public init(id: Int32, takesPosition: Bool) {
    self.id = id
    self.takesPosition = takesPosition
  }
}
