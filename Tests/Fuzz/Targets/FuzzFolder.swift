import Files
import Glibc

/// A folder whose files are written over and over.
final class FuzzFolder {
  let path: String
  private var present: Set<String> = []

  init(_ path: String) throws {
    self.path = path
    try Path.makeDirectory(path)
  }

  func file(_ name: String) -> String { Path.join(path, name) }

  /// Leaves these files in the folder and none from before. Folders in it stay.
  func hold(_ files: [(name: String, bytes: [UInt8])]) throws {
    let names = Set(files.map(\.name))
    for name in present.subtracting(names) { try Path.remove(file(name)) }
    for (name, bytes) in files { try write(bytes, to: name) }
    present = names
  }

  /// Writes a file as fast as it goes: nobody needs it to outlive a power cut.
  private func write(_ bytes: [UInt8], to name: String) throws {
    let path = file(name)
    var descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if descriptor < 0, name.utf8.contains(UInt8(ascii: "/")) {
      try Path.makeDirectory(Path.parent(of: path))
      descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    close(descriptor)
    guard count == bytes.count else { throw InputError(file: path, problem: "cannot be written") }
  }
}

/// Several files as one input: a line `%%NAME` before the content of each.
enum FuzzArchive {
  private static let mark = Array("%%".utf8)

  static func packed(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    Array(files.map { mark + Array($0.name.utf8) + [0x0A] + $0.bytes }.joined(separator: [0x0A]))
  }

  /// The files of an input with one of these names, each once.
  static func files(_ bytes: [UInt8], named names: [String]) -> [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      if line.starts(with: mark) {
        let name = String(decoding: line.dropFirst(mark.count), as: UTF8.self)
        if names.contains(name), !files.contains(where: { $0.name == name }) {
          files.append((name, []))
          continue
        }
      }
      guard !files.isEmpty else { continue }
      files[files.count - 1].bytes += line + [0x0A]
    }
    // The last line end of each is the archive's own.
    return files.map { ($0.name, Array($0.bytes.dropLast())) }
  }
}

/// The package that these tests belong to.
let packageRoot = Path.parent(
  of: Path.parent(of: Path.parent(of: Path.parent(of: #filePath))))

/// A file of the tests' fixtures.
func fixture(_ name: String) throws(InputError) -> [UInt8] {
  try ByteFile.contents(of: Path.join(packageRoot, "Tests/Fixtures/" + name))
}
