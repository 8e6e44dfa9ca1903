import Files
import FoundationEssentials
import Text

/// A fresh directory for one test, gone with it.
final class Scratch {
  let path: String

  init() throws {
    path = Path.join(
      FileManager.default.temporaryDirectory.path, "pure-text-\(UUID().uuidString)")
    try Path.makeDirectory(path)
  }

  deinit { try? Path.remove(path) }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = Path.join(path, name)
    try Path.makeDirectory(Path.parent(of: file))
    try AtomicFile.write(bytes, to: file)
    return file
  }

  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  func tokenizer(_ definition: JSONValue) throws -> Tokenizer {
    _ = try file("tokenizer.json", definition.serialized())
    return try Tokenizer.load(directory: path)
  }
}

/// The folder `Tests`.
let testsFolder = Path.parent(of: Path.parent(of: #filePath))

/// Where the real texts are kept, beside the package, if they are.
let sharedTexts = Path.join(Path.parent(of: testsFolder), "../shared/data")

/// The error that a body throws, as the user reads it; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
