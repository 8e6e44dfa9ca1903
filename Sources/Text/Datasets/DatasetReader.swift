import Files

/// What is common to all formats: a file's name for errors, and its texts and labels so far.
struct DatasetReader {
  /// A label as the file writes it, and where it does so first.
  struct Label {
    let text: String
    let line: Int
    let file: String
  }

  let path: String
  let options: DatasetOptions
  /// Each label once.
  private(set) var labels: [Label] = []
  /// Texts, each with the place of its label in `labels`.
  private var examples: [Example] = []
  private var places: [[UInt8]: Int] = [:]

  init(path: String, options: DatasetOptions) {
    self.path = path
    self.options = options
  }

  mutating func read(_ format: DatasetOptions.Format) throws(InputError) {
    switch format {
    case .folders:
      try readFolders()
    case .tabs:
      try readTabs(TextFile.contents(of: path))
    case .commas:
      try readCommas(TextFile.contents(of: path))
    case .polarity:
      guard options.labels.names.count == 2 else {
        throw InputError(
          .usage, file: path, problem: "has two labels and \(options.labels.names.count) are named",
          remedy: "name two or none")
      }
      try readPolarity(TextFile.contents(of: path))
    case .jsonLines:
      try readJSONLines(TextFile.contents(of: path))
    }
    guard !examples.isEmpty else {
      throw InputError(file: path, problem: "has no examples", remedy: "check how it was made")
    }
  }

  func error(
    _ line: Int, _ problem: String, remedy: String, file: String? = nil
  ) -> InputError {
    InputError(file: file ?? path, place: .line(line), problem: problem, remedy: remedy)
  }

  /// Adds a text with its label as the file writes it; nil and blank are no label.
  mutating func append(
    _ text: String, label: String?, line: Int, file: String? = nil
  ) throws(InputError) {
    let label = label?.withoutOuterBlanks ?? ""
    if label.isEmpty && options.requiresLabels {
      throw error(
        line, "has no label", remedy: "add one (\(options.labels.expectation)) or drop the row",
        file: file)
    }
    examples.append(
      Example(text: text, label: label.isEmpty ? nil : place(of: label, line: line, file: file)))
  }

  private mutating func place(of label: String, line: Int, file: String?) -> Int {
    // A string's own hash would make one of canonically equal labels.
    let bytes = Array(label.utf8)
    if let place = places[bytes] { return place }
    places[bytes] = labels.count
    labels.append(Label(text: label, line: line, file: file ?? path))
    return labels.count - 1
  }

  /// The texts, each with the index of its class.
  func examples(_ names: LabelNames) -> [Example] {
    let indices = labels.map { names.index(of: $0.text) }
    return examples.map { Example(text: $0.text, label: $0.label.flatMap { indices[$0] }) }
  }

  /// What is wrong with the labels of a run. One that is no class is named before those that could
  /// be two: whoever mends it may settle them.
  static func firstError(in labels: [Label], _ names: LabelNames) -> InputError? {
    let unread = labels.filter { names.index(of: $0.text) == nil }
    guard let label = unread.first(where: { !names.isAmbiguous($0.text) }) ?? unread.first
    else { return nil }
    let (problem, remedy) = names.complaint(about: label.text, among: labels.map(\.text))
    return InputError(
      file: label.file, place: .line(label.line), problem: problem, remedy: remedy)
  }
}
