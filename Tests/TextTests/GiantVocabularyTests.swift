import Files
import Glibc
import TestSupport
import Testing
import Text

@Suite struct `A vocabulary of many gigabytes` {
  @Test(arguments: ["vocab.txt", "merges.txt", "vocab.json", "tokenizer.json"])
  func `is refused by its size, before any of it is read`(name: String) throws {
    let scratch = try Scratch()
    if name == "merges.txt" { try scratch.write("{}", to: "vocab.json") }
    if name == "vocab.json" { try scratch.write("", to: "merges.txt") }
    // A file with a hole takes no room.
    let path = try scratch.write("[PAD]\n", to: name)
    #expect(unsafe truncate(path, 50 << 30) == 0)
    let error = #expect(throws: InputError.self) { try Tokenizer.load(directory: scratch.path) }
    #expect(error?.file == path)
    #expect(error?.problem.contains("has \(50 << 30) bytes, more than the") == true)
  }
}
