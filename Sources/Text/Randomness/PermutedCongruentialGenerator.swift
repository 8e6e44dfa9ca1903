/// NumPy's `default_rng(seed)`, number for number: PCG64 (O'Neill, HMC-CS-2014-0905; XSL RR
/// 128/64), seeded by a `SeedSequence`.
///
/// `shuffled(0..<n)` is its `permutation(n)`, from which the `datasets` library takes the order of
/// `shuffle(seed)` and the parts of `train_test_split(seed)`.
public struct PermutedCongruentialGenerator: NumPyGenerator, Sendable {
  private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645
  private var state: UInt128
  private let increment: UInt128
  /// The upper half of 64 bits, of which the lower has been used.
  private var spare: UInt32?

  /// The generator of a seed.
  public init(seed: UInt64) {
    let words = SeedSequence(seed).state(4)
    increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
    state = increment &+ (UInt128(words[0]) << 64 | UInt128(words[1]))
    advance()
  }

  private mutating func advance() { state = state &* Self.multiplier &+ increment }

  /// The next 64 random bits.
  public mutating func next64() -> UInt64 {
    advance()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let turn = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> turn | folded << (64 - turn)
  }

  /// The next 32 random bits.
  public mutating func next32() -> UInt32 {
    if let word = spare.take() { return word }
    let bits = next64()
    spare = UInt32(bits >> 32)
    return UInt32(truncatingIfNeeded: bits)
  }
}

/// NumPy's `SeedSequence`: any seed into bits that look random (after O'Neill's `seed_seq_fe`).
struct SeedSequence {
  private var pool: [UInt32]

  /// - Parameter seed: its words of 32 bits are the entropy.
  init(_ seed: UInt64) {
    var hash = Hash(constant: 0x43B0_D7E5, multiplier: 0x931E_8875)
    let words = [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32), 0, 0]
    pool = words.map { hash.next($0) }
    for source in pool.indices {
      for target in pool.indices where target != source {
        let mixed = 0xCA01_F9DD &* pool[target] &- 0x4973_F715 &* hash.next(pool[source])
        pool[target] = mixed ^ mixed >> 16
      }
    }
  }

  /// So many words of 64 bits.
  func state(_ count: Int) -> [UInt64] {
    var hash = Hash(constant: 0x8B51_F9DD, multiplier: 0x58F3_8DED)
    let halves = (0..<2 * count).map { UInt64(hash.next(pool[$0 % pool.count])) }
    return (0..<count).map { halves[2 * $0] | halves[2 * $0 + 1] << 32 }
  }

  private struct Hash {
    var constant: UInt32
    let multiplier: UInt32

    mutating func next(_ word: UInt32) -> UInt32 {
      let mixed = word ^ constant
      constant &*= multiplier
      let product = mixed &* constant
      return product ^ product >> 16
    }
  }
}
