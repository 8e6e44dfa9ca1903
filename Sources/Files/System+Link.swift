import Glibc

extension System {
  static func isLink(_ path: String) -> Bool {
    do {
      return try linkStatus(path)
    } catch {
      return true
    }
  }

  private static func linkStatus(_ path: String) throws(SystemError) -> Bool {
    var record = stat()
    guard unsafe lstat(path, &record) != 0 else { return record.st_mode & S_IFMT == S_IFLNK }
    let error = SystemError(code: errno)
    guard error.meansAbsence else { throw error }
    return false
  }

  /// The bytes of a symbolic link; nil: it is none.
  static func linkTarget(_ path: String) throws(SystemError) -> [UInt8]? {
    guard try linkStatus(path) else { return nil }
    var length = 0
    let target = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      length = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        unsafe text.baseAddress.map { unsafe readlink(path, $0, text.count) } ?? 0
      }
      count = max(0, length)
    }
    guard length >= 0 else { throw SystemError(code: errno) }
    return target
  }
}
