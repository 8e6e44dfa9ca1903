import Files

extension DatasetReader {
  /// Tab-separated fields under a header line, in any order of columns. There is no quoting: a lone
  /// quote is data. Blanks around a tab and a carriage return before the line end are not. Blank
  /// lines are passed over.
  mutating func readTabs(_ bytes: [UInt8]) throws(InputError) {
    var columns: ColumnMap?
    var number = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      var content = line
      if content.last == 0x0D { content.removeLast() }
      // A line with a tab in it has fields, if empty ones.
      if content.allSatisfy({ $0 == 0x20 }) { continue }
      let fields = content.split(separator: 0x09, omittingEmptySubsequences: false).map(trimmed)
      guard let columns else {
        columns = try ColumnMap(header: fields, reader: self, line: number)
        continue
      }
      let row = try columns.values(in: fields, reader: self, line: number)
      try append(row.text, label: row.label, line: number)
    }
  }

  private func trimmed(_ field: ArraySlice<UInt8>) -> String {
    var field = field
    while field.first == 0x20 { field.removeFirst() }
    while field.last == 0x20 { field.removeLast() }
    return String(decoding: field, as: UTF8.self)
  }
}

/// Which field of a row is the text and which the label.
struct ColumnMap {
  private let text: Int
  private let label: Int?
  private let count: Int

  static let textNames = ["sentence", "sentences", "text", "review", "content", "review_body"]
  static let labelNames = ["label", "labels", "sentiment", "polarity", "class"]

  init(header: [String], reader: DatasetReader, line: Int) throws(InputError) {
    let options = reader.options
    count = header.count
    text = try Self.find(
      options.textColumn, Self.textNames, header, reader, line, option: options.textColumnOption,
      "texts")
    let isOptional = options.labelColumn == nil && !options.requiresLabels
    label =
      isOptional && !header.contains { Self.labelNames.contains($0.lowercased()) }
      ? nil
      : try Self.find(
        options.labelColumn, Self.labelNames, header, reader, line, option: "--label-column",
        "labels")
  }

  private static func find(
    _ wanted: String?, _ usual: [String], _ header: [String], _ reader: DatasetReader, _ line: Int,
    option: String, _ what: String
  ) throws(InputError) -> Int {
    for name in wanted.map({ [$0] }) ?? usual {
      let matches = header.indices.filter {
        wanted == nil ? header[$0].lowercased() == name : header[$0] == name
      }
      if matches.count > 1 {
        throw reader.error(
          line, "names the column \"\(name)\" twice", remedy: "give each column its own name")
      }
      if let index = matches.first { return index }
    }
    let names = header.map { "\"\(Terminal.abbreviated($0))\"" }.joined(separator: ", ")
    throw reader.error(
      line, "is a header without a column of \(what) (\(names))",
      remedy: "name the column with \(option)")
  }

  func values(
    in fields: [String], reader: DatasetReader, line: Int
  ) throws(InputError) -> (text: String, label: String?) {
    guard fields.count <= count else {
      throw reader.error(
        line, "has \(fields.count) fields where the header has \(count)",
        remedy: "quote the separators in it or take them out")
    }
    guard text < fields.count else {
      throw reader.error(line, "has no text", remedy: "add one or drop the row")
    }
    return (fields[text], label.flatMap { $0 < fields.count ? fields[$0] : nil })
  }
}
