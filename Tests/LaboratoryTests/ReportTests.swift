import Files
import TestSupport
import Stages
import Testing

@testable import Laboratory

/// Checks that every element is closed in the right order; answers with the first that is not.
private func unbalancedElement(_ html: String) -> String? {
  let void = ["meta", "!doctype"]
  var open: [Substring] = []
  var rest = html[...]
  while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
    let tag = rest[rest.index(after: start)..<end]
    rest = rest[rest.index(after: end)...]
    let name = tag.drop { $0 == "/" }.prefix { !" /\n".contains($0) }
    if tag.hasPrefix("/") {
      guard open.popLast() == name else { return String(tag) }
    } else if !tag.hasSuffix("/"), !void.contains(name.lowercased()) {
      open.append(name)
    }
  }
  return open.last.map(String.init)
}

private let hostile = "<script>alert('x')</script>\"&\u{1B}[2J"

private func hostileReport() throws -> String {
  let plan = try makePlan(
    planJSON(seeds: "[11]").replacing(
      #""A test""#, with: #""<script>alert('x')</script>\"&\u001b[2J""#))
  let records = plan.cells.map { cell in
    cell.defense.id == "fth"
      ? RunRecord(
        cell: cell, key: "00", result: .failed(hostile), stages: [],
        environment: sampleEnvironment, plan: plan, date: hostile)
      : record(
        cell, plan, evaluation(accuracy: 900, flips: 100),
        heads: HeadReport(scores: [[0.1, .nan], [0.2, 0.3]], pruned: [[1], []]),
        epochs: [.init(loss: 0.5, validationAccuracy: 0.8), .init(loss: .nan)])
  }
  return SweepReport(plan, records).html
}

@Test func `text from anywhere cannot become markup in a report`() throws {
  let html = try hostileReport()
  #expect(!html.contains("<script"))
  #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\u{FFFD}[2J"))
  #expect(!html.unicodeScalars.contains("\u{1B}"))
  #expect(unbalancedElement(html) == nil)
}

@Test func `a report fetches nothing`() throws {
  let html = try hostileReport()
  for way in ["http:", "https:", "src=", "url(", "@import", "<link", "<script"] {
    #expect(!html.contains(way), "\(way)")
  }
}

@Test func `a report shows every run, the floor and the pruned heads`() throws {
  let html = try hostileReport()
  #expect(html.contains("bert/badnets/fdk/pure/seed-11"))
  #expect(html.contains("clean model 10.0"))
  #expect(html.contains("Excess LFR %") && html.contains("Excess LFR: LFR less the floor"))
  #expect(html.contains("<span>excess LFR 0.0 %</span>"))
  #expect(html.contains("<td>not a number, pruned</td>"))
  #expect(html.contains("6 of 6 runs finished") == false && html.contains("5 of 6 runs finished"))
}

@Test func `a bar's label is whole, whatever its length, as far as titles may be alike`() {
  func chart(_ labels: String...) -> Markup {
    BarChart(
      title: "t", tint: "flips", bars: labels.map { BarChart.Bar(label: $0) }, floor: nil
    ).figure
  }
  let (first, second) = ("Norm-Only, lambda = 1", "Norm-Only, lambda by variance")
  let markup = chart(first, second).text
  #expect(markup.contains(">\(first)<") && markup.contains(">\(second)<"))
  #expect(chart("PURE").text.contains(#"viewBox="0 0 360.00"#))
  #expect(!markup.contains(#"viewBox="0 0 360.00"#))
}

@Test func `a report of nothing is still a report`() throws {
  let html = SweepReport(try makePlan(), []).html
  #expect(html.contains("0 of 12 runs finished"))
  #expect(unbalancedElement(html) == nil)
}

@Test func `no mark of direction in a title reorders a report`() throws {
  let title = "cba\u{202E}\u{2066}\u{200F}\u{61C}"
  let plan = try makePlan(planJSON().replacing("A test", with: title))
  let report = SweepReport(plan, [])
  let directory = try Scratch()
  try report.write(to: directory.path)
  for name in try directory.names() {
    let text = String(decoding: try ByteFile.contents(of: directory.file(name)), as: UTF8.self)
    #expect(
      !text.unicodeScalars.contains { $0 != "\n" && Terminal.isInvisibleControl($0) }, "\(name)")
  }
  #expect(report.html.contains("cba\u{FFFD}"))
}

@Test func `a sheet of heat maps is a picture and a list of its numbers`() throws {
  let sheet = HeatMapSheet(
    title: "=t & u", maps: HeatMap.scores(clean: [[0.5, 0.25]], poisoned: [[1, .nan]]))
  #expect(
    unbalancedElement(
      String(
        sheet.svg.dropFirst(sheet.svg.prefix { $0 != "\n" }.count)
          .replacing("<!-- \(ReportFile.mark) -->", with: ""))) == nil)
  #expect(sheet.svg.contains("aria-label=\"=t &amp; u\""))
  #expect(
    sheet.csv == """
      map,row,column,value
      Clean texts,1,1,0.5
      Clean texts,1,2,0.25
      Poisoned texts,1,1,1
      Poisoned texts,1,2,
      Difference,1,1,0.5
      Difference,1,2,

      """)
  // On the common scale 0.25 of 1 has a quarter of the tint, and 1 all of it.
  #expect(
    sheet.svg.contains("<path class=\"heat\" fill-opacity=\"0.25\" d=\"M51 18h20v20h-20z\"/>"))
  #expect(
    sheet.svg.contains("<path class=\"heat\" fill-opacity=\"1.00\" d=\"M29 18h20v20h-20z\"/>"))
  #expect(sheet.svg.contains("class=\"missing\""))
}

@Test func `score maps share one scale and the difference is poisoned minus clean`() {
  let maps = HeatMap.scores(
    clean: [[0.1, 0.2]], poisoned: [[0.4, 0.1]], pruned: [[true, false]])
  #expect(maps.map(\.title) == ["Clean texts", "Poisoned texts", "Difference"])
  #expect(maps[0].scale == .sequential(maximum: 0.4) && maps[1].scale == maps[0].scale)
  #expect(maps[2].values == [[0.4 - 0.1, 0.1 - 0.2]])
  #expect(maps[2].scale == .diverging(limit: 0.4 - 0.1))
  let page = HeadsPage(title: "t", subtitle: hostile, maps: maps, facts: [("a", hostile)])
  #expect(unbalancedElement(page.html) == nil)
  #expect(!page.html.contains("<script"))
}

@Test(arguments: [
  (0.0, "0"), (0.5, "0.50"), (0.0346, "0.035"), (12.0, "12"), (0.0035, "3.5 × 10⁻³"),
  (-0.00099999, "−1.0 × 10⁻³"), (.nan, "not a number"),
])
func `scores are written with two digits`(value: Double, text: String) {
  #expect(scientific(value) == text)
}

@Test func `a report writes its four files`() throws {
  let directory = try Scratch()
  let report = SweepReport(try makePlan(), [])
  try report.write(to: directory.path)
  #expect(
    try Path.names(in: directory.path)
      == ["report.html", "tables.csv", "tables.md", "tables.tex"])
  let html = try ByteFile.contents(of: directory.path + "/report.html")
  #expect(String(decoding: html, as: UTF8.self) == report.html)
}
