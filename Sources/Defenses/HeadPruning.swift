internal import Checkpoints
public import Encoders
public import Settings
public import Training

/// Greedy head pruning by variance score (paper section 5.1, Algorithm 1 step 1).
public struct HeadPruning: Sendable, Equatable {
  /// c: the accuracy on validation below which pruning ends; a negative one counts from the
  /// accuracy before pruning, which is that of plain fine-tuning.
  public var accuracyFloor: Double
  /// What a floor may be.
  public static let accuracyFloors = -1.0...1.0
  /// Heads that are masked between two looks at the accuracy: one in the paper, ten in its code.
  public var step: Int
  /// Which text the scores for the norm term follow.
  public var recipe: Recipe

  /// The paper's floor and formulas, unless told otherwise.
  public init(accuracyFloor: Double = 0.85, recipe: Recipe = .paper, step: Int = 1) {
    self.accuracyFloor = accuracyFloor
    self.recipe = recipe
    self.step = step
  }

  /// What pruning found.
  public struct Result: Sendable, Equatable {
    /// The heads that stay.
    public let mask: HeadMask
    /// Validation accuracy before the first head was masked.
    public let accuracyBefore: Double
    /// The accuracy below which pruning ended.
    public let accuracyFloor: Double
    /// Validation accuracy with the mask.
    public let accuracyAfter: Double
    /// Masks that were tried.
    public let evaluationCount: Int
    /// Scores that lambda is made from: the paper's are those before pruning, the reference code
    /// scores again.
    public let scoresForNorm: HeadScores
  }

  /// Finds the heads of `model`, a classifier fine-tuned on clean texts, that validation can do
  /// without. Every layer keeps its best head, or its weight in the norm term would be undefined.
  ///
  /// - Parameters:
  ///   - scores: of `model` with the heads of `full`.
  ///   - full: heads that are alive to begin with.
  ///   - paddedLength: see `HeadScores`.
  public func run(
    _ model: Classifier, scores: HeadScores, validation: EvaluationSet, startingFrom full: HeadMask,
    paddedLength: Int, progress: (_ prunedCount: Int, _ total: Int) -> Void = { _, _ in },
    isCancelled: () -> Bool = { false }
  ) throws -> Result {
    var accuracy = try MaskedAccuracy(model, on: validation)
    let before = try accuracy.accuracy(under: full, isCancelled: isCancelled)
    let floor = accuracyFloor < 0 ? before + accuracyFloor : accuracyFloor
    var evaluations = 0
    let mask = try Self.prune(scores, from: full, groupSize: step) { mask in
      evaluations += 1
      progress(mask.prunedCount, full.layerCount * full.headCount)
      return try accuracy.reaches(floor, under: mask, isCancelled: isCancelled)
    }
    return Result(
      mask: mask, accuracyBefore: before, accuracyFloor: floor,
      accuracyAfter: try accuracy.accuracy(under: mask, isCancelled: isCancelled),
      evaluationCount: evaluations,
      scoresForNorm: recipe == .paper
        ? scores
        : try HeadScores(
          of: model, on: validation, paddedLength: paddedLength, recipe: recipe, headMask: mask))
  }

  /// Masks `groupSize` more heads at a time, lowest score first, while `isAccurate`; then puts
  /// heads of the last group back, highest score first, until it is again, and ends.
  static func prune(
    _ scores: HeadScores, from full: HeadMask, groupSize: Int,
    isAccurate: (HeadMask) throws -> Bool
  ) rethrows -> HeadMask {
    var mask = full
    let candidates = scores.ascending.filter { candidate in
      full[candidate.layer, candidate.head]
        && candidate.head
          != bestHead(scores.values[candidate.layer], alive: full.alive[candidate.layer])
    }
    for start in stride(from: 0, to: candidates.count, by: groupSize) {
      var group = candidates[start..<min(start + groupSize, candidates.count)]
      for head in group { mask[head.layer, head.head] = false }
      if try isAccurate(mask) { continue }
      while let last = group.popLast() {
        mask[last.layer, last.head] = true
        // The mask before this group was accurate, or nothing was masked yet.
        if group.isEmpty { return mask }
        if try isAccurate(mask) { return mask }
      }
    }
    return mask
  }

  /// The head that a layer keeps: the highest score, the last of equals, as it would be masked
  /// last.
  private static func bestHead(_ scores: [Double], alive: [Bool]) -> Int? {
    scores.indices.filter { alive[$0] }.max { (scores[$0], $0) < (scores[$1], $1) }
  }
}
