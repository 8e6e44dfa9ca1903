public import Files

/// The SHA-256 of every file of a model directory, and one of them all: the root digest that
/// OpenSSF model signing puts into a signature (model-transparency, method `files`), so that a
/// report and a signature can be seen to be of the same model.
public struct ModelDigest: Sendable, Equatable {
  /// A file with its hash.
  public struct File: Sendable, Equatable {
    /// The path in the directory, parts divided by `/`.
    public let name: String
    /// SHA-256, 64 hexadecimal digits.
    public let hash: String
  }

  /// In the order that the root digest takes them: of their paths, part by part.
  public let files: [File]
  /// SHA-256 over the hashes' bytes, 64 hexadecimal digits.
  public let root: String

  /// The digest of a directory. As model signing has it by default, what git and its hosts keep
  /// there is left out. Links are followed to files of the model alone.
  ///
  /// - Throws: `InputError` where the directory or a file of it cannot be read, or is a link to
  ///   something else.
  public init(ofDirectory directory: String) throws(InputError) {
    var files: [File] = []
    var hash = SHA256()
    for path in try Self.paths(in: directory) {
      let digest = try SHA256.digest(ofFile: Path.join(directory, path))
      hash.update(digest)
      files.append(File(name: path, hash: SHA256.hex(digest)))
    }
    self.files = files
    root = SHA256.hex(hash.finalize())
  }

  private static let ignored = [".git", ".gitattributes", ".github", ".gitignore"]

  private static func paths(in directory: String) throws(InputError) -> [String] {
    var paths: [[String]] = []
    var folders: [[String]] = [[]]
    while let folder = folders.popLast() {
      let path = folder.reduce(directory) { Path.join($0, $1) }
      for name in try Path.names(in: path) where !(folder.isEmpty && ignored.contains(name)) {
        try LinkedFiles.requireOwn(Path.join(path, name))
        if Path.isDirectory(Path.join(path, name)) {
          folders.append(folder + [name])
        } else {
          paths.append(folder + [name])
        }
      }
    }
    paths.sort { first, second in
      first.lexicographicallyPrecedes(second) { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    return paths.map { $0.joined(separator: "/") }
  }
}
