import Glibc

/// An element whose every bit pattern is a value, so that file bytes may be read straight into it.
///
/// The machine is little-endian, as the files are.
public protocol RawElement: BitwiseCopyable, Sendable {}

extension UInt8: RawElement {}
extension UInt16: RawElement {}
extension UInt32: RawElement {}
extension UInt64: RawElement {}
extension Int32: RawElement {}
extension Int64: RawElement {}
extension Float: RawElement {}

/// The system calls that this package makes on files: the one place here with unsafe code.
enum System {
  /// Linux moves at most about 2 GiB in one call.
  private static let largestTransfer = 1 << 30

  /// Failures that a person can act upon.
  enum Reason {
    case missing, denied, directory, notDirectory, full, readOnly, exists, busy, memory, other

    init(_ code: Int32) {
      self =
        switch code {
        case ENOENT: .missing
        case EACCES, EPERM: .denied
        case EISDIR: .directory
        case ENOTDIR: .notDirectory
        case ENOSPC, EDQUOT: .full
        case EROFS: .readOnly
        case EEXIST, ENOTEMPTY: .exists
        case EBUSY, EXDEV: .busy
        case ENOMEM: .memory
        default: .other
        }
    }
  }

  /// What a path leads to, symbolic links followed.
  struct Status {
    var isRegular: Bool
    var isDirectory: Bool
    var size: Int
    var identity: FileIdentity
  }

  static func message(of code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }

  static func openForReading(_ path: String) throws(SystemError) -> Int32 {
    // Without O_NONBLOCK a named pipe would hold the program up for ever.
    try unsafe checked(path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
  }

  static func create(_ path: String) throws(SystemError) -> Int32 {
    try FaultInjection.check(.create)
    return try unsafe checked(path) {
      unsafe open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
  }

  static func openForAppending(_ path: String) throws(SystemError) -> Int32 {
    try FaultInjection.check(.create)
    return try unsafe checked(path) {
      unsafe open($0, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    }
  }

  static func openDirectory(_ path: String) throws(SystemError) -> Int32 {
    try unsafe checked(path) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  }

  static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }

  static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

  static func status(of descriptor: Int32) throws(SystemError) -> Status {
    var record = stat()
    guard unsafe fstat(descriptor, &record) == 0 else { throw SystemError(code: errno) }
    return Status(record)
  }

  static func status(at path: String) throws(SystemError) -> Status {
    var record = stat()
    _ = try unsafe checked(path) { unsafe stat($0, &record) }
    return Status(record)
  }

  /// Makes sure that there is room for so many bytes: an array that finds none ends the program.
  private static func requireMemory(_ byteCount: Int) throws(SystemError) {
    guard byteCount > 1 << 20 else { return }
    let size = (byteCount + 4095) / 4096 * 4096
    guard let room = unsafe aligned_alloc(4096, size) else { throw SystemError(code: ENOMEM) }
    unsafe free(room)
  }

  /// Reads exactly `count` elements that start `offset` bytes into the file.
  static func read<Element: RawElement>(
    _ descriptor: Int32, at offset: Int, count: Int, as: Element.Type
  ) throws(SystemError) -> [Element] {
    try requireMemory(count * MemoryLayout<Element>.stride)
    var failure: SystemError?
    let elements = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      let length = count * MemoryLayout<Element>.stride
      var done = 0
      while done < length, failure == nil {
        let target = unsafe bytes.baseAddress?.advanced(by: done)
        let moved = unsafe pread(
          descriptor, target, min(length - done, largestTransfer), offset + done)
        if moved > 0 {
          done += moved
        } else if moved == 0 {
          failure = .unexpectedEnd
        } else if errno != EINTR {
          failure = SystemError(code: errno)
        }
      }
      initialized = failure == nil ? count : 0
    }
    if let failure { throw failure }
    return elements
  }

  /// Reads up to `limit` bytes from where the descriptor stands; none at the end.
  static func readNext(_ descriptor: Int32, limit: Int) throws(SystemError) -> [UInt8] {
    var code: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
      var moved = 0
      repeat {
        moved = unsafe Glibc.read(descriptor, buffer.baseAddress, limit)
      } while moved < 0
        && errno == EINTR
      if moved < 0 { code = errno }
      initialized = max(0, moved)
    }
    if code != 0 { throw SystemError(code: code) }
    return bytes
  }

