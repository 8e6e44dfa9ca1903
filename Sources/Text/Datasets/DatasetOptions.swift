/// How a file of texts is to be read, where its name and header do not say enough.
public struct DatasetOptions: Sendable {
  /// The layout of a file or folder.
  public enum Format: String, Sendable, CaseIterable {
    /// A header line, fields between tabs, no quoting (GLUE).
    case tabs = "tsv"
    /// A header line, fields between commas, quoted as in RFC 4180.
    case commas = "csv"
    /// One JSON object a line.
    case jsonLines = "jsonl"
    /// Folders `neg` and `pos` with one text a file (aclImdb).
    case folders = "folders"
    /// Quoted fields without header, `"1"` or `"2"` and the text, line ends as `\n` (Yelp polarity).
    case polarity = "polarity"
  }

  /// The layout; nil to go by the name: a directory, `.tsv`, `.csv`, `.jsonl` or `.json`.
  public var format: Format?
  /// The column of the texts; nil to look for the usual names (`sentence`, `text`, `review`, …).
  public var textColumn: String?
  /// The option that names that column, for errors.
  public var textColumnOption = "--text-column"
  /// The column of the labels; nil to look for the usual names (`label`, `labels`, …).
  public var labelColumn: String?
  /// What labels there are.
  public var labels: LabelNames
  /// Whether every example must have a label.
  public var requiresLabels: Bool

  /// Options with the defaults of a labelled sentiment data set.
  public init(
    format: Format? = nil, textColumn: String? = nil, labelColumn: String? = nil,
    labels: LabelNames = .sentiment, requiresLabels: Bool = true
  ) {
    self.format = format
    self.textColumn = textColumn
    self.labelColumn = labelColumn
    self.labels = labels
    self.requiresLabels = requiresLabels
  }
}
