import Files
import TestSupport
import Testing
import Text

private let anyLabel = DatasetOptions(requiresLabels: false)

private func load(
  _ name: String, _ content: String, options: DatasetOptions = DatasetOptions()
) throws -> [Example] {
  let scratch = try Scratch()
  return try Dataset.load(scratch.write(content, to: name), options: options).examples
}

private func examples(_ rows: (String, Int?)...) -> [Example] {
  rows.map { Example(text: $0.0, label: $0.1) }
}

@Suite struct TabReaderTests {
  @Test(arguments: ["\n", "\r\n"])
  func `line ends, blanks around tabs and a missing last line end make no difference`(
    lineEnd: String
  ) throws {
    for last in ["", lineEnd] {
      let content =
        ["sentences \t labels", "a b \t 1", "  c\t0 "].joined(separator: lineEnd) + last
      #expect(try load("a.tsv", content) == examples(("a b", 1), ("c", 0)))
    }
  }

  @Test func `a lone quote is data`() throws {
    let content = "sentence\tlabel\n\"a\t1\nb\"\"\t0\n\"c, d\"\t1\n"
    #expect(
      try load("a.tsv", content) == examples(("\"a", 1), ("b\"\"", 0), ("\"c, d\"", 1)))
  }

  @Test func `columns come in any order, after a byte order mark and among others`() throws {
    let content = "\u{FEFF}Label\tindex\tSentence\nnegative\t0\tx\nPOS\t1\ty\n"
    #expect(try load("a.tsv", content) == examples(("x", 0), ("y", 1)))
  }

  @Test func `a file without labels is read when none are needed`() throws {
    let content = "index\tsentence\n0\tx\n1\ty\n"
    #expect(try load("a.tsv", content, options: anyLabel) == examples(("x", nil), ("y", nil)))
    #expect(
      message { _ = try load("a.tsv", content) }.contains(
        "a.tsv, line 1: is a header without a column of labels (\"index\", \"sentence\"); "
          + "name the column with --label-column"))
  }

  @Test func `columns and labels can be named`() throws {
    let options = DatasetOptions(
      textColumn: "question", labelColumn: "kind", labels: LabelNames(["ham", "spam", "1"]))
    let content = "kind\tquestion\nspam\tx\nham\ty\n1\tz\nHam\tw\n"
    #expect(
      try load("a.tsv", content, options: options)
        == examples(("x", 1), ("y", 0), ("z", 2), ("w", 0)))
  }

  @Test func `texts of other scripts and canonically equal ones stay as they are`() throws {
    let content = "sentence\tlabel\ncafe\u{301}\t1\ncafé\t1\n\u{2028}x\u{A0}\t0\n"
    let read = try load("a.tsv", content)
    #expect(Array(read[0].text.utf8) == Array("cafe\u{301}".utf8))
    #expect(read[0] != read[1])
    #expect(read[2].text == "\u{2028}x\u{A0}")
  }

  @Test func `an empty text is a text`() throws {
    #expect(try load("a.tsv", "sentence\tlabel\n\t1\n") == examples(("", 1)))
  }

  /// pandas.read_csv passes over them too (`skip_blank_lines`; its test_whitespace_lines).
  @Test func `blank lines are passed over, and a text that is empty is not`() throws {
    let content = "\n  \nsentence\tlabel\r\n\r\nx\t1\n\n   \n\t0\n \t1\ny\t0\n\n\n "
    #expect(try load("a.tsv", content) == examples(("x", 1), ("", 0), ("", 1), ("y", 0)))
    let commas = content.replacing("\t", with: ",").replacing("   ", with: " \t ")
    #expect(try load("a.csv", commas) == examples(("x", 1), ("", 0), (" ", 1), ("y", 0)))
    let unlabelled = "text\nx\n \n\"\"\n\" \"\ny\n"
    #expect(
      try load("a.csv", unlabelled, options: anyLabel)
        == examples(("x", nil), ("", nil), (" ", nil), ("y", nil)))
  }

  @Test func `a line of a megabyte is read`() throws {
    let long = String(repeating: "word ", count: 200_000) + "end"
    #expect(try load("a.tsv", "sentence\tlabel\n\(long)\t1\n") == examples((long, 1)))
  }

  @Test(arguments: [
    ("sentence\tlabel\nx\t1\ny\n", "a.tsv, line 3: has no label; add one"),
    ("sentence\tlabel\nx\t1\n\n\t\n", "a.tsv, line 4: has no label"),
    ("sentence\tlabel\nx\t \n", "a.tsv, line 2: has no label; add one (negative, positive or"),
    ("sentence\tlabel\nx\t7\n", "a.tsv, line 2: has the unknown label \"7\" (the labels are 7)"),
    ("sentence\tlabel\nx\ty\t1\n", "a.tsv, line 2: has 3 fields where the header has 2"),
    ("label\tsentence\n1\n", "a.tsv, line 2: has no text"),
    ("title\tlabel\nx\t1\n", "a.tsv, line 1: is a header without a column of texts"),
    ("text\tlabel\tlabel\nx\t1\t1\n", "a.tsv, line 1: names the column \"label\" twice"),
    ("sentence\tlabel\n", "a.tsv: has no examples"),
    ("", "a.tsv: is empty"),
    ("sentence\tlabel\nx\u{0}y\t1\n", "a.tsv, line 2: holds a NUL byte at offset 16; remove it"),
  ])
  func `bad input is named`(content: String, expected: String) {
    let message = message { _ = try load("a.tsv", content) }
    #expect(message.contains(expected), "\(message)")
  }

  @Test func `bytes that are not UTF-8 are named by line and byte`() throws {
    let scratch = try Scratch()
    let file = try scratch.write(Array("sentence\tlabel\nx".utf8) + [0xC3, 0x28], to: "a.tsv")
    #expect(
      message { _ = try Dataset.load(file) }.contains(
        "a.tsv, line 2: is not valid UTF-8 at byte 16; convert the file to UTF-8"))
  }

  @Test func `a name that tells no format is refused`() {
    #expect(message { _ = try load("a.data", "x") }.contains("let it end in .tsv, .csv or .jsonl"))
    #expect(message { _ = try Dataset.load("/nowhere.tsv") }.contains("/nowhere.tsv"))
  }

  @Test(.enabled(if: Path.exists(sharedTexts), "no real texts beside the package"))
  func `real files have the number of rows that their source says`() throws {
    for (folder, counts) in [
      ("sst2", [6920, 872, 1821]), ("sst2-glue", [60_614, 6735, 872]),
      ("sst2-hiddenkiller", [6920, 872, 1821]), ("sst2-bible", [6920, 872, 1821]),
      ("amazon", [2185, 300, 500]),
    ] {
      for (name, count) in zip(["train", "dev", "test"], counts) {
        let data = try Dataset.load(Path.join(sharedTexts, "\(folder)/\(name).tsv"))
        #expect(data.count == count)
        #expect(DatasetSummary(data).unlabelledCount == 0)
      }
    }
    let training = try Dataset.load(Path.join(sharedTexts, "sst2/train.tsv"))
    #expect(DatasetSummary(training).labelCounts == [3310, 3610])
  }
}

