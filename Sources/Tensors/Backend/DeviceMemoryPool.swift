/// Free blocks of a GPU's memory by size class: a training step asks for the same sizes again and again, and the
/// driver waits for all queued work when it takes memory back.
struct DeviceMemoryPool: ~Copyable {
  private var free: [Int: [SendableAddress]] = [:]

  /// A block of the class that `sizeClass` names, or nil when none is free.
  mutating func take(_ size: Int) -> SendableAddress? { free[size]?.popLast() }

  mutating func giveBack(_ address: SendableAddress, _ size: Int) {
    free[size, default: []].append(address)
  }

  /// Every free block, which the pool forgets.
  mutating func empty() -> [SendableAddress] {
    defer { free.removeAll() }
    return Array(free.values.joined())
  }

  /// The next eighth of a power of two: on a GPU the untouched part of a block is memory lost.
  static func sizeClass(_ byteCount: Int) -> Int { MemoryPool.sizeClass(byteCount, parts: 8) }
}
