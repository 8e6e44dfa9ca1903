import Synchronization

/// Owns one block of a device's memory and gives it back exactly once.
@safe public final class Storage: @unchecked Sendable {
  /// The backend whose memory this is.
  public let backend: any Backend
  /// Bytes that may be used.
  public let byteCount: Int
  let address: UnsafeMutableRawPointer
  /// The same elements for products; nil: there are none.
  let factors: Factors?

  private static let live = Atomic<Int>(0)
  /// Blocks that are alive in this process, for tests that look for leaks.
  public static var liveCount: Int { live.load(ordering: .relaxed) }

  init(byteCount: Int, _ factors: Factors? = nil, on backend: any Backend) throws(DeviceError) {
    self.backend = backend
    self.factors = factors
    self.byteCount = byteCount
    unsafe self.address = try backend.allocate(byteCount: byteCount)
    Self.live.add(1, ordering: .relaxed)
  }

  deinit {
    unsafe backend.release(address, byteCount: byteCount)
    Self.live.subtract(1, ordering: .relaxed)
  }
}
