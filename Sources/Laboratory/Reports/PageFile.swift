public import Files

/// Where a page goes. It takes the place of an earlier page of this program and of nothing else: a
/// slip of the hand must not cost anybody a file.
public enum PageFile {
  /// Makes sure, before any work, of the place of a page that is written at the end.
  ///
  /// - Throws: `InputError` if something else is there, or nothing can be.
  public static func requirePlace(_ path: String) throws(InputError) { _ = try begin(path) }

  /// Writes a page.
  ///
  /// - Throws: `InputError` if something else is there, or the disk refuses.
  public static func write(_ html: String, to path: String) throws(InputError) {
    let file = try begin(path)
    try file.write(html)
    try file.commit()
  }

  /// What is begun and dropped leaves nothing behind.
  private static func begin(_ path: String) throws(InputError) -> AtomicFile {
    let file = try AtomicFile(path)
    try PartialFiles.removeAbandoned(for: path)
    guard Path.exists(path) else { return file }
    let earlier = try ByteFile(path)
    let beginning = Array(HTMLDocument.beginning.utf8)
    guard
      try earlier.read(at: 0, count: min(earlier.size, beginning.count)) == beginning
    else {
      throw InputError(
        .usage, file: path, problem: "exists and is no page of this program",
        remedy: "choose another place, or delete it")
    }
    return file
  }
}
