import Files
import TestSupport
import Testing

@testable import Laboratory

@Suite struct `A line of records that was cut off` {
  private let bench: SweepBench

  init() throws { bench = try SweepBench() }

  /// Leaves a share of the last record, one byte at least.
  private func cut(keeping share: Double) throws {
    let bytes = try ByteFile.contents(of: bench.recordFile.path)
    let start = try #require(bytes.dropLast().lastIndex(of: 0x0A)) + 1
    let length = max(1, Int(Double(bytes.count - 2 - start) * share))
    try AtomicFile.write(Array(bytes[..<(start + length)]), to: bench.recordFile.path)
  }

  // 1: all but the last brace and the line end.
  @Test(arguments: [0, 0.1, 0.25, 0.5, 0.77, 0.9, 1])
  func `is passed over by every sweep, and each says so`(share: Double) throws {
    _ = try bench.run()
    try cut(keeping: share)
    for round in 0..<3 {
      var notes: [String] = []
      let schedule = try bench.runner.schedule(noting: { notes.append($0) })
      #expect(schedule.records.count == (round == 0 ? 5 : 6))
      #expect(notes.count == 1 && notes[0].contains("records.jsonl, line 6: was cut off"))
      #expect(try bench.run().unfinishedCount == 0)
    }
    #expect(try bench.recordFile.records().count == 6)
  }

  @Test func `may lack nothing but its line end, and is a record`() throws {
    _ = try bench.run()
    let bytes = try ByteFile.contents(of: bench.recordFile.path)
    try AtomicFile.write(Array(bytes.dropLast()), to: bench.recordFile.path)
    #expect(try bench.schedule().finishedCellCount == 6)
  }

  @Test(arguments: [#"{"a": "}"}"#, "{}", "[1]", "hello", #""{""#, "\u{0}", #"{"group":"a"}}"#])
  func `is not one that somebody else wrote, which is an error`(line: String) throws {
    _ = try bench.run()
    // At the end, with and without its line end, and in the midst of others.
    let whole = try ByteFile.contents(of: bench.recordFile.path)
    for (bytes, place) in [
      (whole + Array(line.utf8), 7), (whole + Array((line + "\n").utf8), 7),
      (Array((line + "\n").utf8) + whole, 1),
    ] {
      try AtomicFile.write(bytes, to: bench.recordFile.path)
      #expect {
        try bench.recordFile.records()
      } throws: { error in
        "\(error)".contains("records.jsonl, line \(place): ")
      }
    }
  }
}
