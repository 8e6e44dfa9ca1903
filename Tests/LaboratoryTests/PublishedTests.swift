import Files
import Testing

@testable import Laboratory

private let package = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
private let paper = Path.join(package, "../shared/reference/paper.md")

/// The cells of the paper's tables as its text has them, number by number.
private func printed() throws -> [(mean: Double, deviation: Double)] {
  try String(decoding: ByteFile.contents(of: paper), as: UTF8.self)
    .split(separator: "\n").flatMap { line in
      line.split(separator: "\t").compactMap { cell in
        // `$92.84_{0.31}$`, `92.52<sub>0.30</sub>` and `92.520.30` are all 92.84 with a subscript.
        let text = ["$", "_", "{", "}", " ", "\\overline", "<sub>", "</sub>", "<b>", "</b>"]
          .reduce(String(cell)) { $0.replacing($1, with: "") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].count == 2 || parts[2].count == 3,
          parts[1].count > 2, let mean = Double(parts[0] + "." + parts[1].prefix(2)),
          let deviation = Double(parts[1].dropFirst(2) + "." + parts[2].prefix(2))
        else { return nil }
        return (mean, deviation)
      }
    }
}

@Suite struct `The published values of the plans` {
  @Test(.enabled(if: Path.exists(paper), "the paper's text is not beside the package"))
  func `are the paper's, table by table`() throws {
    let plan = try Plan(
      contentsOf: Path.join(package, "experiments/plans/paper.json"),
      setting: ["MODELS=/models", "DATA=/data"])
    var expected: [(mean: Double, deviation: Double)] = []
    for table in plan.tables.prefix(5) {
      let records: [RunRecord] = []
      var lines: [[Laboratory.Expectation.Value?]] = []
      for group in PublicationTable(ResultTable(plan, records, table)).groups {
        for line in group.lines where line.metric != .excessLabelFlipRate {
          lines.append(line.cells.map { $0?.published })
        }
      }
      // Table 5 prints the accuracy once for the three triggers.
      if table.id == "table-5" { lines = [0, 1, 3, 5].map { lines[$0] } }
      expected += lines.joined().compactMap { $0 }.map { ($0.mean, $0.deviation ?? .nan) }
    }
    // Table 1 stands before table 2 in the text, table 3 after it, and so on: the plan's order.
    let printed = try printed()
    #expect(printed.count == expected.count)
    for (own, theirs) in zip(expected, printed) {
      #expect(own.mean == theirs.mean && own.deviation == theirs.deviation)
    }
    let seconds = try String(decoding: ByteFile.contents(of: paper), as: UTF8.self)
    for cell in plan.expected.values.compactMap(\.seconds) {
      #expect(seconds.contains(fixed(cell.mean, 2)))
    }
    #expect(plan.expected.values.count { $0.seconds != nil } == 15)
  }

  @Test func `stand beside every cell of the paper's tables`() throws {
    let plan = try Plan(
      contentsOf: Path.join(package, "experiments/plans/paper.json"),
      setting: ["MODELS=/models", "DATA=/data"])
    for table in plan.tables {
      let tables = PublicationTable(ResultTable(plan, [], table))
      for line in tables.groups.flatMap(\.lines) where line.metric != .excessLabelFlipRate {
        #expect(line.cells.allSatisfy { $0 == nil || $0?.published != nil })
      }
    }
  }
}
