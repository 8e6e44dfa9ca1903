/// Reproducible inputs: SplitMix64 (Steele, Lea and Flood 2014), the same numbers on every machine.
public struct Generator: Sendable {
  private var state: UInt64

  /// Starts the sequence that `seed` names.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in 0 ..< 1 with 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in 0 ..< bound.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "there is no integer below \(bound)")
    return Int(next() % UInt64(bound))
  }

  /// Nearly normal numbers: a sum of twelve uniforms needs no library function, so no two machines differ.
  public mutating func normal(_ count: Int, mean: Double = 0, deviation: Double = 1) -> [Float] {
    (0..<count).map { _ in
      var sum = -6.0
      for _ in 0..<12 { sum += uniform() }
      return Float(mean + deviation * sum)
    }
  }
}
