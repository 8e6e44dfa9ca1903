/// A GPU's free memory, and apart from it the blocks that recorded work runs in: their addresses are
/// part of it. All recordings share them, since one queue runs one at a time.
struct DeviceMemory: ~Copyable {
  private var pool = DeviceMemoryPool()
  private var recorded = DeviceMemoryPool()
  private var recordedBlocks: Set<UInt> = []
  /// Of the step that is recorded; nil: none is.
  var recordedState: SendableAddress?
  /// Of the recordings that are current.
  private(set) var generation = 0

  mutating func take(_ size: Int) -> SendableAddress? {
    recordedState == nil ? pool.take(size) : recorded.take(size)
  }

  /// Tells of a block that is new from the driver.
  mutating func add(_ block: SendableAddress) {
    if recordedState != nil { recordedBlocks.insert(Self.number(block)) }
  }

  mutating func giveBack(_ block: SendableAddress, _ size: Int) {
    if recordedBlocks.contains(Self.number(block)) {
      recorded.giveBack(block, size)
    } else {
      pool.giveBack(block, size)
    }
  }

  /// Every free block, of recordings too, which are current no more.
  mutating func empty() -> [SendableAddress] {
    if !recordedBlocks.isEmpty { generation += 1 }
    recordedBlocks = []
    return pool.empty() + recorded.empty()
  }

  private static func number(_ block: SendableAddress) -> UInt {
    UInt(bitPattern: unsafe block.value)
  }
}
