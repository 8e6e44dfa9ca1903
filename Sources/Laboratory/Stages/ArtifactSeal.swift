internal import Files

/// The SHA-256 of an artifact's note and of every file beside it, kept in the note: what a disk or
/// a hand has changed since is never taken for the result of its stage. Notes of before there were
/// seals have none.
enum ArtifactSeal {
  private static let files = "files"
  private static let seal = "seal"

  /// The note with the hashes of the files in a directory, and its own.
  static func sealed(_ note: JSONObject, of directory: String) throws(InputError) -> JSONValue {
    var hashes = JSONObject()
    for name in try names(in: directory) {
      hashes[name] = .string(try SHA256.hex(ofFile: Path.join(directory, name)))
    }
    var note = note
    note[files] = .object(hashes)
    note[seal] = .string(hash(of: note))
    return .object(note)
  }

  /// Makes sure that a note in a directory is as it was written.
  ///
  /// - Throws: `InputError` if it has changed.
  static func requireNote(_ node: JSONNode, in directory: String) throws(InputError) {
    guard let written = try node.optional(seal) else { return }
    let members = try node.object().members.filter { $0.key != seal }
    guard try written.string() == hash(of: JSONObject(members.map { ($0.key, $0.value) })) else {
      throw damage(node.file, directory)
    }
  }

  /// Makes sure that the files in a directory are as they were when its note was written.
  ///
  /// - Throws: `InputError` that names one that is gone or has changed.
  static func requireFiles(_ node: JSONNode, in directory: String) throws(InputError) {
    for (name, hash) in try node.optional(files)?.members() ?? [] {
      let path = Path.join(directory, name)
      let written = try hash.string()
      guard Path.isFile(path), try SHA256.hex(ofFile: path) == written else {
        throw damage(path, directory)
      }
    }
  }

  private static func damage(_ file: String, _ directory: String) -> InputError {
    InputError(
      file: file, problem: "is not as its stage left it: it was damaged or changed since",
      remedy: "delete the folder \(directory) and run the same command again")
  }

  private static func hash(of note: JSONObject) -> String {
    SHA256.hex(of: JSONValue.object(note).serialized(.canonical))
  }

  private static func names(
    in directory: String, below folder: String = ""
  ) throws(InputError) -> [String] {
    var names: [String] = []
    for name in try Path.names(in: Path.join(directory, folder)) {
      let path = Path.join(folder, name)
      if Path.isDirectory(Path.join(directory, path)) {
        names += try Self.names(in: directory, below: path)
      } else {
        names.append(path)
      }
    }
    return names
  }
}
