public import Files
internal import Stages
internal import Tensors

/// A Markdown file of which a person writes the text and a program some blocks, which it can write
/// anew:
///
///     <!-- pure: table-1 -->
///     whatever stands here is replaced
///     <!-- pure -->
public enum MarkedBlocks {
  private static let (beginning, ending, end) = ("<!-- pure: ", " -->", "<!-- pure -->")

  /// The text with every block written anew.
  ///
  /// - Parameters:
  ///   - file: for errors.
  ///   - content: of a block, by its name; nil for a name that there is not.
  /// - Throws: `InputError` for a block of an unknown name or without end, or no block at all.
  static func replaced(
    in text: String, file: String, with content: (String) -> String?
  ) throws(InputError) -> String {
    var lines: [String] = []
    var open: (name: String, line: Int)?
    var count = 0
    var fence = CodeFence()
    func error(_ line: Int, _ problem: String, _ remedy: String) -> InputError {
      InputError(file: file, place: .line(line), problem: problem, remedy: remedy)
    }
    let all = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, bytes) in all.enumerated() {
      let whole = String(decoding: bytes, as: UTF8.self)
      // Lines may end as on Windows.
      let line = whole.last == "\r" ? String(whole.dropLast()) : whole
      if open == nil, fence.encloses(line) {
        lines.append(whole)
      } else if let name = name(in: line) {
        if let open { throw unclosed(open, file) }
        guard let content = content(name) else {
          throw error(index + 1, "names \"\(name)\", which the plan does not show", "correct it")
        }
        lines += [whole, "", content, ""]
        open = (name, index + 1)
        count += 1
      } else if line == end {
        guard open != nil else {
          throw error(index + 1, "ends a block that does not begin", "remove the line")
        }
        open = nil
        lines.append(whole)
      } else if open == nil {
        lines.append(whole)
      }
    }
    if let open { throw unclosed(open, file) }
    guard count > 0 else {
      throw InputError(
        file: file, problem: "has no block to write",
        remedy: "put the lines \(beginning)NAME\(ending) and \(end) where one belongs")
    }
    return lines.joined(separator: "\n")
  }

  private static func name(in line: String) -> String? {
    guard line.hasPrefix(beginning), line.hasSuffix(ending) else { return nil }
    return String(line.dropFirst(beginning.count).dropLast(ending.count))
  }

  private static func unclosed(_ open: (name: String, line: Int), _ file: String) -> InputError {
    InputError(
      file: file, place: .line(open.line), problem: "begins the block \"\(open.name)\" without end",
      remedy: "end it with the line \(end)")
  }
}

/// Where a Markdown text shows what it does not mean: between lines of three or more backquotes or
/// tildes (CommonMark, section 4.5).
private struct CodeFence {
  private var open: Substring?

  /// Whether the next line of the text is one of those, the fences among them.
  mutating func encloses(_ line: String) -> Bool {
    let indented = line.prefix { $0 == " " }
    let rest = line.dropFirst(indented.count)
    let marks = rest.prefix { $0 == rest.first }
    guard let fence = open else {
      if indented.count < 4, marks.count >= 3, marks.first == "`" || marks.first == "~" {
        open = marks
      }
      return open != nil
    }
    let isBare = rest.dropFirst(marks.count).allSatisfy { $0 == " " }
    if marks.first == fence.first, marks.count >= fence.count, isBare { open = nil }
    return true
  }
}

extension SweepReport {
  /// A Markdown file with its marked blocks written anew: each table and figure of the plan by its
  /// identifier, as far as it was measured, and `runs`, which says what there are records of.
  ///
  /// - Throws: `InputError` for a block that there is not.
  public func blocks(in text: String, file: String) throws(InputError) -> String {
    try MarkedBlocks.replaced(in: text, file: file) { name in
      if name == "runs" { return Grid.markdownText(runs).wrapped }
      if let table = tables.first(where: { $0.table.id == name }) {
        return
          ([table.measured.grid.markdown] + table.findings.map { Grid.markdownText($0) + "\n" })
          .joined(separator: "\n").trimmed.wrapped
      }
      return figures.first { $0.heading.id == name }?.markdown.trimmed.wrapped
    }
  }

  /// Which runs, of which versions, where and when.
  private var runs: String {
    let records = table.rows.flatMap(\.entries).flatMap(\.records).filter(\.isFinished)
    let dates = records.map { String($0.date.prefix(10)) }.sorted()
    guard let first = dates.first, let last = dates.last else { return "No run is finished." }
    let seeds = Set(records.map(\.seed)).sorted().map(String.init)
    let places = records.map(\.environment).map { place in
      "\(place.device), \(place.precision.rawValue), pure \(place.version)"
    }.distinct
    return subtitle + " Records of " + (seeds.count == 1 ? "seed " : "seeds ")
      + "\(seeds.joined(separator: ", ")), \(first == last ? first : "\(first) to \(last)"), on "
      + places.joined(separator: "; ") + "."
  }
}

extension String {
  /// Without line ends at the end.
  fileprivate var trimmed: String {
    var text = self
    while text.utf8.last == UInt8(ascii: "\n") { text.removeLast() }
    return text
  }

  /// With paragraphs in lines of 100 columns: whoever keeps the file looks at its differences. A
  /// line begins with a letter, so that none turns into something else than text.
  fileprivate var wrapped: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      guard line.count > 100, line.first != "|", line.first != "#", line.first != "<" else {
        return String(line)
      }
      var (text, width) = ("", 0)
      for word in line.split(separator: " ", omittingEmptySubsequences: false) {
        let breaks = width + 1 + word.count > 100 && word.first?.isLetter == true
        if !text.isEmpty { text += breaks ? "\n" : " " }
        text += word
        width = breaks ? word.count : width + 1 + word.count
      }
      return text
    }.joined(separator: "\n")
  }
}
