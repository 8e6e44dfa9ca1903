public import Files

extension Dataset {
  /// Reads a file or folder of texts.
  ///
  /// - Throws: `InputError` that names file, line and remedy: a file that is missing, empty, not
  ///   valid UTF-8 or has a NUL in it, a header without the columns, a row without label or with an
  ///   unknown one.
  public static func load(
    _ path: String, options: DatasetOptions = DatasetOptions()
  ) throws(InputError) -> Dataset {
    try load([path], options: options)[0]
  }

  /// Reads all files of a run, each as `load` reads one: what the numbers among their labels mean
  /// is decided by all of them (`LabelNames`).
  public static func load(
    _ paths: [String], options: DatasetOptions = DatasetOptions()
  ) throws(InputError) -> [Dataset] {
    var readers: [DatasetReader] = []
    for path in paths {
      var reader = DatasetReader(path: path, options: options)
      try reader.read(format(of: path, options))
      readers.append(reader)
    }
    let labels = readers.flatMap(\.labels)
    let spellings = (options.format == .polarity ? .polarity : options.labels)
      .settled(by: labels.map(\.text))
    if let error = DatasetReader.firstError(in: labels, spellings) { throw error }
    var names = options.labels
    names.firstNumber = spellings.firstNumber
    return readers.map { reader in
      Dataset(examples: reader.examples(spellings), labels: names, source: reader.path)
    }
  }

  private static func format(
    of path: String, _ options: DatasetOptions
  ) throws(InputError) -> DatasetOptions.Format {
    if let format = options.format { return format }
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
