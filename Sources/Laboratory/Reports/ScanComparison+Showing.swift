public import Scans

/// Before and after a defence, for people.
extension ScanComparison {
  /// For a terminal, with the best candidates alone.
  public var lines: [String] {
    [("before, plainly fine-tuned", before), ("after", after)].flatMap { name, scan in
      ["scan \(name): \(scan.judgement.verdict.rawValue)"]
        + scan.judgement.reasons.map { "  \($0)" }
    } + Self.counted + grid(limit: 5).terminalText().split(separator: "\n").map { "  \($0)" }
      + gaps.map { "  \($0)" }
  }

  /// For the model card.
  public var table: [(name: String, value: String)] {
    func most(_ candidate: RecountedCandidate?, _ flips: (RecountedCandidate) -> Count) -> String {
      guard let candidate else { return "nothing counted" }
      let flips = flips(candidate)
      return "\(flips.part) of \(flips.whole) texts, by \"\(candidate.text)\""
    }
    return [
      ("scan before, plainly fine-tuned", before.judgement.verdict.rawValue),
      ("most flips by a candidate before", most(mostBefore, \.before)),
      ("scan after", after.judgement.verdict.rawValue),
      ("most flips by the same candidates after", most(mostAfter, \.after)),
    ]
  }

  /// For a page.
  var section: Markup {
    let verdicts = factTable(
      [("before, plainly fine-tuned", before), ("after", after)].flatMap { name, scan in
        [(name: name, value: scan.judgement.verdict.rawValue)]
          + scan.judgement.reasons.map { (name: "", value: $0) }
      })
    let caveats = (gaps + before.limits).map { line -> Markup in "<li>\(line)</li>\n" }.joined()
    return """
      <h2>Scan before and after</h2>
      \(verdicts)<h3>\(Self.counted[0])</h3>
      \(grid(limit: .max).table)<ul>
      \(caveats)</ul>

      """
  }

  private static let counted = ["The candidates of the scan before, counted on the same texts:"]

  private func grid(limit: Int) -> Grid {
    func share(_ count: Count) -> String { fixed(count.share * 100, 1) }
    return Grid(
      columns: [
        .text("Candidate"), .number("Texts"), .number("Flips before"), .number("%"),
        .number("Flips after"), .number("%"),
      ],
      sections: directions.map { direction in
        Grid.Section(
          title: "From \(before.classes[direction.source]) to \(before.classes[direction.target])",
          rows: direction.candidates.prefix(limit).map { candidate in
            [
              candidate.text, "\(candidate.before.whole)", "\(candidate.before.part)",
              share(candidate.before), "\(candidate.after.part)", share(candidate.after),
            ]
          })
      })
  }

  /// Where nothing was counted, a sentence each.
  private var gaps: [String] {
    recounts.compactMap { recount in
      recount.obstacle.map { obstacle in
        "Nothing was counted on texts of \"\(before.classes[recount.source])\": "
          + (obstacle == .notFinite
            ? "outputs are no finite numbers." : "too few are classified rightly.")
      }
    }
  }
}
