/// Random bits, with the integers that NumPy draws from them to make an order.
public protocol NumPyGenerator: IndexGenerator {
  /// The next 32 random bits.
  mutating func next32() -> UInt32
  /// The next 64 random bits.
  mutating func next64() -> UInt64
}

extension NumPyGenerator {
  /// An integer in `0..<bound`: as many bits as the largest of them has, drawn until they are one.
  ///
  /// - Parameter bound: at least 1.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "There is no integer from 0 to below \(bound).")
    let largest = UInt64(bound - 1)
    guard largest > 0 else { return 0 }
    let mask = UInt64.max >> UInt64(largest.leadingZeroBitCount)
    while true {
      let bits = mask & (largest <= UInt64(UInt32.max) ? UInt64(next32()) : next64())
      if bits <= largest { return Int(bits) }
    }
  }
}