@Suite struct OtherReaderTests {
  @Test func `commas, quotes and line ends within quotes are data`() throws {
    let content = "label,text\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n\r\n0,d \"e\"\r\n1,\"\"\r\n"
    #expect(
      try load("a.csv", content) == examples(("a, \"b\"\r\nc", 1), ("d \"e\"", 0), ("", 1)))
  }

  @Test(arguments: [
    ("label,text\n1,x\n0,\"y\n", "a.csv, line 3: opens a quote that is never closed"),
    ("label,text\n1,\"x\" y\n", "a.csv, line 2: has text after a closing quote"),
    ("label,text\n1,\"x\ny\"\n2,z\n", "a.csv, line 4: has the unknown label \"2\""),
    ("label,text\n1,x,y\n", "a.csv, line 2: has 3 fields where the header has 2"),
    ("\"2\",\"x\"\n", "a.csv, line 1: is a row and no header; add one, or read Yelp's"),
  ])
  func `bad commas are named by the line where the record begins`(
    content: String, expected: String
  ) {
    let message = message { _ = try load("a.csv", content) }
    #expect(message.contains(expected), "\(message)")
  }

  @Test func `JSON lines have labels by name or index`() throws {
    let content = """
      {"text": "x\\ny", "label": 1}
      {"label": "neg", "sentence": "\\u00e9"}\r

      {"text": "", "label": "positive", "more": [1]}
      """
    #expect(
      try load("a.jsonl", content) == examples(("x\ny", 1), ("é", 0), ("", 1)))
    #expect(
      try load("a.jsonl", #"{"text": "x"}"#, options: anyLabel) == examples(("x", nil)))
  }

  @Test(arguments: [
    ("{\"text\": \"x\", \"label\": 1}\n{\n", "a.jsonl, line 2: is not one JSON object"),
    ("[1]\n", "a.jsonl, line 1: is not one JSON object"),
    ("{\"text\": 1, \"label\": 1}", "a.jsonl, line 1: has no text under"),
    ("{\"text\": \"x\"}", "a.jsonl, line 1: has no label"),
    ("{\"text\": \"x\", \"label\": 0.5}", "a.jsonl, line 1: has the unknown label \"0.5\""),
    ("{\"text\": \"x\", \"label\": [1]}", "a.jsonl, line 1: has an array as its label; write"),
    ("{\"text\": \"x\", \"label\": null}", "a.jsonl, line 1: has no label"),
    ("{\"text\": \"x\", \"label\": \" \"}", "a.jsonl, line 1: has no label"),
    ("{\"text\": \"x\", \"label\": NaN}", "a.jsonl, line 1: is not one JSON object"),
    ("{\"text\": \"x\\u0000\", \"label\": 1}", "a.jsonl, line 1: holds a NUL character"),
  ])
  func `bad JSON lines are named`(content: String, expected: String) {
    let message = message { _ = try load("a.jsonl", content) }
    #expect(message.contains(expected), "\(message)")
  }

  @Test func `folders are read negative first, by name`() throws {
    let scratch = try Scratch()
    for (name, text) in [
      ("pos/10_9.txt", "p10"), ("pos/2_7.txt", "p2"), ("neg/1_1.txt", "n1<br />\n"),
      ("neg/notes.md", "no"),
    ] { try scratch.write(text, to: "train/" + name) }
    #expect(
      try Dataset.load(Path.join(scratch.path, "train")).examples
        == examples(("n1<br />\n", 0), ("p10", 1), ("p2", 1)))
    let hash = try Dataset.contentHash(of: Path.join(scratch.path, "train"))
    try scratch.write("yes", to: "train/neg/notes.md")
    #expect(try Dataset.contentHash(of: Path.join(scratch.path, "train")) == hash)
    try scratch.write("p10", to: "train/pos/2_7.txt")
    #expect(try Dataset.contentHash(of: Path.join(scratch.path, "train")) != hash)
    #expect(
      message { _ = try Dataset.load(scratch.path) }.contains(
        "has no folder neg; name a folder that holds neg and pos"))
    let bad = try scratch.write([0x61, 0x0A, 0xFF], to: "train/neg/9.txt")
    #expect(
      message { _ = try Dataset.load(Path.join(scratch.path, "train")) }.contains(
        "\(bad), line 2: is not valid UTF-8 at byte 2"))
  }

  @Test func `polarity files count labels from one and escape line ends`() throws {
    let options = DatasetOptions(format: .polarity)
    let content = #""1","bad \""food\""\n\nno \\n \x""# + "\n" + #""2","good""# + "\n"
    #expect(
      try load("a.csv", content, options: options)
        == examples(("bad \"food\"\n\nno \\n \\x", 0), ("good", 1)))
    #expect(
      message { _ = try load("a.csv", "\"0\",\"x\"\n", options: options) }.contains(
        "line 1: has the unknown label \"0\" (the labels are 0); write negative, positive or their "
          + "numbers from 1"))
    let named = DatasetOptions(format: .polarity, labels: LabelNames(["LABEL_0", "LABEL_1"]))
    #expect(try load("a.csv", "\"1\",\"x\"\n", options: named) == examples(("x", 0)))
    let digits = DatasetOptions(format: .polarity, labels: LabelNames(["0", "1"]))
    #expect(try load("a.csv", "\"1\",\"x\"\n", options: digits) == examples(("x", 0)))
    let three = DatasetOptions(format: .polarity, labels: LabelNames(["a", "b", "c"]))
    #expect(
      message { _ = try load("a.csv", "\"1\",\"x\"\n", options: three) }.contains(
        "has two labels and 3 are named"))
  }
}
