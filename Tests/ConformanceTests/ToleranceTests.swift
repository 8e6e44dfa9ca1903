import Conformance
import Testing

@Suite struct ToleranceTests {
  @Test func `few terms are bounded by their number and many by its root`() {
    let one = Tolerance.relativeError(terms: 1)
    #expect(Tolerance.relativeError(terms: 10) - one == 9 * 0x1p-24)
    // 6 · √10⁶ = 6000 roundings instead of a million.
    #expect(Tolerance.relativeError(terms: 1_000_000) - one == 5999 * 0x1p-24)
  }

  @Test func `a sum in fp32 keeps the bound of its terms and a mistake does not`() {
    var generator = Generator(seed: 3)
    let values = generator.normal(1000)
    let expected = values.reduce(0) { $0 + Double($1) }
    let magnitude = values.reduce(0) { $0 + Double(abs($1)) }
    func compare(_ actual: Float) -> Comparison {
      Comparison(
        "sum", actual: [actual], shape: [1], expected: [expected], expectedShape: [1],
        tolerance: .rounding(terms: values.count), magnitudes: [magnitude])
    }
    expectAgreement(compare(values.reduce(0, +)))
    #expect(!compare(values.dropLast().reduce(0, +)).passed)
  }

  @Test func `a bound relative to the naive evaluation grows with that evaluation's error`() {
    func compare(naive: Float) -> Comparison {
      Comparison(
        "x", actual: [1.001], shape: [1], expected: [1], expectedShape: [1],
        tolerance: .relativeToNaive(multiple: 2, terms: 1), naive: [naive])
    }
    #expect(!compare(naive: 1).passed)
    #expect(!compare(naive: 1.0004).passed)
    expectAgreement(compare(naive: 1.0006))
  }

  @Test func `a naive evaluation that is not finite admits nothing`() {
    let comparison = Comparison(
      "x", actual: [1], shape: [1], expected: [2], expectedShape: [1],
      tolerance: .relativeToNaive(terms: 1), naive: [.nan])
    #expect(!comparison.passed)
  }
}
