/// Random integers for the order of data: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
///
/// The numbers are a function of the seed alone, on every platform and for good: results that name
/// a seed can be had again. Not for secrets.
public struct SeededGenerator: IndexGenerator, RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// What random numbers of a run are for. Each purpose has a sequence of its own, so that one
  /// choice says nothing about another. The values are part of the results: never change or reuse
  /// one.
  public enum Purpose: UInt64, CaseIterable, Sendable {
    /// Which texts are poisoned, and where their triggers stand.
    case poisonedTraining = 1
    /// Where the triggers of test texts stand.
    case triggeredTest
    /// Which texts are kept under a limit.
    case subset
    /// Which texts are held out for validation.
    case heldOut
    /// In which order an epoch reads its texts.
    case order
    /// In which order a stream of texts beside the first is read.
    case stream
    /// Which texts a scan searches with, and where it puts candidates into them.
    case scan
  }

  /// A generator whose sequence is a function of the seed alone.
  public init(seed: UInt64) {
    state = seed
  }

  /// A generator whose sequence is a function of the seed and of the purpose it serves.
  ///
  /// - Parameter index: tells uses of one purpose apart, such as epochs.
  public init(seed: UInt64, for purpose: Purpose, index: Int = 0) {
    state = seed
    for stream in [purpose.rawValue, UInt64(index)] { state = next() ^ stream }
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// An integer in `0..<bound`, each as likely as the other (Lemire, TOMACS 2019).
  ///
  /// - Parameter bound: at least 1.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "There is no integer from 0 to below \(bound).")
    let range = UInt64(bound)
    var product = next().multipliedFullWidth(by: range)
    if product.low < range {
      // The lowest of the 2^64 values would favour some integers; they are drawn again.
      let surplus = (0 &- range) % range
      while product.low < surplus { product = next().multipliedFullWidth(by: range) }
    }
    return Int(product.high)
  }

  /// Different integers in `0..<bound`, in random order.
  ///
  /// - Parameter count: from 0 to `bound`.
  public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    precondition(0...max(bound, 0) ~= count, "\(count) of \(bound) cannot be drawn.")
    var indices = Array(0..<bound)
    for first in 0..<count {
      indices.swapAt(first, first + integer(below: bound - first))
    }
    return Array(indices[..<count])
  }
}
