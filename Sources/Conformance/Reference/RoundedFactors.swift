import Tensors

extension Precision {
  /// `x` as a factor of a product: to nearest, ties to even in bf16 and away from zero in tf32. A number that is not
  /// finite stays as it is.
  func rounded<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
    guard self != .fp32, x.isFinite else { return x }
    let bits = Float(x).bitPattern
    let discarded: UInt32 = self == .tf32 ? 13 : 16
    let half: UInt32 = 1 << (discarded - 1)
    let isOdd = (bits >> discarded) & 1
    let addend = self == .tf32 ? half : half - 1 + isOdd
    return Scalar(Float(bitPattern: ((bits + addend) >> discarded) << discarded))
  }

  func rounded<Scalar: ReferenceScalar>(_ values: [Scalar]) -> [Scalar] {
    self == .fp32 ? values : values.map { rounded($0) }
  }
}
