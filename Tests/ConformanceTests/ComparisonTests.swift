import Conformance
import Testing

@Suite struct ComparisonTests {
  private func compare(
    _ actual: [Float], _ expected: [Double], shape: [Int]? = nil,
    tolerance: Tolerance = .rounding(terms: 1)
  ) -> Comparison {
    Comparison(
      "x", actual: actual, shape: shape ?? [actual.count], expected: expected,
      expectedShape: [expected.count], tolerance: tolerance)
  }

  @Test func `equal numbers pass and have no error`() {
    let comparison = compare([1, -2, 0], [1, -2, 0])
    expectAgreement(comparison)
    #expect(comparison.worstRatio == 0)
    #expect(comparison.largestUlps == 0)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `a result that is not finite fails and is counted`(value: Float) {
    for tolerance in [
      Tolerance.exact, .rounding(terms: 1), .rounding(terms: .max),
    ] {
      let comparison = compare([1, value, 3], [1, 2, 3], tolerance: tolerance)
      #expect(!comparison.passed)
      #expect(comparison.nonFiniteCount == 1)
      #expect(comparison.mismatchCount == 1)
      #expect(comparison.worst?.index == 1)
      #expect(comparison.worstRatio == .infinity)
    }
  }

  @Test(arguments: [Double.nan, .infinity])
  func `a reference that is not finite fails under a rounding bound`(value: Double) {
    #expect(!compare([1, Float(value)], [1, value]).passed)
    #expect(!compare([1, 2], [1, value]).passed)
  }

  @Test func `an exact comparison asks for NaN and infinities where they are expected`() {
    expectAgreement(
      compare([.nan, .infinity, 1], [.nan, .infinity, 1], tolerance: .exact))
    #expect(!compare([0], [.nan], tolerance: .exact).passed)
    #expect(!compare([-.infinity], [.infinity], tolerance: .exact).passed)
    #expect(!compare([.nan], [.infinity], tolerance: .exact).passed)
  }

  @Test func `another shape fails whatever the values`() {
    #expect(!compare([1, 2], [1, 2, 3]).passed)
    #expect(!compare([1, 2], [1, 2], shape: [2, 1]).passed)
    #expect(!compare([], [1]).passed)
    #expect(!compare([1, 2, 3], [1, 2], shape: [2]).passed)
  }

  @Test func `the last place decides an exact comparison`() {
    #expect(!compare([Float(1).nextUp], [1], tolerance: .exact).passed)
    let comparison = compare([Float(1).nextUp], [1])
    expectAgreement(comparison)
    #expect(comparison.largestUlps == 1)
  }

  @Test func `an error just above the bound fails and one at it passes`() {
    // One term of magnitude 1: (1 + 8) roundings and the smallest normal number.
    let bound = Tolerance.relativeError(terms: 1)
    let inside = compare([Float(1 + bound.rounded(toPlaces: 24, .down))], [1])
    expectAgreement(inside)
    let outside = compare([Float(1 + 2 * bound)], [1])
    #expect(!outside.passed)
    #expect(outside.worstRatio > 1)
  }

  @Test func `the worst element and the first five mismatches are named`() {
    let actual = (0..<10).map { Float($0 == 7 ? 100 : $0 + 1) }
    let comparison = compare(actual, (0..<10).map { Double($0) })
    #expect(comparison.mismatchCount == 10)
    #expect(comparison.firstMismatches.map(\.index) == [0, 1, 2, 3, 4])
    #expect(comparison.worst?.index == 7)
    #expect(comparison.largestAbsoluteError == 93)
    #expect(comparison.description.contains("[7] 100.0 for 7.0"))
  }

  @Test func `a failure is reported at the line of the caller`() {
    let line = #line + 2
    withKnownIssue {
      expectAgreement(compare([1], [2]))
    } matching: {
      $0.sourceLocation?.line == line
    }
  }
}

extension Double {
  /// Rounded to a multiple of 2^−places.
  fileprivate func rounded(toPlaces places: Int, _ rule: FloatingPointRoundingRule) -> Double {
    let unit = Double(sign: .plus, exponent: -places, significand: 1)
    return (self / unit).rounded(rule) * unit
  }
}
