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
  /// - Throws: `InputError` if the neighbour cannot be created, or if the name belongs to what must
  ///   not be replaced: a symbolic link, or a device such as /dev/null.
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
