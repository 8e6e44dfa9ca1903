/// NumPy's `RandomState(seed)`, number for number: MT19937 (Matsumoto and Nishimura, TOMACS 1998)
/// with the integers and orders that NumPy has promised never to change.
///
/// `shuffled(0..<n)` is its `permutation(n)`, and `integer(below: n)` its `randint(n)`. pandas'
/// `sample(random_state: seed)` and scikit-learn's splits draw from a fresh one.
public struct RandomState: NumPyGenerator, Sendable {
  private static let size = 624
  private static let middle = 397
  private var state: [UInt32]
  private var position = Self.size

  /// The generator of a seed.
  public init(seed: UInt32) {
    state = [seed]
    for index in 1..<UInt32(Self.size) {
      let last = state[state.count - 1]
      state.append(1_812_433_253 &* (last ^ last >> 30) &+ index)
    }
  }

  /// The next 64 random bits, the upper half first.
  public mutating func next64() -> UInt64 { UInt64(next32()) << 32 | UInt64(next32()) }

  /// The next 32 random bits.
  public mutating func next32() -> UInt32 {
    if position == Self.size { renew() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }

  private mutating func renew() {
    for index in 0..<Self.size {
      let joined =
        state[index] & 0x8000_0000 | state[(index + 1) % Self.size] & 0x7FFF_FFFF
      state[index] =
        state[(index + Self.middle) % Self.size] ^ joined >> 1
        ^ (joined & 1 == 0 ? 0 : 0x9908_B0DF)
    }
    position = 0
  }

  /// Different integers in `0..<bound`, in random order: NumPy's
  /// `choice(bound, count, replace=False)`.
  ///
  /// - Parameter count: from 0 to `bound`.
  public mutating func sample(_ count: Int, below bound: Int) -> [Int] {
    precondition(0...max(bound, 0) ~= count, "\(count) of \(bound) cannot be drawn.")
    return Array(shuffled(0..<bound).prefix(count))
  }
}
