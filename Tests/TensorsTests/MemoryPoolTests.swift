@testable import Tensors
import Testing

@Suite struct MemoryPoolTests {
  @Test(arguments: [2, 8])
  func `a size class holds its bytes and wastes at most one part, or a page`(parts: Int) {
    var bytes = 1
    while bytes < 1 << 40 {
      let size = MemoryPool.sizeClass(bytes, parts: parts)
      #expect(size >= bytes && size % 4096 == 0)
      #expect(size - bytes <= max(4096, bytes / parts))
      #expect(MemoryPool.sizeClass(size, parts: parts) == size)
      bytes = bytes * 5 / 4 + 1
    }
  }

  @Test func `a block given back is handed out again for its size class only`() throws {
    var pool = MemoryPool()
    let first = try #require(unsafe pool.take(byteCount: 10_000))
    pool.giveBack(first, byteCount: 10_000)
    let larger = try #require(unsafe pool.take(byteCount: 100_000))
    #expect(unsafe larger.value != first.value)
    let again = try #require(unsafe pool.take(byteCount: 9_999))
    #expect(unsafe again.value == first.value)
    pool.giveBack(larger, byteCount: 100_000)
    pool.giveBack(again, byteCount: 9_999)
  }

  @Test func `two blocks in use are two blocks, aligned to 64 bytes`() throws {
    var pool = MemoryPool()
    let blocks = try (0..<5).map { _ in try #require(unsafe pool.take(byteCount: 4096)) }
    let addresses = blocks.map { unsafe UInt(bitPattern: $0.value) }
    #expect(Set(addresses).count == 5)
    #expect(addresses.allSatisfy { $0 % 64 == 0 })
    for block in blocks { pool.giveBack(block, byteCount: 4096) }
  }

  @Test func `free blocks of other sizes go before a request is refused`() throws {
    var pool = MemoryPool(limit: 100 << 10)
    let small = try (0..<6).map { _ in try #require(unsafe pool.take(byteCount: 16 << 10)) }
    #expect(unsafe pool.take(byteCount: 16 << 10) == nil)
    for block in small { pool.giveBack(block, byteCount: 16 << 10) }
    let large = try #require(unsafe pool.take(byteCount: 96 << 10))
    #expect(unsafe pool.take(byteCount: 16 << 10) == nil)
    pool.giveBack(large, byteCount: 96 << 10)
  }

  @Test func `more memory than there is is an error that names its size`() {
    let byteCount = 1 << 60
    #expect(throws: DeviceError.outOfMemory(device: .cpu, byteCount: byteCount)) {
      _ = try Tensor([byteCount / 4], on: CPUBackend.shared)
    }
  }
}
