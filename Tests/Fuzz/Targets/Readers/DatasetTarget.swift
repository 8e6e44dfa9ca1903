import Files
import Text

/// Texts in every format; what is read can be written in the others and read again.
struct DatasetTarget: FuzzTarget {
  static let name = "dataset"
  private let folder: FuzzFolder
  private static let labels = [
    LabelNames.sentiment, LabelNames(["bad", "so so", "good"]), LabelNames(["0", "1", "2"]),
    LabelNames(["false", "true"]),
  ]

  init(in folder: String) throws { self.folder = try FuzzFolder(folder) }

  /// The first byte says which labels there are and whether they must be there; then the files.
  func seeds() throws -> [[UInt8]] {
    let files = [
      "0%%tsv\nsentence\tlabel\na good film\t1\r\n bad \"and\" boring \t0\n \t1\n",
      "1%%tsv\nid\ttext\n1\té\n\n2\te\u{301}\n",
      "2%%csv\nlabel,text\ngood,\"a \"\"good\"\", film\nthe end\"\n\"so so\",b\n",
      "3%%csv\nreview\n\"\"\nx\r\n",
      "4%%jsonl\n{\"text\":\"a\",\"label\":1}\n\n{\"label\":2.0,\"text\":\"b\\u00e9\"}\n",
      "5%%jsonl\n{\"sentence\":\"a\",\"label\":null}\n",
      "0%%polarity\n\"1\",\"title\",\"a \\n b \\\"\"c\\\"\"\"\n\"2\",\"d\"\n",
      "0%%neg/0.txt\nbad\n%%pos/1.txt\ngood\nfilm\n%%pos/0.txt\n",
      "6%%tsv\ntext\tlabel\na\tTrue\nb\t0\n",
    ]
    return files.map { Array($0.utf8) }
  }

  func read(_ bytes: [UInt8]) throws {
    let choice = Int(bytes.first ?? 0) & 7
    let formats = DatasetOptions.Format.allCases.filter { $0 != .folders }.map(\.rawValue)
    let files = FuzzArchive.files(
      Array(bytes.dropFirst()), named: formats + ["neg/0.txt", "pos/0.txt", "pos/1.txt"])
    try folder.hold(files)
    let format = files.first.flatMap { DatasetOptions.Format(rawValue: $0.name) }
    let options = DatasetOptions(
      format: format ?? .folders, labels: Self.labels[choice / 2],
      requiresLabels: choice.isMultiple(of: 2))
    let path = format.map { folder.file($0.rawValue) } ?? folder.path
    let data = try Dataset.load(path, options: options)
    claim(data.count > 0, "has no texts and is read")
    for name in ["again.jsonl", "again.csv", "again.tsv"] {
      try requireWritable(data, options, as: folder.file(name))
    }
  }

  private func requireWritable(
    _ data: Dataset, _ options: DatasetOptions, as path: String
  ) throws {
    let isTable = path.hasSuffix(".tsv")
    // Not every text fits into a table.
    if isTable, (try? data.write(to: path)) == nil { return }
    if !isTable { try data.write(to: path) }
    let again = try Dataset.load(
      path, options: DatasetOptions(labels: data.labels, requiresLabels: options.requiresLabels))
    claim(again.count == data.count, "has \(again.count) texts as \(path), not \(data.count)")
    for (one, other) in zip(data.examples, again.examples) {
      // Blanks around a tab are none of the text's.
      let text = isTable ? trimmed(one.text) : one.text
      claim(
        other == Example(text: text, label: one.label), "\(one) is \(other) as \(path)")
    }
  }

  private func trimmed(_ text: String) -> String {
    let bytes = text.utf8.drop { $0 == 0x20 }
    return String(Substring(bytes.dropLast(bytes.reversed().prefix { $0 == 0x20 }.count)))
  }
}
