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
    let quote = UInt8(ascii: "\"")
    var content: [UInt8] = []
    while let end = bytes[position...].firstIndex(of: quote) {
      content += bytes[position..<end]
      position = end + 1
      guard take(quote) else {
        line += content.count { $0 == 0x0A }
        return String(decoding: content, as: UTF8.self)
      }
      content.append(quote)
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
    if options.textColumn == nil, ["1", "2"].contains(header.fields[0]) {
      throw error(
        header.line, "is a row and no header",
        remedy: "add one, or read Yelp's or Amazon's polarity files with --format polarity (in a "
          + "plan, format)")
    }
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
    let backslash = UInt8(ascii: "\\")
    var rest = Array(text.utf8)[...]
    var bytes: [UInt8] = []
    while let place = rest.firstIndex(of: backslash) {
      bytes += rest[..<place]
      rest = rest[(place + 1)...]
      switch rest.first {
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
      case backslash: bytes.append(backslash)
      default:
        bytes.append(backslash)
        continue
      }
      rest = rest.dropFirst()
    }
    return String(decoding: bytes + rest, as: UTF8.self)
  }
}