  /// Writes all elements where the descriptor stands.
  static func write<Element: RawElement>(
    _ elements: [Element], to descriptor: Int32
  ) throws(SystemError) {
    try FaultInjection.check(.write)
    var code: Int32 = 0
    unsafe elements.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count, code == 0 {
        let source = unsafe bytes.baseAddress?.advanced(by: done)
        let moved = unsafe Glibc.write(descriptor, source, min(bytes.count - done, largestTransfer))
        if moved >= 0 {
          done += moved
        } else if errno != EINTR {
          code = errno
        }
      }
    }
    if code != 0 { throw SystemError(code: code) }
  }

  static func synchronize(_ descriptor: Int32) throws(SystemError) {
    try FaultInjection.check(.synchronize)
    while fsync(descriptor) != 0 {
      if errno != EINTR { throw SystemError(code: errno) }
    }
  }

  /// Makes the names in a directory outlive a power cut.
  static func synchronizeDirectory(_ path: String) throws(SystemError) {
    let descriptor = try openDirectory(path)
    defer { close(descriptor) }
    try synchronize(descriptor)
  }

  static func rename(_ old: String, to new: String) throws(SystemError) {
    try FaultInjection.check(.rename)
    guard !new.utf8.contains(0) else { throw SystemError(code: EINVAL) }
    _ = try unsafe checked(old) { unsafe Glibc.rename($0, new) }
  }

  static func makeDirectory(_ path: String) throws(SystemError) {
    try FaultInjection.check(.create)
    _ = try unsafe checked(path) { unsafe mkdir($0, 0o777) }
  }

  static func removeFile(_ path: String) throws(SystemError) {
    _ = try unsafe checked(path) { unsafe unlink($0) }
  }

  static func removeEmptyDirectory(_ path: String) throws(SystemError) {
    _ = try unsafe checked(path) { unsafe rmdir($0) }
  }

  /// Removes a file, or a directory with all that is in it; links are removed and not followed.
  static func removeTree(_ path: String) throws(SystemError) {
    do {
      return try removeFile(path)
    } catch {
      // This is how Linux says that it is a directory.
      guard error.code == EISDIR else { throw error }
    }
    try empty(try openDirectory(path))
    try removeEmptyDirectory(path)
  }

  /// Removes all that is in an open directory, whatever bytes its name is made of, and closes it.
  private static func empty(_ descriptor: Int32) throws(SystemError) {
    try unsafe eachName(in: fdopendir(descriptor)) { (name) throws(SystemError) in
      if unsafe unlinkat(descriptor, name, 0) == 0 { return }
      guard errno == EISDIR else { throw SystemError(code: errno) }
      let child = unsafe openat(
        descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard child >= 0 else { throw SystemError(code: errno) }
      try empty(child)
      guard unsafe unlinkat(descriptor, name, AT_REMOVEDIR) == 0 else {
        throw SystemError(code: errno)
      }
    }
  }

  /// The names in a directory, `.` and `..` left out, in no order. Bytes that are no UTF-8 become
  /// U+FFFD, and the name leads nowhere.
  static func names(in path: String) throws(SystemError) -> [String] {
    guard !path.utf8.contains(0) else { throw SystemError(code: EINVAL) }
    var names: [String] = []
    try unsafe eachName(in: opendir(path)) { name in
      unsafe names.append(String(cString: name))
    }
    return names
  }

  private static func eachName(
    in stream: OpaquePointer?, _ body: (UnsafePointer<CChar>) throws(SystemError) -> Void
  ) throws(SystemError) {
    guard let stream = unsafe stream else { throw SystemError(code: errno) }
    defer { unsafe _ = closedir(stream) }
    while true {
      // Its end and its failure differ by this number alone.
      errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      try unsafe withUnsafePointer(to: &entry.pointee.d_name) { (name) throws(SystemError) in
        try unsafe name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          (name) throws(SystemError) in
          if unsafe strcmp(name, ".") != 0, unsafe strcmp(name, "..") != 0 {
            try unsafe body(name)
          }
        }
      }
    }
    if errno != 0 { throw SystemError(code: errno) }
  }

  /// Runs a call that takes a path and answers -1 on failure.
  static func checked(
    _ path: String, _ call: (UnsafePointer<CChar>) -> Int32
  ) throws(SystemError) -> Int32 {
    // C would stop at the zero byte and touch another file than the one named.
    guard !path.utf8.contains(0) else { throw SystemError(code: EINVAL) }
    while true {
      let result = unsafe path.withCString { unsafe call($0) }
      if result >= 0 { return result }
      guard errno == EINTR else { throw SystemError(code: errno) }
    }
  }
}

/// What makes two paths the same file: its device and its number there.
struct FileIdentity: Equatable {
  var device: UInt64
  var number: UInt64
}

extension System.Status {
  fileprivate init(_ record: stat) {
    isRegular = record.st_mode & S_IFMT == S_IFREG
    isDirectory = record.st_mode & S_IFMT == S_IFDIR
    size = record.st_size
    identity = FileIdentity(device: UInt64(record.st_dev), number: UInt64(record.st_ino))
  }
}
