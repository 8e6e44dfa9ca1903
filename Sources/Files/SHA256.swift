internal import CHash

/// SHA-256 as FIPS 180-4 defines it, fed in pieces of any size.
public struct SHA256 {
  private var state = CHSHA256()

  /// A hash of nothing so far.
  public init() { unsafe ch_sha256Start(&state) }

  /// The same without the processor's own instructions, for tests.
  package init(portably bytes: [UInt8]) {
    self.init()
    state.isPortable = true
    update(bytes)
  }

  /// Takes in the next elements, as files hold them.
  public mutating func update<Element: RawElement>(_ elements: [Element]) {
    unsafe elements.withUnsafeBytes { bytes in
      unsafe ch_sha256Update(&state, bytes.baseAddress, bytes.count)
    }
  }

  /// The 32 bytes of the hash of all that was taken in.
  public consuming func finalize() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
      unsafe ch_sha256Finish(&state, digest.baseAddress)
      count = 32
    }
  }

  /// The hash of some elements as files hold them, as 64 lower-case hexadecimal digits.
  public static func hex<Element: RawElement>(of elements: [Element]) -> String {
    var hash = SHA256()
    hash.update(elements)
    return hex(hash.finalize())
  }

  /// The hash of a file's content, as 64 lower-case hexadecimal digits.
  ///
  /// - Throws: `InputError` if the file cannot be read.
  public static func hex(ofFile path: String) throws(InputError) -> String {
    hex(try digest(ofFile: path))
  }

  /// The hash of a file's content, 32 bytes.
  ///
  /// - Throws: `InputError` if the file cannot be read.
  public static func digest(ofFile path: String) throws(InputError) -> [UInt8] {
    let file = try ByteFile(path)
    var hash = SHA256()
    var offset = 0
    while offset < file.size {
      let count = min(1 << 20, file.size - offset)
      hash.update(try file.read(at: offset, count: count))
      offset += count
    }
    return hash.finalize()
  }

  /// Bytes as lower-case hexadecimal digits.
  public static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
