/// A directory that appears under its name complete, or not at all.
///
/// Files go into a hidden neighbour `.name.partial-RANDOM`; `commit()` renames it. One that is
/// dropped before that is deleted with all it holds.
public final class AtomicDirectory {
  /// The path that `commit()` creates.
  public let path: String
  /// Where the files are until then.
  public let partialPath: String
  private var isCommitted = false

  /// Begins a directory; the directories above it are made when they are missing.
  ///
  /// - Throws: `InputError` if something other than an empty directory has that name already.
  public init(_ path: String) throws(InputError) {
    let path = Path.trimmed(path)
    self.path = path
    try AtomicDirectory.requireVacant(path)
    try Path.makeDirectory(Path.parent(of: path))
    do {
      partialPath = try PartialFiles.create(beside: path, System.makeDirectory).path
    } catch {
      throw error.describing(path, while: "be created")
    }
  }

  deinit {
    if !isCommitted { try? Path.remove(partialPath) }
  }

  /// Begins a file in the directory; it is there once its own `commit()` is called.
  ///
  /// - Parameter name: a bare name, without any slash.
  /// - Throws: `InputError` if the file cannot be created.
  public func file(_ name: String) throws(InputError) -> AtomicFile {
    precondition(!name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")), "a bare file name")
    return try AtomicFile(Path.join(partialPath, name))
  }

  /// Writes a whole file into the directory.
  ///
  /// - Throws: `InputError` if the disk refuses.
  public func write(_ bytes: [UInt8], as name: String) throws(InputError) {
    let file = try file(name)
    try file.write(bytes)
    try file.commit()
  }

  /// Gives the directory its name.
  ///
  /// - Throws: `InputError` if the disk refuses, or if somebody took the name meanwhile.
  public func commit() throws(InputError) {
    precondition(!isCommitted, "a directory is committed once")
    try AtomicDirectory.requireVacant(path)
    do {
      try System.synchronizeDirectory(partialPath)
      // rename(2) replaces an empty directory, and fails on any other.
      try System.rename(partialPath, to: path)
      isCommitted = true
      try System.synchronizeDirectory(Path.parent(of: path))
    } catch {
      throw error.describing(path, while: "be written")
    }
  }

  private static func requireVacant(_ path: String) throws(InputError) {
    guard Path.exists(path) else { return }
    guard Path.isDirectory(path) else {
      throw InputError(
        .usage, file: path, problem: "exists and is not a directory",
        remedy: "choose another output directory")
    }
    guard try Path.names(in: path).isEmpty else {
      throw InputError(
        .usage, file: path, problem: "exists and is not empty",
        remedy: "choose another output directory or empty this one")
    }
  }
}
