@testable import Conformance
import Tensors
import Testing

@Suite struct ReferenceTests {
  /// kat_vectors of Random123 1.14 for philox4x32, 10 rounds.
  @Test(
    arguments: [
      (
        SIMD4<UInt32>(0, 0, 0, 0), SIMD2<UInt32>(0, 0),
        SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
      ),
      (
        SIMD4(repeating: UInt32.max), SIMD2(repeating: UInt32.max),
        SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
        SIMD2(0xa409_3822, 0x299f_31d0),
        SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ])
  func `Philox gives its published numbers`(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>, words: SIMD4<UInt32>
  ) {
    #expect(ReferencePhilox.block(counter: counter, key: key) == words)
  }

  @Test func `dropout keeps as many elements as its probability says`() {
    let dropout = Dropout(probability: 0.3, seed: 9, step: 2, site: 1)
    let kept = (0..<100).reduce(0) { total, row in
      total + (0..<100).count { dropout.multiplier(row: row, column: $0) != 0 }
    }
    // Binomial: six standard deviations of √(10⁴ · 0.3 · 0.7) = 45.8 around 7000.
    #expect(abs(kept - 7000) <= 275)
  }

  @Test func `a batch cut in two draws the same masks`() {
    let whole = Dropout(probability: 0.5, seed: 1, step: 1, site: 1)
    var piece = whole
    piece.firstRow = 40
    for row in 0..<10 {
      for column in 0..<9 {
        #expect(
          piece.multiplier(row: row, column: column)
            == whole.multiplier(row: row + 40, column: column))
      }
    }
  }

  /// Φ(1) = 0.8413447460685429 and φ(1) = 0.24197072451914337, from tables of the normal distribution.
  @Test func `GELU and its slope at one are those of the normal distribution`() {
    let ulps = 4 * Double(1).ulp
    #expect(abs(Activation.gelu.value(1.0) - 0.8413447460685429) <= ulps)
    #expect(
      abs(Activation.gelu.derivative(1.0) - (0.8413447460685429 + 0.24197072451914337)) <= ulps)
  }

  /// The variance of the paper's Eq. 2 for n = 2 and a = (3/4, 1/4): (9/16 + 1/16 − 1/2) / 1 = 1/8.
  @Test func `attention sums follow from weights computed by hand`() {
    let problem = AttentionProblem<Double>(
      lengths: [2], headCount: 1, headSize: 1, firstTokenOnly: true, mask: [1], dropout: .none,
      query: Matrix(1, 1, [1]), key: Matrix(2, 1, [.log(3), 0]), value: Matrix(2, 1, [8, 4]))
    let rows = problem.rows()
    let squares = problem.clsSums(rows, squared: true, afterDropout: false)
    let bound = 8 * Double(1).ulp
    #expect(abs(squares[0] - 10.0 / 16) <= bound)
    #expect(abs(problem.context(rows).elements[0] - 7) <= 8 * bound)
    #expect(abs(rows[0].logSumExp - .log(4)) <= bound)
  }

  @Test func `every case has a name of its own`() {
    let names = Case.all.map(\.description)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: Case.all.filter { $0.allows(.gradient) })
  func `a reference's gradients agree with differences of its forward pass`(example: Case) {
    expectNothing(example.checkGradient())
  }
}
