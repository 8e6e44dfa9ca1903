internal import Glibc

/// What leases need of the system.
extension System {
  enum LockOutcome { case held, busy, unsupported }

  /// Sixteen digits that nobody else comes upon.
  static func randomName() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// The boot of this machine, the same in all of its containers; "-" where the system keeps it to
  /// itself.
  static let kernel: String = {
    let bytes = (try? contents(ofFile: "/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
    let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    return text.isEmpty ? "-" : text
  }()

  /// Makes the file or, where it exists, opens it; no descriptor where it went between the two.
  static func openLease(
    _ path: String
  ) throws(SystemError) -> (descriptor: Int32?, isFresh: Bool) {
    try FaultInjection.check(.create)
    do {
      let descriptor = try unsafe checked(path) {
        unsafe open($0, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      }
      return (descriptor, true)
    } catch {
      guard case .exists = Reason(error.code) else { throw error }
    }
    do {
      return (try openForUpdating(path), false)
    } catch {
      guard case .missing = Reason(error.code) else { throw error }
      return (nil, false)
    }
  }

  static func openForUpdating(_ path: String) throws(SystemError) -> Int32 {
    try unsafe checked(path) { unsafe open($0, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
  }

  /// Takes the lock of an open file, unless somebody holds it.
  static func lock(_ descriptor: Int32) -> LockOutcome {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      switch errno {
      case EINTR: continue
      case EWOULDBLOCK: return .busy
      default: return .unsupported
      }
    }
    return .held
  }

  /// The first bytes of an open file, as many as there are.
  static func contents(_ descriptor: Int32, limit: Int) throws(SystemError) -> [UInt8] {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw SystemError(code: errno) }
    return try readNext(descriptor, limit: limit)
  }

  /// The first bytes of a file, as it is now.
  static func contents(ofFile path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let descriptor = try openForReading(path)
    defer { close(descriptor) }
    return try readNext(descriptor, limit: limit)
  }

  /// Replaces the first bytes of an open file.
  static func overwrite(_ descriptor: Int32, with bytes: [UInt8]) throws(SystemError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw SystemError(code: errno) }
    try write(bytes, to: descriptor)
  }

  static func identity(of descriptor: Int32) -> FileIdentity? {
    (try? status(of: descriptor))?.identity
  }

  static func identity(at path: String) -> FileIdentity? { (try? status(at: path))?.identity }

  static func sleep(_ duration: Duration) {
    sleep(milliseconds: UInt32(duration / .milliseconds(1)))
  }
}
