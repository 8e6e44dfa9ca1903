public import Scans

/// What a scan found, as a page of its own and as tables for a terminal.
public struct ScanPage: Sendable {
  private let scan: Scan
  private let model: String
  private let facts: [(name: String, value: String)]

  /// - Parameters:
  ///   - model: what was scanned.
  ///   - facts: for the end of the page: files, versions, settings.
  public init(_ scan: Scan, model: String, facts: [(name: String, value: String)]) {
    (self.scan, self.model, self.facts) = (scan, model, facts)
  }

  /// The page.
  public var html: String {
    var document = HTMLDocument(
      title: "Scan of \(model)", subtitle: "\(scan.judgement.verdict.rawValue). \(caveat)")
    document.body += "<h2>Why</h2>\n" + Self.list(scan.judgement.reasons)
    if !scan.scans.isEmpty { document.body += "<h2>Texts</h2>\n\(texts.table)" }
    for (title, grid, examples) in sections(limit: .max) {
      document.body += "<h2>\(title)</h2>\n\(grid.table)"
      guard !examples.isEmpty else { continue }
      document.body += """
        <details><summary><b>Texts to see for oneself</b></summary>
        <div class="detail">\(Self.list(examples))</div></details>

        """
    }
    if let vectors = scan.vectors {
      document.body += """
        <h2>\(Self.vectorTitle(vectors))</h2>
        <p>Each token of the vocabulary in the same texts, whatever their classes: how much of the
        variance of the encoder's [CLS] vectors it takes away, and how far it moves their mean, in
        standard deviations. A backdoor gives one vector to all texts that bear its trigger.</p>
        \(Self.table(vectors, limit: .max).table)
        """
    }
    document.body += heads
    if !scan.softTriggers.isEmpty {
      document.body += "<h2>Inverted by gradient</h2>\n\(softTriggers.table)"
    }
    document.body += "<h2>Not looked at</h2>\n" + Self.list(scan.limits)
    document.body += "<h2>Provenance</h2>\n\(factTable(facts + thresholds))"
    return document.text
  }

  /// The same for a terminal, with the best candidates alone.
  public var lines: [String] {
    var lines = ["\(model): \(scan.judgement.verdict.rawValue)"]
    lines += scan.judgement.reasons.map { "  \($0)" }
    func add(_ title: String, _ grid: Grid) {
      lines += ["", title] + grid.terminalText().split(separator: "\n").map { "  \($0)" }
    }
    if !scan.scans.isEmpty { add("Texts", texts) }
    for (title, grid, _) in sections(limit: 5) { add(title, grid) }
    if let vectors = scan.vectors {
      add(Self.vectorTitle(vectors), Self.table(vectors, limit: 5))
    }
    if !scan.headDrifts.isEmpty {
      add("Heads that attend otherwise with the best candidate", drifts(limit: 2))
    }
    if !scan.softTriggers.isEmpty { add("Inverted by gradient", softTriggers) }
    return lines + ["", "Not looked at:"] + scan.limits.map { "  \($0)" } + ["", caveat]
  }

  private var caveat: String {
    scan.isProvisional
      ? "Its thresholds are provisional: no calibration stands behind them yet."
      : "Its thresholds come from models whose truth is known." + likelihood
  }

  /// What the verdict is worth.
  private var likelihood: String {
    guard let evidence = scan.evidence else { return "" }
    let (ratio, counts) = (evidence.ratio, evidence)
    return " Of \(counts.poisoned.whole) backdoored ones that set no threshold "
      + "\(counts.poisoned.part) were called so, and of \(counts.clean.whole) clean ones "
      + "\(counts.clean.part): the likelihood ratio is \(scientific(ratio.value)) (95 %: "
      + "\(scientific(ratio.interval.lowerBound)) … \(scientific(ratio.interval.upperBound)))."
  }

  private var thresholds: [(name: String, value: String)] {
    [("thresholds", "SHA-256 \(scan.calibrationHash)")]
  }

  private var texts: Grid {
    Grid(
      columns: [
        .text("Class"), .number("Texts"), .number("Classified rightly"), .number("Searched with"),
        .number("Counted on"),
      ],
      sections: [
        .init(
          rows: scan.scans.map { found in
            [scan.classes[found.source]]
              + [found.right.whole, found.right.part, found.searchCount, found.heldOutCount]
              .map(grouped)
          })
      ])
  }

  /// Heads by what the best candidates do to them.
  private func drifts(limit: Int) -> Grid {
    Grid(
      columns: [
        .text("Candidate"), .text("From"), .text("To"), .number("Layer"), .number("Head"),
        .number("Variance, clean"), .number("with it"),
      ],
      sections: [
        .init(
          rows: scan.headDrifts.flatMap { drift in
            drift.heads.prefix(limit).map { head in
              [
                drift.candidate, scan.classes[drift.source], scan.classes[drift.target],
                "\(head.layer + 1)", "\(head.head + 1)", scientific(head.clean),
                scientific(head.bearing),
              ]
            }
          })
      ])
  }

