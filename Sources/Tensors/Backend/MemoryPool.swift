internal import CKernels

/// Free blocks of host memory by size class: a training step asks for the same sizes again and again, and fresh
/// pages from the system cost a fault each.
struct MemoryPool: ~Copyable {
  private var free: [Int: [SendableAddress]] = [:]
  /// Bytes taken from the system, of free blocks and of those in use.
  private var heldByteCount = 0
  private let limit: Int

  /// - Parameter limit: bytes that may be held at once.
  init(limit: Int = .max) { self.limit = limit }

  /// A block of at least `byteCount` bytes, or nil when there is no room even without the free blocks of other sizes.
  @unsafe mutating func take(byteCount: Int) -> SendableAddress? {
    let size = Self.sizeClass(byteCount)
    if let address = free[size]?.popLast() { return address }
    if let address = unsafe takeFresh(size) { return address }
    trim()
    return unsafe takeFresh(size)
  }

  @unsafe private mutating func takeFresh(_ size: Int) -> SendableAddress? {
    guard size <= limit - heldByteCount, let address = unsafe ck_allocate(Int64(size)) else {
      return nil
    }
    heldByteCount += size
    return unsafe SendableAddress(address)
  }

  mutating func giveBack(_ address: SendableAddress, byteCount: Int) {
    free[Self.sizeClass(byteCount), default: []].append(address)
  }

  mutating func trim() {
    for (size, addresses) in free {
      for address in addresses { unsafe ck_free(address.value) }
      heldByteCount -= size * addresses.count
    }
    free.removeAll()
  }

  /// The next half of a power of two, or other part of it. Batches differ in length, and each class costs fresh pages
  /// when a batch is the first to use it; what nobody touches of a block costs no memory on the host.
  static func sizeClass(_ byteCount: Int, parts: Int = 2) -> Int {
    let bytes = max(4096, byteCount)
    let step = max(4096, (1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)) / parts)
    return (bytes + step - 1) / step * step
  }

  deinit {
    for address in free.values.joined() { unsafe ck_free(address.value) }
  }
}

/// An address that may cross a lock; the pool is the only owner of what it points to.
@safe struct SendableAddress: @unchecked Sendable {
  let value: UnsafeMutableRawPointer

  init(_ value: UnsafeMutableRawPointer) { unsafe self.value = value }
}
