import Files

extension DatasetReader {
  /// One text a file, in the order of names, in the folders `neg` and then `pos`.
  mutating func readFolders() throws(InputError) {
    for label in ["neg", "pos"] {
      let folder = Path.join(path, label)
      guard Path.isDirectory(folder) else {
        throw InputError(
          file: path, problem: "has no folder \(label)",
          remedy: "name a folder that holds neg and pos, such as aclImdb/train")
      }
      let names = try Path.names(in: folder).filter { $0.hasSuffix(".txt") }
      for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        let file = Path.join(folder, name)
        let bytes = try TextFile.contents(of: file, mayBeEmpty: true)
        try append(String(decoding: bytes, as: UTF8.self), label: label, line: 1, file: file)
      }
    }
  }
}