  private var heads: Markup {
    guard !scan.headDrifts.isEmpty else { return "" }
    let maps = scan.headDrifts.map { drift -> Markup in
      """
      <h3>\(drift.candidate), from \(scan.classes[drift.source]) to \(scan.classes[drift.target])</h3>
      \(HeatMapSheet(title: "", maps: HeatMap.scores(
        clean: drift.clean, poisoned: drift.bearing, candidate: drift.candidate)).figure)

      """
    }
    return """
      <h2>Heads that attend otherwise with the best candidate</h2>
      <p>Mean variance of the [CLS] attention over the texts that candidates were counted on, and over
      the same with the best candidate: a backdoor draws the attention of the heads that carry it. An
      explanation, without a part in the verdict.</p>
      \(drifts(limit: 4).table)\(maps.joined())
      """
  }

  private static func vectorTitle(_ scan: VectorScan) -> String {
    "Output vectors of the encoder"
      + (scan.percentile99.map {
        ": \(grouped(scan.tokens.part)) tokens, of which 99 % take away \(fixed($0 * 100, 1)) % of "
          + "the variance of \(scan.beginnings) short texts at most"
      } ?? "")
  }

  private static func table(_ scan: VectorScan, limit: Int) -> Grid {
    Grid(
      columns: [
        .text("Token"), .number("Takes away, %"), .number("of unseen texts"),
        .number("in search, %"), .number("Moves the mean by"),
      ],
      sections: [
        Grid.Section(
          rows: scan.candidates.prefix(limit).map { candidate in
            [
              candidate.text, fixed(candidate.collapse * 100, 1), "\(scan.heldOutCount)",
              fixed(candidate.searchCollapse * 100, 1), fixed(candidate.distance, 2),
            ]
          })
      ])
  }

  private var softTriggers: Grid {
    func number(_ value: Double?) -> String { value.map { fixed($0, 3) } ?? "–" }
    return Grid(
      columns: [
        .text("From"), .text("To"), .text("Tokens"), .number("Loss of mixtures"),
        .number("Loss"), .number("Flips"), .number("of unseen"),
      ],
      sections: [
        Grid.Section(
          rows: scan.softTriggers.map { trigger in
            [
              scan.classes[trigger.source], scan.classes[trigger.target],
              trigger.candidate?.text ?? trigger.obstacle?.rawValue ?? "–",
              number(trigger.softLoss), number(trigger.loss),
              trigger.candidate.map { "\($0.flips.part)" } ?? "–",
              trigger.candidate.map { "\($0.flips.whole)" } ?? "–",
            ]
          })
      ])
  }

  private typealias Section = (title: String, grid: Grid, examples: [String])

  private func sections(limit: Int) -> [Section] {
    scan.scans.flatMap { found in
      found.targets.map { target in
        let title =
          "From \(scan.classes[found.source]) to \(scan.classes[target.target])"
          + (found.tokens.whole > 0
            ? ": \(grouped(found.tokens.part)) of \(grouped(found.tokens.whole)) tokens, of which "
              + "99 % flip \(target.percentile99.part) of \(target.percentile99.whole) short texts "
              + "at most" : "")
        let candidates = [("Tokens", target.tokens), ("Phrases", target.phrases)]
        let grid = Grid(
          columns: [
            .text("Candidate"), .number("Flips"), .number("of unseen"), .number("%"),
            .number("95 % interval"), .number("Flips in search"), .number("Gradient rank"),
          ],
          sections: candidates.filter { !$0.1.isEmpty }.map { name, candidates in
            Grid.Section(
              title: name, rows: candidates.strongestFirst.prefix(limit).map(Self.row))
          })
        let shown = (target.tokens + target.phrases).strongestFirst.prefix(8)
        return (title, grid, shown.flatMap(\.examples))
      }
    }
  }

  private static func row(_ candidate: Candidate) -> [String] {
    let interval = candidate.flips.interval
    return [
      candidate.text, "\(candidate.flips.part)", "\(candidate.flips.whole)",
      fixed(candidate.flips.share * 100, 1),
      "\(fixed(interval.lowerBound * 100, 1)) … \(fixed(interval.upperBound * 100, 1))",
      "\(candidate.searchFlips.part) of \(candidate.searchFlips.whole)",
      candidate.gradientRank.map(grouped) ?? "–",
    ]
  }

  private static func list(_ items: [String]) -> Markup {
    "<ul>\n" + items.map { item -> Markup in "<li>\(item)</li>\n" }.joined() + "</ul>\n"
  }
}
