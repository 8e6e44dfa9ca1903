public import Encoders
public import Files

#if canImport(Glibc)
  import Glibc
#endif

/// How far predictions are from saying nothing: |p − 1 / classes|, averaged over classes and
/// texts; 0 for uniform predictions, and for two classes half at most. Maximum entropy fine-tuning
/// (Liu et al. 2023) stops by such a distance; the formula is ours, as we know of no code of
/// theirs.
public struct DistanceFromUniform: Quantity {
  /// It has no settings.
  public init() {}

  /// Its kind.
  public var json: JSONValue { ["kind": "distance-from-uniform"] }

  /// The mean over all texts.
  public func value(
    of model: Classifier, on texts: EvaluationSet, headMask: HeadMask?, isCancelled: () -> Bool
  ) throws -> Double {
    let logits = try model.logits(of: texts, headMask: headMask, isCancelled: isCancelled)
    return logits.reduce(0) { $0 + Self.distance($1.map(Double.init)) }
      / Double(max(1, logits.count))
  }

  static func distance(_ logits: [Double]) -> Double {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    let uniform = 1 / Double(logits.count)
    return powers.reduce(0) { $0 + abs($1 / total - uniform) } * uniform
  }
}
