import Files
import TestSupport
import Testing

@testable import Laboratory

private let views = """
  "tables": [{"id": "one", "layout": "columns", "attacks": ["badnets"], "subject": "pure"}],
  "figures": [{"id": "curve", "attacks": ["badnets"], "setting": "normWeight",
    "series": [{"title": "Norm-Only", "defenses": ["norm-only"]}]}],
  """

private func report() throws -> SweepReport {
  let plan = try makePlan(planJSON(extra: views))
  return SweepReport(
    plan, plan.cells.map { record($0, plan, evaluation(accuracy: 900, flips: 20 * $0.seed)) })
}

private func blocks(_ text: String) throws(InputError) -> String {
  do {
    return try report().blocks(in: text, file: "notes.md")
  } catch {
    throw error as? InputError ?? InputError(problem: "\(error)")
  }
}

@Suite struct `The marked blocks of a file` {
  @Test func `are written anew, and nothing else of it`() throws {
    let text = """
      Notes of 1987, by hand\r
      <!-- pure: one -->
      old
      <!-- pure -->

      <!-- pure: curve -->\r
      <!-- pure -->\r
      <!-- pure: runs -->
      <!-- pure -->
      the end
      """
    let written = try blocks(text)
    #expect(written.hasPrefix("Notes of 1987, by hand\r\n<!-- pure: one -->\n\n### SST-2"))
    #expect(written.hasSuffix("\n<!-- pure -->\nthe end"))
    #expect(!written.contains("old"))
    #expect(written.contains("| BERT | BadNets | LFR | 23.00 ± 1.41 |"))
    #expect(written.contains("PURE has the lowest LFR in 1 of 1 comparisons."))
    #expect(written.contains("| 0.15 | 23.0 ± 1.4 |"))
    #expect(
      written.replacing("\n", with: " ").contains(
        "Records of seeds 11, 12, 2026-01-02, on cpu (AVX-512), fp32, pure 0.1.0."))
    // Tables cannot be broken, and all else is.
    #expect(written.split(separator: "\n").allSatisfy { $0.count <= 100 || $0.first == "|" })
    #expect(try blocks(written) == written)
  }

  @Test func `stay as they are where a text only shows them`() throws {
    let shown = "<!-- pure: two -->\n<!-- pure -->\n"
    let text =
      "```\n\(shown)```\n~~~~ text\n~~~\n\(shown)~~~~\n<!-- pure: one -->\n<!-- pure -->\n"
    let written = try blocks(text)
    #expect(written.hasPrefix("```\n\(shown)```\n~~~~ text\n~~~\n\(shown)~~~~\n<!-- pure: one -->"))
    #expect(written.contains("| BERT | BadNets | LFR |"))
  }

  @Test(arguments: [
    ("a", "has no block to write"), ("<!-- pure: two -->\n<!-- pure -->", "names \"two\""),
    ("<!-- pure: one -->\n", "without end"), ("b\n<!-- pure -->", "line 2"),
    ("<!-- pure: one -->\n<!-- pure: one -->\n<!-- pure -->", "line 1"),
  ])
  func `have names and ends`(text: String, problem: String) {
    let error = #expect(throws: InputError.self) { try blocks(text) }
    #expect(error.map { "\($0)".contains(problem) } ?? false, "\(String(describing: error))")
  }

  /// `scripts/findings` writes them.
  @Test func `of the findings are what the records say`() throws {
    let root = Path.parent(of: Path.parent(of: Path.parent(of: #filePath)))
    let folder = Path.join(root, "experiments")
    let plan = try Plan(
      contentsOf: Path.join(folder, "plans/sst2-attacks.json"),
      setting: ["SST2=sst2", "HIDDENKILLER=sst2-hiddenkiller", "BIBLE=sst2-bible"])
    let records = try RecordFile(Path.join(folder, "records/sst2-attacks.jsonl")).records()
    #expect(records.contains { $0.isFinished })
    let file = Path.join(folder, "FINDINGS.md")
    let text = String(decoding: try ByteFile.contents(of: file), as: UTF8.self)
    #expect(try SweepReport(plan, records).blocks(in: text, file: file) == text)
    // What a person wrote names no number but those of files and methods.
    let prose = try MarkedBlocks.replaced(in: text, file: file) { _ in "" }
    #expect(!prose.contains(/[0-9]+\.[0-9]|[0-9] ?%/))
  }
}
