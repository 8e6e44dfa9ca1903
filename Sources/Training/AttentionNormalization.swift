public import Encoders
public import Settings

#if canImport(Glibc)
  import Glibc
#endif

/// What lambda, the coefficient of a layer in the norm term, is made from.
public enum LayerWeighting: String, Sendable, CaseIterable {
  /// The variance scores of the layer's heads (paper section 5.2).
  case variance
  /// Nothing: every lambda is 1 (figure 5, "without lambda").
  case uniform
}

/// The norm term of a defence's last fine-tuning (paper section 5.2).
public struct AttentionNormalization: Sendable, Equatable {
  /// mu.
  public var weight: Double
  /// Whose formulas lambda and the norm follow.
  public var recipe: Recipe
  /// What lambda is made from.
  public var weighting: LayerWeighting

  /// A term that counts `weight` times.
  public init(weight: Double, recipe: Recipe, weighting: LayerWeighting = .variance) {
    self.weight = weight
    self.recipe = recipe
    self.weighting = weighting
  }

  /// Whether lambda is made from scores.
  public var needsScores: Bool { weighting == .variance }

  /// The term with each layer weighed.
  ///
  /// - Parameters:
  ///   - scores: of all heads; nil where `needsScores` says that nobody looks at them.
  ///   - mask: the heads that are alive; at least one in every layer where there are scores.
  public func penalty(_ scores: HeadScores?, alive mask: HeadMask) -> AttentionPenalty {
    AttentionPenalty(
      weight: weight, layerWeights: layerWeights(scores, alive: mask),
      followsReferenceCode: recipe == .reference)
  }

  private func layerWeights(_ scores: HeadScores?, alive mask: HeadMask) -> [Double] {
    guard needsScores else { return mask.alive.map { _ in 1 } }
    guard let scores else { preconditionFailure("lambda by variance needs the heads' scores") }
    return Self.layerWeights(scores, alive: mask, recipe: recipe)
  }

  /// lambda by layer, min-max normalised to 0 ... 1, from the mean variance score v of each layer's
  /// living heads: paper −log2 v; reference 1 / v. Layers of equal v all get 1.
  static func layerWeights(_ scores: HeadScores, alive mask: HeadMask, recipe: Recipe)
    -> [Double]
  {
    let raw = scores.values.enumerated().map { layer, values in
      let alive = values.indices.filter { mask[layer, $0] }
      precondition(!alive.isEmpty, "layer \(layer) has no head left, so its weight is undefined")
      let mean = alive.map { values[$0] }.reduce(0, +) / Double(alive.count)
      // A layer that attends evenly to a full-length text has variance 0 but for rounding.
      let variance = max(mean, .leastNormalMagnitude)
      switch recipe {
      case .paper: return -log2(variance)
      case .reference: return 1 / variance
      }
    }
    guard let low = raw.min(), let high = raw.max(), high > low else {
      return raw.map { _ in 1 }
    }
    return raw.map { ($0 - low) / (high - low) }
  }
}
