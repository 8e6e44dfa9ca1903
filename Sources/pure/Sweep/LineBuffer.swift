import Files

#if canImport(Glibc)
  import Glibc
#endif

/// Lines out of a pipe, and into one.
struct LineBuffer {
  private var bytes: [UInt8] = []

  /// The next whole line that was read.
  mutating func next() -> [UInt8]? {
    guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
    defer { bytes.removeSubrange(...end) }
    return Array(bytes[..<end])
  }

  /// Reads what is there, or waits for some; false at the end, or when the pipe fails.
  mutating func read(from descriptor: Int32) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var count = 0
    repeat {
      count = unsafe piece.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
    } while count < 0 && errno == EINTR
    if count > 0 { bytes += piece[..<count] }
    return count > 0
  }

  /// Writes a line. That nobody reads it any more shows at the other pipe.
  static func write(_ line: [UInt8], to descriptor: Int32) {
    var rest = (line + [0x0A])[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return }
      rest = rest.dropFirst(count)
    }
  }
}

extension JSONNode {
  /// A message on one line.
  init(line: [UInt8], from sender: String) throws(InputError) {
    self.init(try JSONValue(parsing: line, file: sender), file: sender)
  }
}
