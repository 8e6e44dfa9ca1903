public import Files

/// Texts as a plan or a command names them: where they are, how they are read, and which part of
/// them is meant.
public struct TextSource: Hashable, Sendable {
  /// A file or folder.
  public var path: String
  /// The layout; nil to go by the name.
  public var format: DatasetOptions.Format?
  /// The column of the texts; nil to look for the usual names.
  public var textColumn: String?
  /// The column of the labels; nil to look for the usual names.
  public var labelColumn: String?
  /// Names of the classes in order; nil for negative and positive.
  public var labels: [String]?
  /// The number of the first class in files that count classes; nil to go by the file.
  public var firstLabel: Int?
  /// Which of them are meant; nil for all.
  public var part: Part?

  /// All texts of a file, read by its name and header.
  public init(_ path: String) { self.path = path }

  /// Reads the texts.
  ///
  /// - Parameter textColumnOption: what names the column of the texts, for errors.
  /// - Throws: see `Dataset.load`; also where a part of them has no text.
  public func load(
    requiresLabels: Bool = true, textColumnOption: String = "--text-column"
  ) throws(InputError) -> Dataset {
    var options = DatasetOptions(
      format: format, textColumn: textColumn, labelColumn: labelColumn, labels: labelNames,
      requiresLabels: requiresLabels)
    options.textColumnOption = textColumnOption
    let all = try Dataset.load(path, options: options)
    return try part?.texts(of: all) ?? all
  }

  /// The classes.
  public var labelNames: LabelNames {
    var names =
      labels.map { $0 == LabelNames.sentiment.names ? .sentiment : LabelNames($0) }
      ?? .sentiment
    if let firstLabel { names.firstNumber = firstLabel }
    return names
  }

  /// A hash of what `load` gives, as far as files and these settings decide it; where they are does
  /// not count.
  public func contentHash() throws(InputError) -> String {
    let content = try Dataset.contentHash(of: path)
    var reading = JSONObject(Array(members.dropFirst()))
    // A file that is read by its name and header is its content.
    if reading.members.isEmpty { return content }
    reading["content"] = .string(content)
    return SHA256.hex(of: JSONValue.object(reading).serialized(.canonical))
  }
}

/// As a plan writes them: a path, or an object.
extension TextSource {
  /// The keys of the object.
  public static let keys = [
    "path", "format", "textColumn", "labelColumn", "labels", "firstLabel", "part",
  ]

  /// Reads a path, or an object of `keys`.
  ///
  /// - Parameter resolve: what a path stands for.
  public init(
    _ node: JSONNode, resolve: (JSONNode) throws(InputError) -> String
  ) throws(InputError) {
    guard node.value.object != nil else {
      self.init(try resolve(node))
      return
    }
    try node.requireKeys(among: Self.keys)
    self.init(try resolve(node.required("path")))
    try readOptions(node)
    part = try node.optional("part").map { node throws(InputError) in try Part(named: node) }
  }

  /// Reads what `json` wrote.
  public init(_ node: JSONNode) throws(InputError) {
    self.init(try node.required("path").string())
    try readOptions(node)
    part = try node.optional("part").map { node throws(InputError) in try Part(node) }
  }

  /// As JSON; what is left open is left out.
  public var json: JSONValue { .object(JSONObject(members)) }

  private var members: [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [("path", .string(path))]
    if let format { members.append(("format", .string(format.rawValue))) }
    if let textColumn { members.append(("textColumn", .string(textColumn))) }
    if let labelColumn { members.append(("labelColumn", .string(labelColumn))) }
    if let labels { members.append(("labels", .array(labels.map(JSONValue.string)))) }
    if let firstLabel { members.append(("firstLabel", .int(firstLabel))) }
    if let part { members.append(("part", part.json)) }
    return members
  }

  private mutating func readOptions(_ node: JSONNode) throws(InputError) {
    format = try node.optional("format")?.name()
    textColumn = try node.optional("textColumn")?.string()
    labelColumn = try node.optional("labelColumn")?.string()
    firstLabel = try node.optional("firstLabel")?.int(in: 0...1)
    guard let names = try node.optional("labels") else { return }
    let labels = try names.texts()
    guard labels.count >= 2, Set(labels).count == labels.count else {
      throw names.error(
        "names \(Set(labels).count) different classes", remedy: "name two or more, each once")
    }
    self.labels = labels
    if let node = try node.optional("firstLabel"), !labelNames.mayBeCounted {
      throw node.error(
        "means nothing where names of classes are numbers or truth values", remedy: "leave it out")
    }
  }
}
