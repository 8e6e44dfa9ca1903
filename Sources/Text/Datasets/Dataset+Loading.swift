public import Files

extension Dataset {
  /// Reads a file or folder of texts.
  ///
  /// - Throws: `InputError` that names file, line and remedy: a file that is missing, empty, not valid
  ///   UTF-8 or has a NUL in it, a header without the columns, a row without label or with an unknown one.
  public static func load(
    _ path: String, options: DatasetOptions = DatasetOptions()
  ) throws(InputError) -> Dataset {
    var reader = DatasetReader(path: path, options: options)
    let format = if let format = options.format { format } else { try format(of: path) }
    switch format {
    case .folders:
      try reader.readFolders()
    case .tabs:
      try reader.readTabs(TextFile.contents(of: path))
    case .commas:
      try reader.readCommas(TextFile.contents(of: path))
    case .polarity:
      guard options.labels.names.count == 2 else {
        throw InputError(
          .usage, file: path, problem: "has two labels and \(options.labels.names.count) are named",
          remedy: "name two or none")
      }
      reader.spellings = .polarity
      try reader.readPolarity(TextFile.contents(of: path))
    case .jsonLines:
      try reader.readJSONLines(TextFile.contents(of: path))
    }
    guard !reader.examples.isEmpty else {
      throw InputError(file: path, problem: "has no examples", remedy: "check how it was made")
    }
    return Dataset(examples: reader.examples, labels: options.labels, source: path)
  }

  private static func format(of path: String) throws(InputError) -> DatasetOptions.Format {
    if Path.isDirectory(path) { return .folders }
    let name = Path.name(of: path).lowercased()
    if name.hasSuffix(".tsv") { return .tabs }
    if name.hasSuffix(".csv") { return .commas }
    if name.hasSuffix(".jsonl") || name.hasSuffix(".json") { return .jsonLines }
    guard Path.exists(path) else {
      throw InputError(file: path, problem: "does not exist", remedy: "check the path")
    }
    throw InputError(
      .usage, file: path, problem: "has a name that does not tell its format",
      remedy: "let it end in .tsv, .csv or .jsonl, or name the format")
  }
}

/// What is common to all formats: a file's name for errors, labels, and the examples so far.
struct DatasetReader {
  let path: String
  let options: DatasetOptions
  /// How this file writes the labels of `options`.
  var spellings: LabelNames
  var examples: [Example] = []

  init(path: String, options: DatasetOptions) {
    self.path = path
    self.options = options
    spellings = options.labels
  }

  func error(
    _ line: Int, _ problem: String, remedy: String, file: String? = nil
  ) -> InputError {
    InputError(file: file ?? path, place: .line(line), problem: problem, remedy: remedy)
  }

  /// Adds an example with its label as the file writes it; nil and blank are no label.
  mutating func append(
    _ text: String, label: String?, line: Int, file: String? = nil
  ) throws(InputError) {
    if text.utf8.contains(0) {
      throw error(line, "holds a NUL character", remedy: "remove it", file: file)
    }
    var index: Int?
    if let label, !label.isEmpty {
      index = spellings.index(of: label)
      if index == nil {
        throw error(
          line, "has the unknown label \"\(Terminal.abbreviated(label))\"",
          remedy: "write \(spellings.list), or name the labels", file: file)
      }
    } else if options.requiresLabels {
      throw error(
        line, "has no label", remedy: "add one (\(spellings.list)) or drop the row", file: file)
    }
    examples.append(Example(text: text, label: index))
  }
}

/// Files of text: checked as a whole before anything is taken from them.
enum TextFile {
  /// The bytes of a file without byte order mark; valid UTF-8 without NUL, and not empty.
  static func contents(of path: String, mayBeEmpty: Bool = false) throws(InputError) -> [UInt8] {
    var bytes =
      mayBeEmpty ? try ByteFile.contents(of: path) : try ByteFile.nonEmptyContents(of: path)
    let invalid = UTF8Validation.firstInvalidByte(in: bytes)
    let null = bytes.firstIndex(of: 0)
    if let offset = invalid.map({ min($0, null ?? $0) }) ?? null {
      let line = 1 + bytes[..<offset].count { $0 == 0x0A }
      let problem =
        offset == null
        ? "holds a NUL byte at offset \(offset)" : "is not valid UTF-8 at byte \(offset)"
      throw InputError(
        file: path, place: .line(line), problem: problem,
        remedy: offset == null ? "remove it" : "convert the file to UTF-8")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    return bytes
  }
}
