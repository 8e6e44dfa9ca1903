internal import Files
internal import FoundationEssentials

/// A fresh directory for one test, gone with it.
public final class Scratch {
  /// The directory.
  public let path: String

  /// Makes it.
  public init() throws {
    path = Path.join(FileManager.default.temporaryDirectory.path, "pure-\(UUID().uuidString)")
    try Path.makeDirectory(path)
  }

  deinit { try? Path.remove(path) }

  /// The path of a file in it, whether that is there or not.
  public func file(_ name: String) -> String { Path.join(path, name) }

  /// Makes a fresh folder in it; returns its path.
  public func folder() throws -> String {
    let folder = file(UUID().uuidString)
    try Path.makeDirectory(folder)
    return folder
  }

  /// Writes a file, and the folders that it lies in; returns its path.
  @discardableResult public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Path.makeDirectory(Path.parent(of: file(name)))
    try AtomicFile.write(bytes, to: file(name))
    return file(name)
  }

  /// The same with text.
  @discardableResult public func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// Every name in it and below, hidden ones too.
  public func names(_ folder: String = "") throws -> [String] {
    try Path.names(in: file(folder)).flatMap { name in
      let relative = Path.join(folder, name)
      return Path.isDirectory(file(relative)) ? [relative] + (try names(relative)) : [relative]
    }
  }
}
