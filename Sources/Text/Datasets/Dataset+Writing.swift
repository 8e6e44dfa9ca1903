public import Files

extension Dataset {
  /// Writes the examples so that `load` gives the same back: `.tsv`, `.csv` or `.jsonl` by name.
  ///
  /// Columns are `sentence` and `label` between tabs, `label` and `text` elsewhere; the label is
  /// left out where no example has one and no line would be blank. Blanks at the ends of a text do
  /// not survive a `.tsv`.
  ///
  /// - Throws: `InputError` if the name tells no format, a text does not fit it (a tab or line end
  ///   in a `.tsv`) or the disk refuses; no part of a file is left behind.
  public func write(to path: String) throws(InputError) {
    let name = Path.name(of: path).lowercased()
    if name.hasSuffix(".tsv") {
      try AtomicFile.write(tabSeparated(for: path), to: path)
    } else if name.hasSuffix(".csv") {
      try AtomicFile.write(commaSeparated(), to: path)
    } else if name.hasSuffix(".jsonl") {
      try AtomicFile.write(jsonLines(), to: path)
    } else {
      throw InputError(
        .usage, file: path, problem: "has a name that does not tell its format",
        remedy: "let it end in .tsv, .csv or .jsonl")
    }
  }

  private var isLabelled: Bool { examples.contains { $0.label != nil } }

  private func spelling(of example: Example) -> String {
    example.label.map(labels.spelling) ?? ""
  }

  private func tabSeparated(for path: String) throws(InputError) -> [UInt8] {
    // A line without a tab would be passed over where its text is blank.
    let isLabelled = isLabelled || examples.contains { isBlank($0.text) }
    var bytes = Array((isLabelled ? "sentence\tlabel\n" : "sentence\n").utf8)
    for (index, example) in examples.enumerated() {
      let label = spelling(of: example)
      if (example.text + label).utf8.contains(where: { [0x09, 0x0A, 0x0D].contains($0) }) {
        throw InputError(
          file: path, place: .line(index + 2), problem: "would hold a tab or line end in a text",
          remedy: "write a .csv or .jsonl")
      }
      bytes += example.text.utf8
      if isLabelled { bytes += "\t\(label)".utf8 }
      bytes.append(0x0A)
    }
    return bytes
  }

  private func commaSeparated() -> [UInt8] {
    let isLabelled = isLabelled
    var bytes = Array((isLabelled ? "label,text\n" : "text\n").utf8)
    for example in examples {
      if isLabelled { bytes += quoted(spelling(of: example)) + [UInt8(ascii: ",")] }
      bytes += quoted(example.text) + [0x0A]
    }
    return bytes
  }

  private func isBlank(_ text: String) -> Bool { text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

  /// A field of RFC 4180; a blank one in quotes, so that a line is never blank.
  private func quoted(_ field: String) -> [UInt8] {
    let special = Set(",\"\r\n".utf8)
    guard isBlank(field) || field.utf8.contains(where: special.contains) else {
      return Array(field.utf8)
    }
    var bytes = [UInt8(ascii: "\"")]
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    return bytes + [UInt8(ascii: "\"")]
  }

  private func jsonLines() -> [UInt8] {
    examples.flatMap { example in
      var members: [(String, JSONValue)] = [("text", .string(example.text))]
      if let label = example.label {
        members.insert(("label", .string(labels.spelling(of: label))), at: 0)
      }
      return JSONValue.object(JSONObject(members)).serialized() + [0x0A]
    }
  }
}
