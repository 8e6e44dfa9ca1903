import Files

extension DatasetReader {
  /// One text a file, in the order of names, in the folders `neg` and `pos` of this one or else of
  /// its folder `train`.
  mutating func readFolders() throws(InputError) {
    var root = path
    let isWhole = !Path.isDirectory(Path.join(path, "neg"))
    if isWhole && Path.isDirectory(Path.join(path, "train")) { root = Path.join(path, "train") }
    for label in ["neg", "pos"] {
      let folder = Path.join(root, label)
      guard Path.isDirectory(folder) else {
        throw InputError(
          file: path, problem: "has no folder \(label)",
          remedy: "name a folder that holds neg and pos, such as aclImdb/train")
      }
      let names = try Path.names(in: folder).filter { $0.hasSuffix(".txt") }
      for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        let file = Path.join(folder, name)
        let text = String(
          decoding: try TextFile.contents(of: file, mayBeEmpty: true), as: UTF8.self)
        try append(text, label: label, line: 1)
      }
    }
  }
}
