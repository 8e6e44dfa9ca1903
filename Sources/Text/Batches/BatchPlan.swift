/// Which examples form which batch of an epoch: a function of seed, epoch and lengths alone.
public struct BatchPlan: Sendable, Equatable {
  /// In what order examples come.
  public enum Order: Sendable, Equatable {
    /// Shuffled, then sorted by length within windows of so many batches, cut, and the batches
    /// shuffled: texts of a batch have similar lengths, and every epoch has other batches.
    case shuffledByLength(window: Int)
    /// Shuffled.
    case shuffled
    /// As the data set has them.
    case asGiven
    /// Shortest first, for evaluation.
    case sortedByLength

    /// What training uses.
    public static let training = Order.shuffledByLength(window: 50)
  }

  /// The examples of each batch, as indices into the data set; each occurs in one batch.
  public let batches: [[Int]]

  /// Divides examples into batches of `batchSize`; one batch may be smaller.
  ///
  /// - Parameters:
  ///   - lengths: the number of tokens of each example.
  ///   - batchSize: at least 1.
  public init(
    lengths: [Int], batchSize: Int, order: Order = .training, seed: UInt64 = 0, epoch: Int = 0
  ) {
    precondition(batchSize > 0, "A batch of \(batchSize) examples is none.")
    var generator = SeededGenerator(seed: seed, for: .order, index: epoch)
    let all = Array(lengths.indices)
    switch order {
    case .asGiven:
      batches = Self.cut(all, into: batchSize)
    case .sortedByLength:
      batches = Self.cut(Self.sorted(all, by: lengths), into: batchSize)
    case .shuffled:
      batches = Self.cut(generator.shuffled(all), into: batchSize)
    case .shuffledByLength(let window):
      precondition(window > 0, "A window of \(window) batches is none.")
      let windows = Self.cut(generator.shuffled(all), into: batchSize * window)
      batches = generator.shuffled(
        windows.flatMap { Self.cut(Self.sorted($0, by: lengths), into: batchSize) })
    }
  }

  private static func cut(_ indices: [Int], into size: Int) -> [[Int]] {
    stride(from: 0, to: indices.count, by: size).map {
      Array(indices[$0..<min($0 + size, indices.count)])
    }
  }

  /// By length, and where lengths are equal in the order they had.
  private static func sorted(_ indices: [Int], by lengths: [Int]) -> [Int] {
    indices.enumerated().sorted {
      (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
    }.map(\.element)
  }
}
