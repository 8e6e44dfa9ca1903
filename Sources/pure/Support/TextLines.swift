import Files
import Text

/// Unlabelled texts: plain lines, or JSON lines of strings or of objects with "text".
struct TextLines {
  let texts: [String]

  /// Reads `path`, or standard input when nil. A name that ends in .jsonl or .json means JSON
  /// lines.
  init(_ path: String?) throws(InputError) {
    let name = path ?? "standard input"
    // Its header and its labels would be read as texts.
    guard ![".tsv", ".csv"].contains(where: name.lowercased().hasSuffix) else {
      throw InputError(
        .usage, file: name, problem: "is a table, not plain lines of text",
        remedy: "write its texts one a line, or as .jsonl")
    }
    var bytes: [UInt8] =
      if let path { try ByteFile.contents(of: path) } else { try ByteFile.standardInput() }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    if let offset = UTF8Validation.firstInvalidByte(in: bytes) {
      throw InputError(
        file: name, place: .byte(offset), problem: "is not valid UTF-8",
        remedy: "convert the file to UTF-8")
    }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { $0.last == 0x0D ? $0.dropLast() : $0 }
    if lines.last?.isEmpty == true { lines.removeLast() }
    let isJSON = name.hasSuffix(".jsonl") || name.hasSuffix(".json")
    var texts: [String] = []
    for (index, line) in lines.enumerated() {
      // A blank line is a text like any other, but no JSON.
      if isJSON && line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
      texts.append(
        isJSON
          ? try Self.text(ofJSON: Array(line), line: index + 1, in: name)
          : String(decoding: line, as: UTF8.self))
    }
    self.texts = texts
  }

  private static func text(ofJSON line: [UInt8], line number: Int, in file: String)
    throws(InputError) -> String
  {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: line, file: file)
    } catch {
      throw InputError(
        file: file, place: .line(number), problem: error.problem, remedy: error.remedy)
    }
    guard let text = value.string ?? value["text"]?.string ?? value["sentence"]?.string else {
      throw InputError(
        file: file, place: .line(number), problem: "has no text",
        remedy: "write a JSON string, or an object with \"text\"")
    }
    return text
  }
}
