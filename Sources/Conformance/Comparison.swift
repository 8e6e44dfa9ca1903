/// One tensor against its reference. Every predicate is positive (`error <= bound`), so that NaN fails.
public struct Comparison: Sendable, CustomStringConvertible {
  /// One element that was compared.
  public struct Element: Sendable, Equatable {
    /// Row-major position.
    public let index: Int
    /// What the backend computed.
    public let actual: Float
    /// What is right.
    public let expected: Double
    /// Largest admissible difference.
    public let bound: Double
  }

  /// What was compared.
  public let name: String
  /// Both shapes, when they differ; nothing else is compared then.
  public private(set) var shapeMismatch: (actual: [Int], expected: [Int])?
  /// Elements of the result that are NaN or infinite.
  public private(set) var nonFiniteCount = 0
  /// Elements outside their bound.
  public private(set) var mismatchCount = 0
  /// The first five of them.
  public private(set) var firstMismatches: [Element] = []
  /// Largest |actual − expected| among finite elements.
  public private(set) var largestAbsoluteError = 0.0
  /// Largest |actual − expected| / |expected| among finite elements with an expected value other than zero.
  public private(set) var largestRelativeError = 0.0
  /// Largest error in units of the expected value's last place.
  public private(set) var largestUlps = 0.0
  /// Largest error divided by its bound: at most 1 passes.
  public private(set) var worstRatio = 0.0
  /// The element with `worstRatio`.
  public private(set) var worst: Element?

  /// Compares `actual` with `expected`, elements row-major.
  ///
  /// - Parameters:
  ///   - magnitudes: sum of absolute summands of each element, see `Tolerance`.
  ///   - naive: plain fp32 evaluation, for `.relativeToNaive`.
  ///   - factorError: relative error of rounded factors, see `Tolerance`.
  public init(
    _ name: String, actual: [Float], shape: [Int], expected: [Double], expectedShape: [Int],
    tolerance: Tolerance, magnitudes: [Double]? = nil, naive: [Float]? = nil,
    factorError: Double = 0
  ) {
    self.name = name
    guard shape == expectedShape, actual.count == expected.count,
      magnitudes.map({ $0.count == expected.count }) ?? true
    else {
      shapeMismatch = (shape, expectedShape)
      worstRatio = .infinity
      return
    }
    nonFiniteCount = actual.count { !$0.isFinite }
    let bounds = tolerance.bounds(
      expected: expected, magnitudes: magnitudes, naive: naive, factorError: factorError)
    for index in actual.indices {
      let element = Element(
        index: index, actual: actual[index], expected: expected[index], bound: bounds[index])
      include(element, allowsNonFinite: tolerance == .exact)
    }
  }

  private mutating func include(_ element: Element, allowsNonFinite: Bool) {
    if allowsNonFinite, !element.expected.isFinite {
      let agrees =
        element.expected.isNaN ? element.actual.isNaN : Double(element.actual) == element.expected
      if !agrees { reject(element, ratio: .infinity) }
      return
    }
    let error = abs(Double(element.actual) - element.expected)
    if error.isFinite {
      largestAbsoluteError = max(largestAbsoluteError, error)
      if element.expected != 0 {
        largestRelativeError = max(largestRelativeError, error / abs(element.expected))
      }
      largestUlps = max(largestUlps, error / Double(Float(element.expected).ulp))
    }
    let ratio = error == 0 ? 0 : error / element.bound
    // An infinite bound would admit anything.
    if error <= element.bound, element.bound.isFinite {
      if worst == nil || ratio > worstRatio { (worst, worstRatio) = (element, ratio) }
    } else {
      reject(element, ratio: ratio.isNaN ? .infinity : ratio)
    }
  }

  private mutating func reject(_ element: Element, ratio: Double) {
    mismatchCount += 1
    if firstMismatches.count < 5 { firstMismatches.append(element) }
    if worst == nil || ratio > worstRatio { (worst, worstRatio) = (element, ratio) }
  }

  /// Shapes agree and every element lies within its bound.
  public var passed: Bool { shapeMismatch == nil && mismatchCount == 0 }

  /// What was found, for a person.
  public var description: String {
    if let (actual, expected) = shapeMismatch {
      return "\(name): shape \(actual) where \(expected) is right"
    }
    var text =
      "\(name): \(passed ? "agrees" : "\(mismatchCount) elements differ"), "
      + "\(nonFiniteCount) not finite, error at most \(largestAbsoluteError) absolute, "
      + "\(largestRelativeError) relative, \(largestUlps) ulp"
    if let worst { text += "; worst \(Self.describe(worst))" }
    for mismatch in firstMismatches { text += "\n  \(Self.describe(mismatch))" }
    return text
  }

  private static func describe(_ element: Element) -> String {
    "[\(element.index)] \(element.actual) for \(element.expected) ± \(element.bound)"
  }
}
