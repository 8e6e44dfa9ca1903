/// Links in a directory that somebody else may have made: what they lead to would be read in the
/// name of this user, and copied to where others can read it.
public enum LinkedFiles {
  /// Makes sure that no file of a model directory is one from outside. Links to a file beside them
  /// are followed, and those of the Hugging Face cache: `../../blobs/NAME`, or `../blobs/NAME` where
  /// a snapshot lies beside its blobs.
  ///
  /// - Throws: `InputError` that names the first other link; also where the directory cannot be
  ///   listed, or a link not be read.
  public static func refuseForeign(in directory: String) throws(InputError) {
    for name in try Path.names(in: directory) where ends.contains(where: name.hasSuffix) {
      try requireOwn(Path.join(directory, name))
    }
  }

  /// The same for one path of a model directory, whatever its name. A link to a directory is never
  /// one of the model's: it could lead round and round.
  ///
  /// - Throws: `InputError` for a link to something else than a file of the model.
  public static func requireOwn(_ path: String) throws(InputError) {
    guard let bytes = try target(of: path) else { return }
    if let target = String(validating: bytes, as: UTF8.self), isOwn(target),
      !Path.isLink(Path.join(Path.parent(of: path), target)), !Path.isDirectory(path)
    {
      return
    }
    let target = Terminal.abbreviated(String(decoding: bytes, as: UTF8.self))
    throw InputError(
      file: path, problem: "is a link to \(target), which is no file of this directory",
      remedy: "put a copy of the file there, if it belongs to the model")
  }

  private static func target(of path: String) throws(InputError) -> [UInt8]? {
    do {
      return try System.linkTarget(path)
    } catch {
      throw error.describing(path, while: "be looked at")
    }
  }

  /// Of all files that are read of a model.
  private static let ends = [".json", ".txt", ".safetensors", ".md"]

  private static func isOwn(_ target: String) -> Bool {
    let parts = target.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, !["", ".", ".."].contains(name) else { return false }
    return [[], ["..", "blobs"], ["..", "..", "blobs"]].contains(parts.dropLast())
  }
}
