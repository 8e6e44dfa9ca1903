/// A file that appears under its name complete, or not at all.
///
/// Bytes go to a hidden neighbour; `commit()` makes them durable and renames it. A writer that is
/// dropped before that, for whatever reason, leaves nothing behind.
public final class AtomicFile {
  /// The path that `commit()` creates or replaces.
  public let path: String
  private let partialPath: String
  private let descriptor: Int32
  private var isOpen = true

  /// Begins a file in a directory that exists.
  ///
  /// - Throws: `InputError` if the neighbour cannot be created, or if the name belongs to what must not be replaced: a
  ///   symbolic link, or a device such as /dev/null.
  public init(_ path: String) throws(InputError) {
    self.path = path
    try AtomicFile.requireReplaceable(path)
    do {
      (partialPath, descriptor) = try PartialFiles.create(beside: path, System.create)
    } catch {
      throw error.describing(path, while: "be created")
    }
  }

  deinit {
    guard isOpen else { return }
    System.close(descriptor)
    try? System.removeFile(partialPath)
  }

  /// Appends elements, little-endian.
  ///
  /// - Throws: `InputError` if the disk refuses, for instance because it is full.
  public func write<Element: RawElement>(_ elements: [Element]) throws(InputError) {
    precondition(isOpen, "a committed file takes no more bytes")
    do {
      try System.write(elements, to: descriptor)
    } catch {
      throw error.describing(path, while: "be written")
    }
  }

  /// Appends text as UTF-8.
  ///
  /// - Throws: `InputError` if the disk refuses.
  public func write(_ text: String) throws(InputError) { try write(Array(text.utf8)) }

  /// Makes the content durable and gives it its name, replacing what had it before.
  ///
  /// - Throws: `InputError` if the disk refuses; the earlier file is then untouched.
  public func commit() throws(InputError) {
    precondition(isOpen, "a file is committed once")
    do {
      try System.synchronize(descriptor)
      try System.rename(partialPath, to: path)
      isOpen = false
      System.close(descriptor)
      try System.synchronizeDirectory(Path.parent(of: path))
    } catch {
      throw error.describing(path, while: "be written")
    }
  }

  private static func requireReplaceable(_ path: String) throws(InputError) {
    guard !Path.isLink(path) else {
      throw InputError(
        .usage, file: path, problem: "is a symbolic link", remedy: "name the file itself")
    }
    guard !Path.exists(path) || Path.isFile(path) else {
      let isDirectory = Path.isDirectory(path)
      throw InputError(
        .usage, file: path, problem: isDirectory ? "is a directory" : "is not a regular file",
        remedy: isDirectory ? "name a file in it" : "choose another place")
    }
  }

  /// Writes a whole file at once.
  ///
  /// - Throws: `InputError` if the disk refuses; the earlier file is then untouched.
  public static func write(_ bytes: [UInt8], to path: String) throws(InputError) {
    let file = try AtomicFile(path)
    try file.write(bytes)
    try file.commit()
  }
}

/// What is being written: hidden, beside the goal, under a name of its own.
public enum PartialFiles {
  private static let mark = ".partial-"

  /// Removes half-written files and directories whose writers are no longer there, for one goal or for all in a
  /// directory. Where the system does not list processes under /proc, they are left alone.
  ///
  /// - Throws: `InputError` if the directory cannot be listed or one of them not be removed.
  public static func removeAbandoned(for path: String) throws(InputError) {
    try removeAbandoned(in: Path.parent(of: path), prefix: prefix(of: path))
  }

  /// The same for every goal in a directory.
  public static func removeAbandoned(in directory: String) throws(InputError) {
    try removeAbandoned(in: directory, prefix: ".")
  }

  private static func removeAbandoned(in directory: String, prefix: String) throws(InputError) {
    guard Path.isDirectory("/proc/self") else { return }
    for name in try Path.names(in: directory) where name.hasPrefix(prefix) {
      guard let mark = name.firstRange(of: mark) else { continue }
      let process = name[mark.upperBound...].prefix { $0.isNumber }
      if !process.isEmpty, !Path.exists("/proc/\(process)") {
        try Path.remove(Path.join(directory, name))
      }
    }
  }

  /// Calls `create` with `.name.partial-<pid>`, then with numbered variants while that is taken.
  static func create<Result>(
    beside path: String, _ create: (String) throws(SystemError) -> Result
  ) throws(SystemError) -> (path: String, result: Result) {
    let base = Path.join(Path.parent(of: path), "\(prefix(of: path))\(System.processIdentifier)")
    var attempt = 0
    while true {
      let candidate = attempt == 0 ? base : "\(base)-\(attempt)"
      do {
        return (candidate, try create(candidate))
      } catch {
        guard case .exists = System.Reason(error.code), attempt < 1000 else { throw error }
        attempt += 1
      }
    }
  }

  private static func prefix(of path: String) -> String { ".\(Path.name(of: path))\(mark)" }
}
