import Files
import FoundationEssentials

/// A fresh directory for one test, gone with it.
final class Scratch {
  let path: String

  init() throws {
    path = Path.join(
      FileManager.default.temporaryDirectory.path, "pure-files-\(UUID().uuidString)")
    try Path.makeDirectory(path)
  }

  deinit { try? Path.remove(path) }

  func file(_ name: String) -> String { Path.join(path, name) }
}

/// Where the real texts and models are kept, beside the package, if they are.
let sharedTexts = Path.join(
  Path.parent(of: Path.parent(of: Path.parent(of: #filePath))), "../shared/data")
