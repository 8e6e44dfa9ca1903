import Files
import TestSupport
import Testing
import Text

@Suite struct `A source of texts` {
  private let files: Scratch
  private let path: String

  init() throws {
    files = try Scratch()
    let rows = (0..<40).map { "\($0 % 2)\ttitle \($0)\ttext \($0)" }
    path = try files.write(
      (["label\ttitle\ttext"] + rows).joined(separator: "\n"), to: "texts.tsv")
  }

  private func node(_ text: String) throws -> JSONNode {
    try JSONNode(JSONValue(parsing: Array(text.utf8), file: "plan.json"), file: "plan.json")
  }

  private func read(_ text: String) throws -> TextSource {
    try TextSource(node(text)) { node throws(InputError) in "/data/" + (try node.string()) }
  }

  @Test func `is read as it says, by its name and header otherwise`() throws {
    var source = TextSource(path)
    #expect(try source.load() == Dataset.load(path))
    source.textColumn = "title"
    #expect(try source.load().examples[3] == Example(text: "title 3", label: 1))
    source.labels = ["no", "yes"]
    #expect(try source.load().labels.names == ["no", "yes"])
    source.labelColumn = "text"
    #expect(message { _ = try source.load() }.contains("unknown label \"text 0\""))
    let unlabelled = TextSource(try files.write("text\none\n", to: "unlabelled.tsv"))
    #expect(try unlabelled.load(requiresLabels: false).examples == [Example(text: "one")])
    #expect(message { _ = try unlabelled.load() }.contains("unlabelled.tsv"))
    let other = try files.write("text,label\none,1\n", to: "texts.data")
    #expect(throws: InputError.self) { _ = try TextSource(other).load() }
    var named = TextSource(other)
    named.format = .commas
    #expect(try named.load().examples == [Example(text: "one", label: 1)])
  }

  @Test func `counts classes from where it says`() throws {
    let counted = try files.write("text\tlabel\none\t1\n", to: "counted.tsv")
    var source = TextSource(counted)
    #expect(try source.load().examples[0].label == 1)
    source.firstLabel = 1
    #expect(try source.load().examples[0].label == 0)
  }

  @Test func `has two parts, which are those of a split`() throws {
    let source = TextSource(path)
    let parts = source.split(validationFraction: 0.25, seed: 7)
    let whole = try Dataset.load(path)
    let (training, validation) = whole.split(validationFraction: 0.25, seed: 7)
    #expect(try parts.training.load() == training && training.count == 30)
    #expect(try parts.validation.load() == validation && validation.count == 10)
    #expect(try source.split(validationFraction: 0.25, seed: 8).validation.load() != validation)
  }

  @Test func `has parts as others draw them, which are those of a split`() throws {
    let split = try DatasetSplit(.shares([0.5, 0.25, 0.25]), seed: 7, drawn: 20)
    let parts = try Dataset.load(path).parts(of: split)
    for (part, count) in [(DatasetSplit.Part.train, 10), (.dev, 5), (.test, 5)] {
      let data = try TextSource(path).with(.named(part, of: split)).load()
      #expect(data == parts[part] && data.count == count)
    }
    let few = try TextSource(path).with(.named(.dev, of: DatasetSplit(.counts([40, 1]))))
    #expect(message { _ = try few.load() }.contains("has 40 rows to split"))
  }

