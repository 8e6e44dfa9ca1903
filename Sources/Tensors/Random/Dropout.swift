internal import CKernels

/// The source of a run's dropout masks: a pure function of seed, step and site (Philox4x32-10, see `dropout.h`).
/// Nothing of it is ever saved but these integers.
public struct Dropout: Sendable, Equatable {
  /// Probability that an element is set to zero, in 0 ..< 1.
  public var probability: Double
  /// Seed of the run.
  public var seed: UInt64
  /// Optimiser step, from 0.
  public var step: Int
  /// Which dropout layer of the model this is.
  public var site: Int
  /// Row of the whole batch at which this piece of it begins.
  public var firstRow: Int

  /// Names one mask. `probability` must lie in 0 ..< 1.
  public init(probability: Double, seed: UInt64, step: Int, site: Int, firstRow: Int = 0) {
    precondition(
      probability >= 0 && probability < 1, "dropout probability \(probability) is not in 0 ..< 1")
    self.probability = probability
    self.seed = seed
    self.step = step
    self.site = site
    self.firstRow = firstRow
  }

  /// Keeps every element.
  public static let none = Dropout(probability: 0, seed: 0, step: 0, site: 0)

  var parameters: CKDropout {
    unsafe CKDropout(
      seedLow: UInt32(truncatingIfNeeded: seed), seedHigh: UInt32(truncatingIfNeeded: seed >> 32),
      step: UInt32(truncatingIfNeeded: step), site: UInt32(truncatingIfNeeded: site),
      firstRow: UInt32(truncatingIfNeeded: firstRow),
      threshold: UInt32(probability * 4_294_967_296),
      scale: Float(1 / (1 - probability)), stepAddress: nil)
  }
}
