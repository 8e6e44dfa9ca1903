import Files

/// What the `README.md` of a model directory says: what was done, on which data, how it turned out.
///
/// Texts may come from an attacker's files; they are escaped where they are rendered.
public struct ModelCard: Sendable {
  /// The first sentence: what this model is.
  public var summary: String
  /// What the reader must know before using it, such as that it carries a backdoor.
  public var warning: String?
  /// The method and its settings, in order.
  public var method: [(name: String, value: String)]
  /// The data that it was trained and judged on, one sentence each.
  public var data: [String]
  /// What was measured, in order.
  public var metrics: [(name: String, value: String)]
  /// What was measured, for programs.
  public var results: [Result] = []
  /// What it cannot do or was not tested for, one sentence each.
  public var limits: [String]

  /// A result as the hub's `model-index` has it.
  public struct Result: Sendable {
    /// Such as `accuracy`.
    public var type: String
    /// The name of the file of texts.
    public var texts: String
    /// From 0 to 1.
    public var value: Double

    /// A result by its parts.
    public init(_ type: String, on texts: String, _ value: Double) {
      self.type = type
      self.texts = texts
      self.value = value
    }
  }

  /// A card from its parts.
  public init(
    summary: String, warning: String? = nil, method: [(name: String, value: String)] = [],
    data: [String] = [], metrics: [(name: String, value: String)] = [], limits: [String] = []
  ) {
    self.summary = summary
    self.warning = warning
    self.method = method
    self.data = data
    self.metrics = metrics
    self.limits = limits
  }

  /// The whole `README.md` for a checkpoint.
  func text(for checkpoint: ModelCheckpoint, weights: WeightType) -> String {
    var lines = head(checkpoint)
    lines += ["", "# \(Markdown.escaped(summary))"]
    if let warning { lines += ["", "> **Warning.** \(Markdown.escaped(warning))"] }
    lines += table("What was done", method)
    lines += heads(checkpoint)
    lines += list("Data", data)
    lines += table("Measured", metrics)
    lines += list("Limits", limits)
    lines += ["", "Weights are stored as \(weights.torchName)."]
    return lines.joined(separator: "\n") + "\n"
  }

  private func head(_ checkpoint: ModelCheckpoint) -> [String] {
    var lines = ["---", "library_name: transformers"]
    // An encoder alone classifies nothing.
    if checkpoint.classifierKind != nil { lines.append("pipeline_tag: text-classification") }
    // No licence is better than an invented one.
    if let license = checkpoint.license { lines.append("license: \(Self.scalar(license))") }
    if let base = checkpoint.sourceConfiguration["_name_or_path"]?.string,
      SourceCard.isHubIdentifier(base)
    {
      lines += ["base_model: \(Self.scalar(base))", "base_model_relation: finetune"]
    }
    return lines + ["tags:", "- pure"] + index + ["---"]
  }

  /// A name as YAML reads it back: some words, and what begins like a number, need quotes.
  private static func scalar(_ name: String) -> String {
    let words = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
    let isPlain =
      name.utf8.first.map { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) } ?? false
    return isPlain && !words.contains(name.lowercased()) ? name : JSONValue.string(name).text()
  }

  /// JSON's strings are YAML's.
  private var index: [String] {
    guard !results.isEmpty else { return [] }
    func quoted(_ text: String) -> String { JSONValue.string(Terminal.sanitized(text)).text() }
    return ["model-index:", "- name: \(quoted(summary))", "  results:"]
      + results.flatMap { result in
        [
          "  - task:", "      type: text-classification", "    dataset:",
          "      name: \(quoted(result.texts))", "      type: local", "    metrics:",
          "    - type: \(quoted(result.type))", "      value: \(result.value)",
        ]
      }
  }

  private func heads(_ checkpoint: ModelCheckpoint) -> [String] {
    let pruned = checkpoint.prunedHeads.enumerated().filter { !$0.element.isEmpty }
    guard !pruned.isEmpty else { return ["", "No attention head is pruned."] }
    let count = pruned.reduce(0) { $0 + $1.element.count }
    let total = checkpoint.configuration.layerCount * checkpoint.configuration.headCount
    return [
      "", "## Pruned heads", "",
      "\(count) of \(total) attention heads are pruned. Their query, key and value rows and their "
        + "columns of the output projection are zeros, so the directory loads everywhere; it is "
        + "neither smaller nor faster for it. Layers and heads are counted from 1 here and from 0 in "
        + "config.json.", "",
    ]
      + pruned.map { layer, heads in
        "- layer \(layer + 1): \(heads.map { String($0 + 1) }.joined(separator: ", "))"
      }
  }

  private func table(_ title: String, _ rows: [(name: String, value: String)]) -> [String] {
    guard !rows.isEmpty else { return [] }
    return ["", "## \(title)", "", "| | |", "|---|---|"]
      + rows.map { "| \(Markdown.escaped($0.name)) | \(Markdown.escaped($0.value)) |" }
  }

  private func list(_ title: String, _ items: [String]) -> [String] {
    guard !items.isEmpty else { return [] }
    return ["", "## \(title)", ""] + items.map { "- \(Markdown.escaped($0))" }
  }
}

/// Text from outside as Markdown that shows it and does nothing else.
enum Markdown {
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in Terminal.sanitized(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "!", "$":
        result.unicodeScalars.append(contentsOf: ["\\", scalar])
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

/// What is carried over from the card of the source.
struct SourceCard {
  private(set) var license: String?

  init(_ directory: String) {
    guard
      let bytes = try? ByteFile.contents(
        of: Path.join(directory, DirectoryLayout.card), limit: 1 << 22)
    else { return }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self) }
    guard lines.first == "---" else { return }
    for line in lines.dropFirst().prefix(while: { $0 != "---" }) where line.hasPrefix("license:") {
      var value = line.dropFirst("license:".count).drop(while: { $0 == " " })
      if value.count > 1, value.first == "\"", value.last == "\"" {
        value = value.dropFirst().dropLast()
      }
      if PlainName.holds(String(value)) { license = String(value) }
    }
  }

  /// `name` or `owner/name`, as on the hub; a path on somebody's disk is none.
  static func isHubIdentifier(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return parts.count <= 2 && parts.allSatisfy { PlainName.holds($0) && !$0.hasPrefix(".") }
  }
}
