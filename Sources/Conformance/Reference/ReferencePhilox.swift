import Tensors

/// Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011), from the paper.
enum ReferencePhilox {
  static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for round in 0..<10 {
      if round > 0 { key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let first = counter[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = counter[2].multipliedFullWidth(by: 0xCD9E_8D57)
      counter = SIMD4(
        second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1], first.low)
    }
    return counter
  }
}

extension Dropout {
  /// What element (row, column) is multiplied by: 0, or 1 / (1 − probability) as fp32 holds it (`dropout.h`).
  func multiplier(row: Int, column: Int) -> Float {
    guard probability > 0 else { return 1 }
    let words = ReferencePhilox.block(
      counter: SIMD4(
        UInt32(column / 4), UInt32(truncatingIfNeeded: row + firstRow),
        UInt32(truncatingIfNeeded: site), UInt32(truncatingIfNeeded: step)),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    let threshold = UInt32((probability * 0x1p32).rounded(.down))
    return words[column % 4] >= threshold ? Float(1 / (1 - probability)) : 0
  }

  /// The matrix after dropout.
  func applied<Scalar: ReferenceScalar>(to values: Matrix<Scalar>) -> Matrix<Scalar> {
    guard probability > 0 else { return values }
    var result = values
    for row in 0..<values.rowCount {
      for column in 0..<values.columnCount {
        result[row, column] *= Scalar(multiplier(row: row, column: column))
      }
    }
    return result
  }
}
