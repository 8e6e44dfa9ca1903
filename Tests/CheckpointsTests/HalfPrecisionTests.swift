import Files
import TestSupport
import Testing

@testable import Checkpoints

/// The conversions against the definition of the formats, computed in Double, and against the
/// compiler's own `Float16`.
@Suite struct HalfPrecisionTests {
  /// The value of a binary format with this many exponent and fraction bits, by IEEE 754's formula.
  private func value(_ bits: UInt32, exponentBits: Int, fractionBits: Int) -> Double {
    let bias = 1 << (exponentBits - 1) - 1
    let exponent = Int(bits >> fractionBits) & (1 << exponentBits - 1)
    let fraction = Double(bits & (1 << fractionBits - 1)) / Double(1 << fractionBits)
    let sign: Double = bits >> (exponentBits + fractionBits) & 1 == 0 ? 1 : -1
    if exponent == 1 << exponentBits - 1 { return fraction == 0 ? sign * .infinity : .nan }
    let significand = exponent == 0 ? fraction : 1 + fraction
    return sign * significand
      * Double(sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
  }

  @Test func `every half is read as the value that it stands for`() {
    for bits in UInt16.min ... .max {
      let expected = value(UInt32(bits), exponentBits: 5, fractionBits: 10)
      let found = HalfPrecision.float(fromHalf: bits)
      #expect(Double(found) == expected || found.isNaN && expected.isNaN)
      #expect(found.sign == (bits >> 15 == 0 ? .plus : .minus))
    }
  }

  @Test func `every bfloat16 is read as the value that it stands for`() {
    for bits in UInt16.min ... .max {
      let expected = value(UInt32(bits), exponentBits: 8, fractionBits: 7)
      let found = HalfPrecision.float(fromBrain: bits)
      #expect(Double(found) == expected || found.isNaN && expected.isNaN)
    }
  }

  @Test func `every half and bfloat16 survives reading and writing`() {
    for bits in UInt16.min ... .max {
      let half = HalfPrecision.float(fromHalf: bits)
      if !half.isNaN { #expect(HalfPrecision.half(fromFloat: half) == bits) }
      let brain = HalfPrecision.float(fromBrain: bits)
      if !brain.isNaN { #expect(HalfPrecision.brain(fromFloat: brain) == bits) }
    }
    #expect(HalfPrecision.float(fromHalf: HalfPrecision.half(fromFloat: .nan)).isNaN)
    #expect(HalfPrecision.float(fromBrain: HalfPrecision.brain(fromFloat: .nan)).isNaN)
    // A NaN whose payload lies in the bits that are cut off must not become infinite.
    let payload = Float(bitPattern: 0x7F80_0001)
    #expect(HalfPrecision.float(fromHalf: HalfPrecision.half(fromFloat: payload)).isNaN)
    #expect(HalfPrecision.float(fromBrain: HalfPrecision.brain(fromFloat: payload)).isNaN)
  }

  /// Floats at, just below and just above each boundary between two neighbours of a format.
  private func boundaries(
    _ toFloat: (UInt16) -> Float, below infinity: UInt16
  ) -> [(lower: UInt16, midpoint: Float)] {
    (0..<(infinity - 1)).map { bits in
      // Exact: the sum of neighbours has one bit more than they have.
      let sum = Double(toFloat(bits)) + Double(toFloat(bits + 1))
      return (bits, Float(sum / 2))
    }
  }

  @Test func `rounding goes to the nearest half, ties to even`() {
    for (lower, midpoint) in boundaries(HalfPrecision.float(fromHalf:), below: 0x7C00) {
      #expect(HalfPrecision.half(fromFloat: midpoint) == lower + lower & 1)
      #expect(HalfPrecision.half(fromFloat: midpoint.nextDown) == lower)
      #expect(HalfPrecision.half(fromFloat: midpoint.nextUp) == lower + 1)
      #expect(HalfPrecision.half(fromFloat: -midpoint) == 0x8000 | (lower + lower & 1))
    }
    #expect(HalfPrecision.half(fromFloat: Float(65520).nextDown) == 0x7BFF)
    #expect(HalfPrecision.half(fromFloat: 65520) == 0x7C00)
  }

  @Test func `rounding goes to the nearest bfloat16, ties to even`() {
    for (lower, midpoint) in boundaries(HalfPrecision.float(fromBrain:), below: 0x7F80) {
      #expect(HalfPrecision.brain(fromFloat: midpoint) == lower + lower & 1)
      #expect(HalfPrecision.brain(fromFloat: midpoint.nextDown) == lower)
      #expect(HalfPrecision.brain(fromFloat: midpoint.nextUp) == lower + 1)
    }
    #expect(HalfPrecision.brain(fromFloat: .greatestFiniteMagnitude) == 0x7F80)
  }

  @Test func `random floats are rounded as the compiler rounds them`() {
    var generator = SplitMix(seed: 4)
    for _ in 0..<200_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      guard !value.isNaN else { continue }
      #expect(HalfPrecision.half(fromFloat: value) == Float16(value).bitPattern)
    }
  }
}
