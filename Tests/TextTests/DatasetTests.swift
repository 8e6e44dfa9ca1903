import Files
import TestSupport
import Testing
import Text

@Suite struct DatasetTests {
  private let nasty = Dataset(
    examples: [
      Example(text: "plain", label: 1), Example(text: "\"", label: 0), Example(text: "", label: 1),
      Example(text: "a, b; \"c\" 'd'", label: 0), Example(text: "=1+1", label: 0),
      Example(text: "cafe\u{301} 中文 \u{2028}", label: 1),
    ])

  private func roundTrip(_ data: Dataset, _ name: String) throws -> [Example] {
    let scratch = try Scratch()
    let path = Path.join(scratch.path, name)
    try data.write(to: path)
    return try Dataset.load(
      path, options: DatasetOptions(labels: data.labels, requiresLabels: false)
    ).examples
  }

  @Test(arguments: ["a.tsv", "a.csv", "a.jsonl"])
  func `what is written is read back`(name: String) throws {
    #expect(try roundTrip(nasty, name) == nasty.examples)
    let unlabelled = Dataset(examples: [Example(text: "x"), Example(text: ""), Example(text: "y")])
    #expect(try roundTrip(unlabelled, name) == unlabelled.examples)
    let counted = LabelNames(["negative", "positive"], firstNumber: 1)
    var sentiment = LabelNames.sentiment
    sentiment.firstNumber = 1
    for labels in [counted, sentiment] {
      let one = Dataset(examples: [Example(text: "x", label: 1)], labels: labels)
      #expect(try roundTrip(one, name) == one.examples)
    }
    let labels = LabelNames(["1", "0", "other, one"])
    let named = Dataset(
      examples: (0..<3).map { (index: Int) in Example(text: "t\(index)", label: index) },
      labels: labels)
    #expect(try roundTrip(named, name) == named.examples)
  }

  @Test func `a line of blanks is a text where the format can hold it`() throws {
    let data = Dataset(examples: [Example(text: " "), Example(text: " \t")])
    #expect(try roundTrip(data, "a.csv") == data.examples)
    #expect(try roundTrip(data.selecting([0]), "a.tsv") == [Example(text: "")])
  }

  @Test func `line ends survive where the format can hold them`() throws {
    let data = Dataset(examples: [Example(text: " a\r\nb\tc\r ", label: 1)])
    #expect(try roundTrip(data, "a.csv") == data.examples)
    #expect(try roundTrip(data, "a.jsonl") == data.examples)
    #expect(
      message { _ = try roundTrip(data, "a.tsv") }.contains(
        "a.tsv, line 2: would hold a tab or line end in a text; write a .csv or .jsonl"))
  }

  @Test func `texts fit between tabs where nothing of them is lost there`() throws {
    for (text, fits) in [
      ("a b", true), ("", true), ("é\u{2028}\"", true), (" a", false), ("a ", false),
      ("a\tb", false),
      ("a\nb", false), ("a\rb", false), ("a\r\nb", false),
    ] {
      let data = Dataset(examples: [Example(text: "x", label: 0), Example(text: text, label: 1)])
      #expect(data.fitsTabs == fits && data.flattened.fitsTabs, "\(text)")
      #expect(try roundTrip(data.flattened, "a.tsv") == data.flattened.examples)
      #expect((message { _ = try roundTrip(data, "a.tsv") } == "") || !fits)
    }
  }

  @Test func `a flattened text has its words between single blanks`() {
    let texts = [" a \t\r\n b\u{2028}c\u{3000}\n\nd ", "\n\t", "", "é\r\n\u{301}x"]
    let data = Dataset(examples: texts.map { Example(text: $0, label: 1) })
    #expect(
      data.flattened.examples
        == ["a b\u{2028}c\u{3000} d", "", "", "é \u{301}x"].map { Example(text: $0, label: 1) })
  }

  @Test func `a summary counts what is odd`() {
    let summary = DatasetSummary(
      Dataset(
        examples: [
          Example(text: "a", label: 0), Example(text: "a", label: 1), Example(text: " \u{3000}\t"),
          Example(text: "é", label: 1), Example(text: "e\u{301}", label: 1), Example(text: "a"),
        ]))
    #expect(summary.labelCounts == [1, 3])
    #expect(summary.unlabelledCount == 2)
    #expect(summary.emptyCount == 1)
    #expect(summary.duplicateCount == 2)
  }

  @Test func `a split divides the examples and keeps their order`() {
    let data = Dataset(examples: (0..<1000).map { Example(text: "\($0)", label: $0 % 2) })
    let (training, validation) = data.split(validationFraction: 0.25, seed: 11)
    let numbers = [training, validation].map { $0.examples.compactMap { Int($0.text) } }
    #expect(numbers.map(\.count) == [750, 250])
    #expect(numbers.allSatisfy { $0 == $0.sorted() })
    #expect(Set(numbers.joined()).count == 1000)
    #expect(data.split(validationFraction: 0.25, seed: 11).validation == validation)
    #expect(data.split(validationFraction: 0.25, seed: 12).validation != validation)
    #expect(data.split(validationFraction: 0, seed: 1).validation.count == 0)
    #expect(data.split(validationFraction: 1, seed: 1).training.count == 0)
  }
}
