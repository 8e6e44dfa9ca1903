/// A hash of bytes that grows one byte at a time, so that all prefixes of a word cost one pass.
struct ByteHash {
  private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

  init() {}

  /// A hash that has come as far as `state`.
  init(state: UInt64) { self.state = state }

  @inline(__always)
  mutating func combine(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  /// The hash of the bytes so far, mixed so that its low bits depend on all of them.
  @inline(__always)
  var value: UInt32 {
    let mixed = (state ^ state >> 29) &* 0xBF58_476D_1CE4_E5B9
    return UInt32(truncatingIfNeeded: mixed >> 32)
  }
}

/// Byte strings with a number each, found by open addressing without any allocation.
struct ByteStringTable: Sendable {
  private var slots: [Int32]
  private var hashes: [UInt32] = []
  private var values: [Int32] = []
  private var bounds: [Int32] = [0]
  private var bytes: [UInt8] = []

  init(minimumCapacity: Int = 0) {
    var size = 16
    while size < 2 * minimumCapacity { size *= 2 }
    slots = Array(repeating: -1, count: size)
  }

  /// The number of strings.
  var count: Int { values.count }
  /// The number of bytes in all strings.
  var byteCount: Int { bytes.count }

  static func hash(_ key: Span<UInt8>) -> UInt32 {
    var hash = ByteHash()
    for index in 0..<key.count { hash.combine(key[index]) }
    return hash.value
  }

  /// The value of `prefix` followed by `text[start..<end]`, whose hash is given.
  @inline(__always)
  func value(
    prefix: [UInt8], _ text: Span<UInt8>, _ start: Int, _ end: Int, hash: UInt32
  ) -> Int32? {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let entry = Int(slots[slot])
      if hashes[entry] == hash && holds(entry, prefix, text, start, end) { return values[entry] }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// The value of a byte string.
  func value(of key: Span<UInt8>) -> Int32? {
    value(prefix: [], key, 0, key.count, hash: Self.hash(key))
  }

  /// Sets the value of a byte string; returns the value it had.
  @discardableResult
  mutating func insert(_ key: Span<UInt8>, value: Int32) -> Int32? {
    let hash = Self.hash(key)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let entry = Int(slots[slot])
      if hashes[entry] == hash && holds(entry, [], key, 0, key.count) {
        defer { values[entry] = value }
        return values[entry]
      }
      slot = (slot + 1) & mask
    }
    slots[slot] = Int32(count)
    hashes.append(hash)
    values.append(value)
    for index in 0..<key.count { bytes.append(key[index]) }
    bounds.append(Int32(bytes.count))
    if 2 * count > slots.count { grow() }
    return nil
  }

  /// Forgets all strings and keeps the room.
  mutating func removeAll() {
    for slot in slots.indices { slots[slot] = -1 }
    hashes.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    bounds.removeSubrange(1...)
    bytes.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  private func holds(
    _ entry: Int, _ prefix: [UInt8], _ text: Span<UInt8>, _ start: Int, _ end: Int
  ) -> Bool {
    var position = Int(bounds[entry])
    guard Int(bounds[entry + 1]) - position == prefix.count + end - start else { return false }
    for byte in prefix {
      if bytes[position] != byte { return false }
      position += 1
    }
    for index in start..<end {
      if bytes[position] != text[index] { return false }
      position += 1
    }
    return true
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: 2 * slots.count)
    let mask = slots.count - 1
    for (entry, hash) in hashes.enumerated() {
      var slot = Int(hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(entry)
    }
  }
}
