import Files
import TestSupport
import Text

extension Scratch {
  func tokenizer(_ definition: JSONValue) throws -> Tokenizer {
    try write(definition.serialized(), to: "tokenizer.json")
    return try Tokenizer.load(directory: path)
  }
}

/// The error that a body throws, as the user reads it; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
