/// Questions about paths and the directories behind them.
///
/// What the system does not let anybody look at, as on a broken disk, is taken for what is asked
/// for: whoever opens it then learns why, where a file that seemed missing would be left out.
public enum Path {
  /// `name` inside `directory`.
  public static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty || name.utf8.first == UInt8(ascii: "/") { return name }
    return directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
  }

  /// The last component: what a file is called in its directory.
  public static func name(of path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
  }

  /// The directory that holds the path: `.` for a bare name.
  public static func parent(of path: String) -> String {
    let bytes = Array(trimmed(path).utf8)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self)
  }

  /// Whether the path leads to anything.
  public static func exists(_ path: String) -> Bool { leads(path) { _ in true } }

  /// Whether the path leads to a regular file.
  public static func isFile(_ path: String) -> Bool { leads(path, to: \.isRegular) }

  /// Whether the path leads to a directory.
  public static func isDirectory(_ path: String) -> Bool { leads(path, to: \.isDirectory) }

  private static func leads(_ path: String, to what: (System.Status) -> Bool) -> Bool {
    do {
      return what(try System.status(at: path))
    } catch {
      return !error.meansAbsence
    }
  }

  /// Whether the path itself is a symbolic link, wherever it leads; a slash at its end makes no
  /// difference.
  public static func isLink(_ path: String) -> Bool { System.isLink(trimmed(path)) }

  /// Whether both paths exist and lead to one and the same file or directory.
  public static func isSame(_ first: String, _ second: String) -> Bool {
    guard let one = try? System.status(at: first), let other = try? System.status(at: second)
    else { return false }
    return one.identity == other.identity
  }

  /// The names in a directory in the order of their bytes, so that every run sees the same.
  ///
  /// - Throws: `InputError` if the directory is missing or unreadable.
  public static func names(in directory: String) throws(InputError) -> [String] {
    do {
      return try System.names(in: directory).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw error.describing(directory, while: "be listed")
    }
  }

  /// Makes a directory and those above it, unless they are there already.
  ///
  /// - Throws: `InputError` if that is not possible.
  public static func makeDirectory(_ path: String) throws(InputError) {
    if isDirectory(path) { return }
    let above = parent(of: path)
    if above != path { try makeDirectory(above) }
    do {
      try System.makeDirectory(path)
    } catch {
      // Another process may have been faster.
      if isDirectory(path) { return }
      guard !exists(path) else {
        throw InputError(
          file: path, problem: "is not a directory", remedy: "choose another place")
      }
      throw error.describing(path, while: "be created")
    }
  }

  /// Removes a file or a whole directory; a symbolic link goes, what it leads to stays.
  ///
  /// - Throws: `InputError` if something in it cannot be removed.
  public static func remove(_ path: String) throws(InputError) {
    do {
      try System.removeTree(path)
    } catch {
      throw error.describing(path, while: "be removed")
    }
  }

  /// Removes a directory and those in it, as far as they hold no file.
  public static func removeEmptyDirectories(_ path: String) {
    for name in (try? System.names(in: path)) ?? [] where !isLink(join(path, name)) {
      removeEmptyDirectories(join(path, name))
    }
    try? System.removeEmptyDirectory(path)
  }

  static func trimmed(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
    return path
  }
}
