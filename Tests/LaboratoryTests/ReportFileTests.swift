import Files
import TestSupport
import Testing

@testable import Laboratory

@Suite struct `A page` {
  private let directory: Scratch
  private let page = HTMLDocument(title: "first", subtitle: "").text

  init() throws { directory = try Scratch() }

  @Test func `takes the place of an earlier one, and of nothing`() throws {
    let path = directory.file("page.html")
    do {
      let file = try ReportFile(path)
      #expect(throws: InputError.self) { try ReportFile(path) }
      #expect(try directory.names() == [".page.html.lease"])
      try file.write(page)
    }
    let other = HTMLDocument(title: "second", subtitle: "").text
    try ReportFile(path).write(other)
    #expect(try ByteFile.contents(of: path) == Array(other.utf8))
    #expect(try directory.names() == ["page.html"])
  }

  @Test(arguments: ["", "good\t1\n", "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n</head></html>"])
  func `does not take the place of what somebody else wrote`(text: String) throws {
    let path = directory.file("page.html")
    let file = try ReportFile(path)
    try directory.write(text, to: "page.html")
    #expect(throws: InputError.self) { try file.write(page) }
    #expect(throws: InputError.self) { try ReportFile(directory.file("page.html/")) }
    #expect(try ByteFile.contents(of: path) == Array(text.utf8))
    #expect(try directory.names() == [".page.html.lease", "page.html"])
  }

  @Test(arguments: ["report.html", "tables.md", "tables.csv", "tables.tex"])
  func `of a sweep is replaced by the next sweep, and nobody else's file is`(name: String) throws {
    let bench = try SweepBench()
    let report = SweepReport(bench.plan, try bench.run().records)
    try report.write(to: bench.output)
    try report.requirePlaces(in: bench.output)
    try report.write(to: bench.output)
    let path = Path.join(bench.output, name)
    try AtomicFile.write(Array("sentence,label\n".utf8), to: path)
    for write in [
      { try report.requirePlaces(in: bench.output) }, { try report.write(to: bench.output) },
    ] {
      let error = #expect(throws: InputError.self) { try write() }
      #expect(error?.file == path)
    }
    #expect(try ByteFile.contents(of: path) == Array("sentence,label\n".utf8))
  }

  @Test func `of a sweep or of heads begins as it is known by`() throws {
    let bench = try SweepBench()
    #expect(SweepReport(bench.plan, []).html.hasPrefix(HTMLDocument.beginning))
    #expect(
      HeadsPage(title: "", subtitle: "", maps: [], facts: []).html.hasPrefix(
        HTMLDocument.beginning))
  }
}
