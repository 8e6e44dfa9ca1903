internal import Files

extension Grid {
  /// The grid as aligned lines for a terminal.
  public func terminalText() -> String {
    let lines = sections.flatMap(\.rows).map { $0.map(Terminal.sanitized) }
    let widths = columns.indices.map { column in
      ([columns[column].title] + lines.map { $0[column] }).map(\.count).max() ?? 0
    }
    func aligned(_ cells: [String]) -> String {
      let padded = zip(zip(cells, widths), columns).map { item, column in
        let (cell, width) = item
        let blanks = String(repeating: " ", count: width - cell.count)
        return column.isNumeric ? blanks + cell : cell + blanks
      }
      var line = padded.joined(separator: "  ")
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      return line
    }
    var text = aligned(columns.map(\.title)) + "\n"
    text += String(repeating: "─", count: widths.reduce(2 * (widths.count - 1), +)) + "\n"
    for (index, section) in sections.enumerated() {
      if !section.title.isEmpty {
        text += (index == 0 ? "" : "\n") + Terminal.sanitized(section.title) + "\n"
      }
      for row in section.rows { text += aligned(row.map(Terminal.sanitized)) + "\n" }
      if !section.note.isEmpty { text += Terminal.sanitized(section.note) + "\n" }
    }
    return text
  }

  /// The grid as GitHub Markdown, a table a section.
  public var markdown: String {
    let names = columns.map { " \(Self.markdownText($0.title)) " }.joined(separator: "|")
    let rules = columns.map { $0.isNumeric ? "---:" : "---" }.joined(separator: "|")
    return sections.map { section in
      var text = section.title.isEmpty ? "" : "### \(Self.markdownText(section.title))\n\n"
      text += "|\(names)|\n|\(rules)|\n"
      for row in section.rows {
        text += "|" + row.map { " \(Self.markdownText($0)) " }.joined(separator: "|") + "|\n"
      }
      if !section.note.isEmpty { text += "\n\(Self.markdownText(section.note))\n" }
      return text
    }.joined(separator: "\n")
  }

  /// One line, with everything escaped that Markdown or HTML would act on.
  static func markdownText(_ text: String) -> String {
    var result = ""
    for scalar in Terminal.sanitized(text).unicodeScalars {
      switch scalar {
      case "|", "\\", "`", "*", "_", "[", "]", "#": result += "\\\(scalar)"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