  @Test func `is refused where its part has no text`() throws {
    let parts = TextSource(path).split(validationFraction: 0.01, seed: 7)
    for part in [parts.training, parts.validation] {
      #expect(
        message { _ = try part.load() }
          == "\(path): has too few texts to set some aside for validation; name a file of "
          + "validation texts")
    }
  }

  @Test func `is a path in a plan, or an object`() throws {
    #expect(try read(#""a.tsv""#) == TextSource("/data/a.tsv"))
    var source = TextSource("/data/a.dat")
    (source.format, source.textColumn, source.labelColumn) = (.polarity, "t", "l")
    (source.labels, source.firstLabel) = (["no", "yes", "maybe"], 1)
    #expect(
      try read(
        #"""
        {"path": "a.dat", "format": "polarity", "textColumn": "t", "labelColumn": "l",
         "labels": ["no", "yes", "maybe"], "firstLabel": 1}
        """#) == source)
    #expect(
      try read(#"{"path": "a.tsv", "part": {"name": "dev", "shares": [0.9, 0.1]}}"#)
        == TextSource("/data/a.tsv").with(.named(.dev, of: .released)))
  }

  @Test(arguments: [
    (#"{"path": "a", "column": "t"}"#, "column: is not a key that belongs here"),
    (#"{"path": "a", "textcolumn": "t"}"#, #"did you mean "textColumn"?"#),
    (#"{"path": "a", "part": {}}"#, "part: needs either shares or counts; give one of them"),
    (
      #"{"path": "a", "part": {"name": "train", "shares": [0.9, 0.1], "counts": [9, 1]}}"#,
      "part: needs either shares or counts"
    ),
    (#"{"path": "a", "part": {"shares": [0.9, 0.1]}}"#, "part.name: is missing"),
    (
      #"{"path": "a", "part": {"name": "test", "shares": [0.9, 0.1]}}"#,
      #"part.name: is "test", which has no size; name a third size"#
    ),
    (
      #"{"path": "a", "part": {"name": "tran", "shares": [0.9, 0.1]}}"#,
      #"part.name: is "tran"; did you mean "train"?"#
    ),
    (
      #"{"path": "a", "part": {"name": "train", "shares": [0.9, 0.2]}}"#,
      "part: the shares 0.9, 0.2 are no parts of a whole"
    ),
    (
      #"{"path": "a", "part": {"name": "train", "counts": [0.9, 1]}}"#,
      "part.counts[0]: is 0.9 where an integer is due"
    ),
    (
      #"{"path": "a", "part": {"name": "train", "counts": [9, 1], "sed": 1}}"#,
      #"part.sed: is not a key that belongs here; did you mean "seed"?"#
    ),
    (
      #"{"path": "a", "part": {"isValidation": true, "validationFraction": 0.1, "seed": 1}}"#,
      "part.isValidation: is not a key that belongs here"
    ),
    (#"{"textColumn": "t"}"#, "path: is missing"),
    (#"{"path": "a", "format": "tvs"}"#, #"format: is "tvs"; did you mean "tsv"?"#),
    (#"{"path": "a", "labels": ["x"]}"#, "labels: names 1 different classes; name two or more"),
    (#"{"path": "a", "labels": ["x", "y", "x"]}"#, "labels: names 2 different classes"),
    (#"{"path": "a", "labels": ["x", 1]}"#, "labels[1]: is 1 where a string is due"),
    (#"{"path": "a", "firstLabel": 2}"#, "firstLabel: is 2, outside 0 to 1"),
    (#"{"path": "a", "textColumn": 1}"#, "textColumn: is 1 where a string is due"),
    ("7", "is 7 where a string is due"),
  ])
  func `is refused where a plan says something else`(text: String, error: String) {
    let thrown = message { _ = try read(text) }
    #expect(thrown.hasPrefix("plan.json") && thrown.contains(error), "\(thrown)")
  }

  @Test func `comes back from JSON with all that it says`() throws {
    var source = TextSource("a.dat")
    #expect(source.json == ["path": "a.dat"])
    (source.format, source.textColumn, source.labelColumn) = (.jsonLines, "t", "é")
    (source.labels, source.firstLabel) = (["no", "yes"], 0)
    for source in [TextSource("a.dat"), source] {
      let parts = source.split(validationFraction: 0.1, seed: 9)
      let named = try [
        DatasetSplit.released, DatasetSplit(.counts([9, 1, 1]), seed: 7, drawn: 20),
      ].flatMap { split in split.parts.map { source.with(.named($0, of: split)) } }
      for written in [source, parts.training, parts.validation] + named {
        #expect(try TextSource(node(written.json.text())) == written)
      }
    }
  }

  @Test func `has the hash of its file where it says no more than a path`() throws {
    let bytes = Array("text\tlabel\none\t1\n".utf8)
    let (first, second) = (
      try files.write(bytes, to: "a/one.tsv"), try files.write(bytes, to: "b/two.tsv")
    )
    #expect(try TextSource(first).contentHash() == SHA256.hex(of: bytes))
    #expect(try TextSource(second).contentHash() == SHA256.hex(of: bytes))
    var named = TextSource(first)
    (named.textColumn, named.firstLabel) = ("text", 0)
    let canonical =
      #"{"content":"\#(SHA256.hex(of: bytes))","firstLabel":0,"textColumn":"text"}"#
    #expect(try named.contentHash() == SHA256.hex(of: Array(canonical.utf8)))
    named.path = second
    #expect(try named.contentHash() == SHA256.hex(of: Array(canonical.utf8)))
    let parts = DatasetSplit.released.parts.map { named.with(.named($0, of: .released)) }
    #expect(try Set((parts + [named]).map { try $0.contentHash() }).count == 3)
  }
}
