import Files
import TestSupport
import Testing
import Text

/// The classes that a `.tsv` of these labels is read as, each text's by its index.
private func classes(_ labels: [String], _ names: LabelNames) throws -> [Int?] {
  let scratch = try Scratch()
  let rows = labels.map { "x\t\($0)\n" }.joined()
  let file = try scratch.write("sentence\tlabel\n" + rows, to: "a.tsv")
  return try Dataset.load(file, options: DatasetOptions(labels: names)).examples.map(\.label)
}

private let stars = LabelNames(["1", "2", "3", "4", "5"])
private let news = LabelNames(["World", "Sports", "Business", "Sci/Tech"])
private let offence = LabelNames(["NOT", "OFF"])

@Suite struct `Labels of a file` {
  @Test(arguments: [
    // AG News counts from 1, its copy on the Hugging Face hub from 0.
    (news, ["3", "4", "1", "2"], [2, 3, 0, 1]), (news, ["3", "0", "1"], [3, 0, 1]),
    (news, ["4", "4"], [3, 3]), (news, ["sports", "0"], [1, 0]),
    // Yelp's and Amazon's stars; pandas makes floats of integers where a value was missing.
    (stars, ["5", "1", "4"], [4, 0, 3]), (stars, ["5.0", "1e0", " 2 "], [4, 0, 1]),
    (LabelNames(["1.0", "2.0"]), ["2", "1"], [1, 0]),
    (LabelNames(["0", "1"]), ["True", "false", "1.0"], [1, 0, 1]),
    (LabelNames(["true", "false"]), ["0", "1", "TRUE"], [1, 0, 0]),
    (LabelNames(["LABEL_0", "LABEL_1", "LABEL_2"]), ["1", "label_2"], [1, 2]),
    (LabelNames(["fake", "true"]), ["true", "Fake"], [1, 0]),
    (offence, ["OFF", "not"], [1, 0]), (offence, ["True", "False"], [1, 0]),
    (offence, ["true", "1"], [1, 1]), (offence, ["2", "1.0"], [1, 0]),
    (.sentiment, ["1", "1.0", "+1", "01"], [1, 1, 1, 1]), (.sentiment, ["-0.0", "NEG"], [0, 0]),
    (.sentiment, ["True", "false"], [1, 0]),
    (LabelNames(["US", "us"]), ["us", "US"], [1, 0]),
    (LabelNames(["9007199254740993", "9007199254740992"]), ["9007199254740992"], [1]),
    (LabelNames(["a", "b", "c"], firstNumber: 1), ["1", "2"], [0, 1]),
    (LabelNames(["a", "b", "c"], firstNumber: 0), ["1", "2"], [1, 2]),
  ])
  func `are read as meant`(names: LabelNames, labels: [String], expected: [Int]) throws {
    #expect(try classes(labels, names) == expected)
  }

