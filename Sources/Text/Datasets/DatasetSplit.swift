public import Files

/// Parts of a data set as Hugging Face's `datasets` draws them:
/// `shuffle(seed).select(range(drawn))` where not all rows are drawn, then
/// `train_test_split(seed)`.
///
/// The rows of `PermutedCongruentialGenerator(seed)`'s permutation go to the parts in turn, the
/// last part first; each part is in that order.
public struct DatasetSplit: Hashable, Sendable {
  /// The parts, of which the last may be absent.
  public enum Part: String, CaseIterable, Sendable {
    /// What is trained on.
    case train
    /// What is chosen by.
    case dev
    /// What is measured on.
    case test
  }

  /// How many rows the parts have.
  public enum Sizes: Hashable, Sendable {
    /// Shares of all rows. The first is rounded down and the others up, as scikit-learn has it;
    /// where the shares add up to 1, `dev` gets all that is left.
    case shares([Double])
    /// Numbers of rows.
    case counts([Int])
  }

  /// How many rows the parts have.
  public let sizes: Sizes
  /// Draws the rows.
  public let seed: UInt64
  /// So many rows are drawn first, and all that follows is done with these; nil for all.
  public let drawn: Int?

  /// - Throws: `InputError` where these are not two or three sizes of parts that are not empty.
  public init(_ sizes: Sizes, seed: UInt64 = 11, drawn: Int? = nil) throws(InputError) {
    switch sizes {
    case .shares(let shares):
      let sum = shares.reduce(0, +)
      guard 2...3 ~= shares.count, shares.allSatisfy({ 0 < $0 && $0 < 1 }),
        sum <= 1 + Self.tolerance
      else {
        throw Self.wrong(
          "the shares \(shares.map { String($0) }.joined(separator: ", ")) are no parts of a whole",
          "name two or three numbers between 0 and 1 that add up to 1 at most")
      }
    case .counts(let counts):
      guard 2...3 ~= counts.count, counts.allSatisfy({ $0 > 0 }) else {
        throw Self.wrong(
          "the counts \(counts.map(String.init).joined(separator: ", ")) are none of parts",
          "name two or three numbers of rows, each at least 1")
      }
    }
    if let drawn, drawn < 1 { throw Self.wrong("\(drawn) rows cannot be drawn", "draw some") }
    self.sizes = sizes
    self.seed = seed
    self.drawn = drawn
  }

  /// The split of the paper's authors, whatever a run's seed: `train_size=0.9`, seed 11.
  public static let released = DatasetSplit(trainShare: 0.9, devShare: 0.1, seed: 11)

  private init(trainShare: Double, devShare: Double, seed: UInt64) {
    sizes = .shares([trainShare, devShare])
    self.seed = seed
    drawn = nil
  }

  /// The parts that there are.
  public var parts: ArraySlice<Part> {
    switch sizes {
    case .shares(let shares): Part.allCases.prefix(shares.count)
    case .counts(let counts): Part.allCases.prefix(counts.count)
    }
  }

  /// The rows of each part, in their order.
  ///
  /// - Parameters:
  ///   - count: the number of all rows.
  ///   - source: what they come from, for errors.
  /// - Throws: `InputError` where a part would be empty, or rows are too few.
  public func rows(of count: Int, in source: String) throws(InputError) -> [Part: [Int]] {
    var rows = Array(0..<count)
    if let drawn {
      guard drawn <= count else {
        throw Self.wrong(
          "has \(count) rows, of which \(drawn) cannot be drawn", "draw fewer", file: source)
      }
      rows = Array(permuted(rows).prefix(drawn))
    }
    let sizes = partSizes(of: rows.count)
    // Counts may be so large that they have no sum.
    guard sizes.allSatisfy({ 0 < $0 && $0 <= rows.count }), sizes.reduce(0, +) <= rows.count else {
      throw Self.wrong(
        "has \(rows.count) rows to split, which do not make parts of "
          + sizes.map(String.init).joined(separator: ", "),
        "choose other sizes, none of them 0", file: source)
    }
    var rest = permuted(rows)[...]
    var result: [Part: [Int]] = [:]
    for (part, size) in zip(parts, sizes).reversed() {
      result[part] = Array(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return result
  }

  private func permuted(_ rows: [Int]) -> [Int] {
    var generator = PermutedCongruentialGenerator(seed: seed)
    return generator.shuffled(rows)
  }

  private func partSizes(of count: Int) -> [Int] {
    switch sizes {
    case .counts(let counts): return counts
    case .shares(let shares):
      var sizes = shares.map { Int(($0 * Double(count)).rounded(.up)) }
      sizes[0] = Int((shares[0] * Double(count)).rounded(.down))
      if shares.reduce(0, +) > 1 - Self.tolerance {
        sizes[1] = count - sizes[0] - sizes.dropFirst(2).reduce(0, +)
      }
      return sizes
    }
  }

  /// What shares that are written as decimals may miss 1 by.
  private static let tolerance = 4 * Double.ulpOfOne

  private static func wrong(
    _ problem: String, _ remedy: String, file: String? = nil
  ) -> InputError {
    InputError(.usage, file: file, problem: problem, remedy: remedy)
  }
}

extension Dataset {
  /// The parts of a split, each in the order in which its rows were drawn.
  ///
  /// - Throws: see `DatasetSplit.rows`.
  public func parts(
    of split: DatasetSplit
  ) throws(InputError) -> [DatasetSplit.Part: Dataset] {
    try split.rows(of: count, in: source).mapValues(selecting)
  }
}
