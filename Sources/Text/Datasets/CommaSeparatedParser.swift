import Files

/// The records of RFC 4180: fields between commas, quoted where they hold commas, quotes or line
/// ends.
struct CommaSeparatedParser {
  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  private var line = 1

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// The next record and the line that it begins in; nil at the end. Blank lines are passed over.
  mutating func next() throws(InputError) -> (fields: [String], line: Int)? {
    while takeBlankLine() {}
    guard position < bytes.count else { return nil }
    let start = line
    var fields = [try field()]
    while take(UInt8(ascii: ",")) { fields.append(try field()) }
    guard position == bytes.count || takeLineEnd() else {
      throw InputError(
        file: path, place: .line(line), problem: "has text after a closing quote",
        remedy: "double the quotes within a field")
    }
    return (fields, start)
  }

  private mutating func field() throws(InputError) -> String {
    guard take(UInt8(ascii: "\"")) else { return plainField() }
    let start = line
    var content: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\"") && !take(UInt8(ascii: "\"")) {
        return String(decoding: content, as: UTF8.self)
      }
      if byte == 0x0A { line += 1 }
      content.append(byte)
    }
    throw InputError(
      file: path, place: .line(start), problem: "opens a quote that is never closed",
      remedy: "close it, or double it if it is part of the text")
  }

  /// Up to the next comma or line end; quotes within it are data.
  private mutating func plainField() -> String {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: ","), !isAtLineEnd {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private var isAtLineEnd: Bool {
    bytes[position] == 0x0A
      || bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func takeBlankLine() -> Bool {
    let start = position
    while take(0x20) || take(0x09) {}
    // The last line may have no end.
    if position < bytes.count ? takeLineEnd() : position > start { return true }
    position = start
    return false
  }

  private mutating func takeLineEnd() -> Bool {
    guard isAtLineEnd else { return false }
    position += bytes[position] == 0x0A ? 1 : 2
    line += 1
    return true
  }
}

extension DatasetReader {
  /// RFC 4180 under a header line, columns in any order.
  mutating func readCommas(_ bytes: [UInt8]) throws(InputError) {
    var parser = CommaSeparatedParser(bytes, path: path)
    guard let header = try parser.next() else { return }
    let columns = try ColumnMap(
      header: header.fields.map(\.withoutOuterBlanks), reader: self, line: header.line)
    while let record = try parser.next() {
      let row = try columns.values(in: record.fields, reader: self, line: record.line)
      try append(row.text, label: row.label, line: record.line)
    }
  }

  /// `"1","text"` without header; within the text `\n` is a line end and `\""` a quote.
  mutating func readPolarity(_ bytes: [UInt8]) throws(InputError) {
    var parser = CommaSeparatedParser(bytes, path: path)
    while let (fields, line) = try parser.next() {
      guard fields.count >= 2 else {
        throw error(line, "has no text after its label", remedy: "add one or drop the row")
      }
      // Amazon's files have a title before the text.
      let text = fields.dropFirst().joined(separator: " ")
      try append(unescaped(text), label: fields[0], line: line)
    }
  }

  private func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var escapes = false
    for byte in text.utf8 {
      if escapes {
        escapes = false
        switch byte {
        case UInt8(ascii: "n"): bytes[bytes.count - 1] = 0x0A
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes[bytes.count - 1] = byte
        default: bytes.append(byte)
        }
      } else {
        escapes = byte == UInt8(ascii: "\\")
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
