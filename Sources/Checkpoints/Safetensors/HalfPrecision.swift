/// Conversions between 32-bit floats and the two 16-bit formats, bit by bit.
///
/// Written without branches on the value, so that the compiler turns the loops over arrays into
/// vector code, and without subnormal operands, so that flush-to-zero modes change nothing.
enum HalfPrecision {
  /// Exact: every half is a float.
  @inline(__always)
  static func float(fromHalf half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7FFF) << 13
    let normal = magnitude &+ 112 << 23
    // 2^-14 (1 + m/1024) - 2^-14 is the value of a subnormal half with fraction m.
    let base = UInt32(113) << 23
    let subnormal = (Float(bitPattern: base | magnitude) - Float(bitPattern: base)).bitPattern
    let special = magnitude | 0x7F80_0000
    let bits =
      magnitude < 1 << 23 ? subnormal : magnitude < UInt32(31) << 23 ? normal : special
    return Float(bitPattern: bits | UInt32(half & 0x8000) << 16)
  }

  /// Rounds to nearest, ties to even; from 65520 on the result is infinite.
  @inline(__always)
  static func half(fromFloat value: Float) -> UInt16 {
    let bits = value.bitPattern
    let magnitude = bits & 0x7FFF_FFFF
    let normal = (magnitude &- 112 << 23 &+ 0xFFF &+ (magnitude >> 13 & 1)) >> 13
    // Adding 1/2 aligns the fraction so that its last bit weighs 2^-24, as in a subnormal half.
    let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    let nan = 0x7E00 | magnitude >> 13 & 0x3FF
    let rounded =
      magnitude < UInt32(113) << 23
      ? subnormal : magnitude < 0x477F_F000 ? normal : magnitude > 0x7F80_0000 ? nan : 0x7C00
    return UInt16(truncatingIfNeeded: rounded | bits >> 16 & 0x8000)
  }

  /// Exact: a bfloat16 is the upper half of a float.
  @inline(__always)
  static func float(fromBrain brain: UInt16) -> Float {
    Float(bitPattern: UInt32(brain) << 16)
  }

  /// Rounds to nearest, ties to even.
  @inline(__always)
  static func brain(fromFloat value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
    let isNaN = bits & 0x7FFF_FFFF > 0x7F80_0000
    return UInt16(truncatingIfNeeded: isNaN ? bits >> 16 | 0x40 : rounded)
  }

  /// Whether any of the numbers is infinite or not a number.
  static func containsNonFinite(_ values: [Float]) -> Bool {
    var largest: UInt32 = 0
    for value in values { largest = max(largest, value.bitPattern & 0x7FFF_FFFF) }
    return largest >= 0x7F80_0000
  }
}