  @Test(arguments: [
    (
      news, ["3", "1", "2"],
      "line 2: has the label \"3\", which could mean two classes: the labels are 1, 2 and 3, and "
        + "may count the 4 classes from 0 or from 1; say which with --first-label 0 or 1 (in a "
        + "plan, firstLabel), or write "
        + "names"
    ),
    (offence, ["OFF", "1"], "line 3: has the label \"1\", which could mean two classes"),
    (
      stars, ["4", "0"],
      "line 3: has the unknown label \"0\" (the labels are 0 and 4); write 1, 2, 3, 4 or 5, or say "
        + "with --labels what the file writes"
    ),
    (
      news, ["0", "4"],
      "line 3: has the unknown label \"4\" (the labels are 0 and 4); write World, Sports, "
        + "Business, Sci/Tech or their numbers from 0, or say with --labels or --first-label what "
        + "the file writes"
    ),
    (news, ["1", "5"], "line 3: has the unknown label \"5\""),
    (news, ["1", "4", "0.5"], "line 4: has the unknown label \"0.5\""),
    (news, ["True"], "line 2: has the unknown label \"True\""),
    (stars, ["True"], "line 2: has the unknown label \"True\""),
    (LabelNames(["1", "2"]), ["True"], "line 2: has the unknown label \"True\""),
    (LabelNames(["true", "fake"]), ["0"], "line 2: has the unknown label \"0\""),
    (LabelNames(["US", "us"]), ["Us"], "line 2: has the unknown label \"Us\""),
    (LabelNames(["1", "1.0"]), ["1e0"], "line 2: has the unknown label \"1e0\""),
    (LabelNames(["ham", "spam", "1"]), ["spam", "0"], "line 3: has the unknown label \"0\""),
    (.sentiment, ["1", "2"], "line 3: has the unknown label \"2\" (the labels are 1 and 2)"),
    (LabelNames(["LABEL_0", "LABEL_1"]), ["1", "2"], "line 3: has the unknown label \"2\""),
    (.sentiment, ["-1"], "line 2: has the unknown label \"-1\""),
    (.sentiment, ["NaN"], "line 2: has the unknown label \"NaN\""),
    (.sentiment, ["inf"], "line 2: has the unknown label \"inf\""),
    (.sentiment, ["0x1"], "line 2: has the unknown label \"0x1\""),
    (.sentiment, ["1e999"], "line 2: has the unknown label \"1e999\""),
    (offence, ["-9223372036854775808", "0"], "line 2: has the unknown label"),
  ])
  func `are refused where they are none, or could be two`(
    names: LabelNames, labels: [String], expected: String
  ) {
    let message = message { _ = try classes(labels, names) }
    #expect(message.contains(expected), "\(message)")
  }

  @Test func `mean the same in all files of a run`() throws {
    let scratch = try Scratch()
    func file(_ name: String, _ labels: String...) throws -> String {
      try scratch.write(
        "sentence\tlabel\n" + labels.map { "x\t\($0)\n" }.joined(), to: name + ".tsv")
    }
    let options = DatasetOptions(labels: news)
    let from0 = try file("from0", "0", "2")
    let from1 = try file("from1", "4", "1")
    let unclear = try file("unclear", "2", "1")
    let named = try file("named", "World")
    func classes(_ files: String...) throws -> [[Int?]] {
      try Dataset.load(files, options: options).map { $0.examples.map(\.label) }
    }
    #expect(try classes(unclear, from0) == [[2, 1], [0, 2]])
    #expect(try classes(from1, unclear, named) == [[3, 0], [1, 0], [0]])
    #expect(
      message { _ = try classes(named, unclear) }.contains("unclear.tsv, line 2: has the label"))
    #expect(
      message { _ = try classes(from0, from1) }.contains("from1.tsv, line 2: has the unknown"))
    #expect(try Dataset.load([from1], options: options)[0].labels.firstNumber == 1)
  }

  @Test(arguments: ["tsv", "csv", "jsonl"])
  func `may be floats, truth values or quoted numbers in every format`(format: String) throws {
    for (labels, expected) in [
      (["1.0", "0.0"], [1, 0]), (["1e0", "0E0"], [1, 0]), (["true", "false"], [1, 0]),
      (["\"1\"", "\"0.0\""], [1, 0]), (["\" 1\"", "\"False\""], [1, 0]),
    ] {
      let rows = labels.map { label in
        switch format {
        case "tsv": "x\t\(label.replacing("\"", with: ""))\n"
        case "csv": "x,\(label)\n"
        default: "{\"text\": \"x\", \"label\": \(label)}\n"
        }
      }
      let header = ["tsv": "text\tlabel\n", "csv": "text,label\n"][format] ?? ""
      let scratch = try Scratch()
      let file = try scratch.write(header + rows.joined(), to: "a." + format)
      #expect(try Dataset.load(file).examples.map(\.label) == expected, "\(labels)")
    }
  }

  @Test func `may be told by the number that a file gives the first class`() throws {
    #expect(LabelNames.sentiment.index(of: "1") == 1)
    #expect(offence.index(of: "1") == nil)
    #expect(offence.index(of: "2") == 1)
    #expect(stars.index(of: "0") == nil)
    for names in [["0.0", "1.0"], ["LABEL_0", "LABEL_1"], ["false", "true"]] {
      #expect(LabelNames(names).areNumbered && !LabelNames(names.reversed()).areNumbered)
    }
    #expect(!stars.mayBeCounted && offence.mayBeCounted)
  }
}
