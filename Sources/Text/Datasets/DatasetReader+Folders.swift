public import Files

extension DatasetReader {
  /// One text a file, in the order of names, in the folders `neg` and then `pos`.
  mutating func readFolders() throws(InputError) {
    for label in Self.labelFolders {
      for name in try Self.names(in: label, of: path) {
        let file = Path.join(path, name)
        let bytes = try TextFile.contents(of: file, mayBeEmpty: true)
        try append(String(decoding: bytes, as: UTF8.self), label: label, line: 1, file: file)
      }
    }
  }

  private static let labelFolders = ["neg", "pos"]

  private static func names(in label: String, of path: String) throws(InputError) -> [String] {
    let folder = Path.join(path, label)
    guard Path.isDirectory(folder) else {
      throw InputError(
        file: path, problem: "has no folder \(label)",
        remedy: "name a folder that holds neg and pos, such as aclImdb/train")
    }
    return try Path.names(in: folder).filter { $0.hasSuffix(".txt") }.map {
      name throws(InputError) in
      // What is no UTF-8 was listed under a name that leads nowhere.
      guard !name.unicodeScalars.contains("\u{FFFD}") || Path.exists(Path.join(folder, name)) else {
        throw InputError(
          file: folder, problem: "holds a file whose name, \(name), is not valid UTF-8",
          remedy: "rename the file")
      }
      return Path.join(label, name)
    }
  }

  /// The files that reading a folder reads, as paths below it.
  fileprivate static func names(in path: String) throws(InputError) -> [String] {
    var names: [String] = []
    for label in labelFolders { names += try self.names(in: label, of: path) }
    return names
  }
}

extension Dataset {
  /// SHA-256 of all that is read of `path`: of the file, or of the names and contents of a folder's
  /// files.
  ///
  /// - Throws: `InputError` when something of it is missing or unreadable.
  public static func contentHash(of path: String) throws(InputError) -> String {
    guard Path.isDirectory(path) else { return try SHA256.hex(ofFile: path) }
    var hash = SHA256()
    for name in try DatasetReader.names(in: path) {
      // A name holds no NUL, and a content's hash is of one length: nothing else gives the same
      // bytes.
      hash.update(Array("\(name)\0\(try SHA256.hex(ofFile: Path.join(path, name)))".utf8))
    }
    return SHA256.hex(hash.finalize())
  }
}
