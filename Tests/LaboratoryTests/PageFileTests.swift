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
    try PageFile.requirePlace(path)
    #expect(try directory.names() == [])
    try PageFile.write(page, to: path)
    try PageFile.requirePlace(path)
    let other = HTMLDocument(title: "second", subtitle: "").text
    try PageFile.write(other, to: path)
    #expect(try ByteFile.contents(of: path) == Array(other.utf8))
    #expect(try directory.names() == ["page.html"])
  }

  @Test(arguments: ["", "good\t1\n", "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n</head></html>"])
  func `does not take the place of what somebody else wrote`(text: String) throws {
    let path = try directory.write(text, to: "page.html")
    #expect(throws: InputError.self) { try PageFile.requirePlace(path) }
    #expect(throws: InputError.self) { try PageFile.write(page, to: path) }
    #expect(try ByteFile.contents(of: path) == Array(text.utf8))
    #expect(try directory.names() == ["page.html"])
  }

  @Test func `of a sweep or of heads begins as it is known by`() throws {
    let bench = try SweepBench()
    #expect(SweepReport(bench.plan, []).html.hasPrefix(HTMLDocument.beginning))
    #expect(
      HeadsPage(title: "", subtitle: "", maps: [], facts: []).html.hasPrefix(
        HTMLDocument.beginning))
  }
}
