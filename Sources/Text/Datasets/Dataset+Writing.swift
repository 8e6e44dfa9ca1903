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
    guard let rows = WrittenRows(self, named: Path.name(of: path).lowercased()) else {
      throw InputError(
        .usage, file: path, problem: "has a name that does not tell its format",
        remedy: "let it end in .tsv, .csv or .jsonl")
    }
    let file = try AtomicFile(path)
    var bytes = rows.header
    for (index, example) in examples.enumerated() {
      guard rows.append(example, to: &bytes) else {
        throw InputError(
          file: path, place: .line(index + 2), problem: "would hold a tab or line end in a text",
          remedy: "write a .csv or .jsonl")
      }
      // A large data set does not lie in memory twice.
      if bytes.count > 1 << 20 {
        try file.write(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try file.write(bytes)
    try file.commit()
  }

  /// Whether lines with tabs between fields give every text back as it is.
  public var fitsTabs: Bool {
    examples.allSatisfy { example in
      let bytes = example.text.utf8
      return bytes.first != 0x20 && bytes.last != 0x20 && !bytes.contains(where: endsField)
    }
  }

  /// The same texts with each run of blanks, tabs and line ends as one blank, and none at the ends.
  public var flattened: Dataset {
    var data = self
    for index in examples.indices {
      let words = examples[index].text.utf8.split { $0 == 0x20 || endsField($0) }
      data.examples[index].text = String(
        decoding: Array(words.joined(separator: [0x20])), as: UTF8.self)
    }
    return data
  }
}

private func isBlank(_ text: String) -> Bool {
  text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
}

private func endsField(_ byte: UInt8) -> Bool { byte == 0x09 || byte == 0x0A || byte == 0x0D }

/// A data set as rows of one format.
private struct WrittenRows {
  private enum Format { case tabs, commas, lines }

  private let format: Format
  private let labels: LabelNames
  private let isLabelled: Bool

  /// Nil where the name of the file tells no format.
  init?(_ data: Dataset, named name: String) {
    let formats: [(String, Format)] = [(".tsv", .tabs), (".csv", .commas), (".jsonl", .lines)]
    guard let format = formats.first(where: { name.hasSuffix($0.0) })?.1 else { return nil }
    self.format = format
    labels = data.labels
    isLabelled = data.examples.contains {
      // A line without a tab would be passed over where its text is blank.
      $0.label != nil || format == .tabs && isBlank($0.text)
    }
  }

  var header: [UInt8] {
    switch format {
    case .tabs: Array((isLabelled ? "sentence\tlabel\n" : "sentence\n").utf8)
    case .commas: Array((isLabelled ? "label,text\n" : "text\n").utf8)
    case .lines: []
    }
  }

  /// False where the row does not fit the format.
  func append(_ example: Example, to bytes: inout [UInt8]) -> Bool {
    let label = example.label.map(labels.spelling)
    switch format {
    case .tabs:
      let fields = isLabelled ? [example.text, label ?? ""] : [example.text]
      guard !fields.contains(where: { $0.utf8.contains(where: endsField) }) else { return false }
      bytes += fields.joined(separator: "\t").utf8
    case .commas:
      if isLabelled {
        Self.append(field: label ?? "", to: &bytes)
        bytes.append(UInt8(ascii: ","))
      }
      Self.append(field: example.text, to: &bytes)
    case .lines:
      var members = [("text", JSONValue.string(example.text))]
      if let label { members.insert(("label", .string(label)), at: 0) }
      bytes += JSONValue.object(JSONObject(members)).serialized()
    }
    bytes.append(0x0A)
    return true
  }

  /// A field of RFC 4180; a blank one in quotes, so that a line is never blank.
  private static func append(field: String, to bytes: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let isPlain = !field.utf8.contains { [quote, UInt8(ascii: ","), 0x0A, 0x0D].contains($0) }
    guard !isPlain || isBlank(field) else {
      bytes += field.utf8
      return
    }
    bytes.append(quote)
    for byte in field.utf8 {
      if byte == quote { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }
}
