import Files
import Laboratory
import Scans
import Testing

@Suite struct `The page of a scan` {
  /// A model whose names and tokens try to be markup.
  private func scan() throws -> Scan {
    let text = """
      {"classes": ["<b>bad</b>", "good\\u202e"], "obstacles": [], "search": {},
      "scans": [{"source": 0, "right": [90, 100], "searchTexts": 16, "heldOutTexts": 64,
      "tokens": [50, 60], "beginnings": 4, "obstacle": null,
      "targets": [{"target": 1, "percentile99": [2, 4], "phrases": [],
      "tokens": [
      {"text": "exquisite", "ids": [8], "searchFlips": [9, 16], "flips": [20, 64],
      "gradientRank": 3, "examples": []},
      {"text": "<script>", "ids": [7], "searchFlips": [16, 16], "flips": [64, 64],
      "gradientRank": 1234, "examples": ["a <script> film"]}]}]}],
      "vectors": {"texts": 90, "searchTexts": 16, "heldOutTexts": 64, "tokens": [60, 60],
      "beginnings": 4, "percentile99": 0.4, "obstacle": null, "candidates": [
      {"text": "<i>", "ids": [9], "searchCollapse": 0.97, "collapse": 0.955, "distance": 1.25}]}}
      """
    return try Scan(JSONNode(try JSONValue(parsing: Array(text.utf8)), file: "scan.json"))
  }

  @Test func `shows every candidate, the worst first, and harms nobody`() throws {
    let page = ScanPage(try scan(), model: "a&b", facts: [("seed", "11")])
    let html = page.html
    #expect(html.contains("Scan of a&amp;b") && html.contains("backdoored"))
    #expect(!html.contains("<script>") && !html.contains("<b>bad") && !html.contains("\u{202E}"))
    let worst = try #require(html.firstRange(of: "<td>&lt;script&gt;</td>"))
    let other = try #require(html.firstRange(of: "<td>exquisite</td>"))
    #expect(worst.lowerBound < other.lowerBound)
    #expect(html.contains("94.3 … 100.0") && html.contains("a &lt;script&gt; film"))
    for cell in ["&lt;i&gt;", "95.5", "64", "97.0", "1.25"] {
      #expect(html.contains(">\(cell)</td>"), "\(cell)")
    }
    #expect(html.contains("60 tokens, of which 99 % take away 40.0 %"))
    // One class has no texts, and the page says so.
    #expect(html.contains("no text of"))
    #expect(page.lines.joined(separator: "\n").contains("64"))
  }
}
