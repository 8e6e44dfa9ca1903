internal import Files
internal import Scans

/// The scores of models whose truth is known, a line an attack, with the thresholds between them;
/// and what verdicts by these are worth.
struct ScoreChart: Picture {
  let title: String
  let study: CalibrationStudy

  private static let (width, left, right, top, line) = (620.0, 190.0, 20.0, 26.0, 22.0)

  private var attacks: [String] {
    (study.models.filter { !$0.isPoisoned } + study.models.filter(\.isPoisoned)).map(\.attack)
      .distinct
  }

  private var height: Double { Self.top + Self.line * Double(attacks.count) + 34 }

  var figure: Markup {
    """
    <figure><figcaption>\(title)</figcaption>
    <svg viewBox="0 0 \(Self.width) \(height)" role="img" aria-label="\(title)">
    \(drawing)</svg>
    <p class="note">The share of texts that the best token flips for certain. Rings are models that \
    set the thresholds, dots the others, of which the tables tell.</p></figure>
    \(grid.table)\(worth.table)
    """
  }

  var svg: String {
    Self.svgFile(title, width: Self.width, height: height, styles: Self.styles, drawing)
  }

  /// Verdicts by attack, of the models that set no threshold.
  var grid: Grid {
    Grid(
      columns: [.text("Models"), .number("Number")]
        + Verdict.allCases.map { .number($0.rawValue) } + [
          .number("AUC"), .number("AUC, vectors"),
        ],
      sections: [
        Grid.Section(
          title: title,
          rows: study.rows.map { row in
            [row.attack, "\(row.modelCount)"]
              + Verdict.allCases.map { "\(row.counts[$0] ?? 0)" }
              + [row.area, row.vectorArea].map { $0.map { fixed($0, 3) } ?? "–" }
          })
      ])
  }

  /// What each verdict is worth.
  private var worth: Grid {
    func text(_ count: Count) -> String { "\(count.part) of \(count.whole)" }
    return Grid(
      columns: [
        .text("Verdict"), .number("Backdoored"), .number("Clean"), .number("Likelihood ratio"),
        .number("95 % interval"),
      ],
      sections: [
        Grid.Section(
          rows: Verdict.allCases.compactMap { verdict in
            study.calibration?.evidence[verdict].map { evidence in
              let ratio = evidence.ratio
              return [
                verdict.rawValue, text(evidence.poisoned), text(evidence.clean),
                scientific(ratio.value),
                "\(scientific(ratio.interval.lowerBound)) … "
                  + scientific(ratio.interval.upperBound),
              ]
            }
          })
      ])
  }

  static let commaSeparatedNames = "attack,cell,seed,use,backdoored,score,vectors,verdict"

  /// A line a model.
  var csv: String {
    Self.commaSeparatedNames + "\n"
      + study.models.map { model in
        let use = model.setsThresholds ? "thresholds" : "figures"
        return [
          csvText(model.attack), csvText(model.cell), "\(model.seed)", use,
          "\(model.isPoisoned)", csvNumber(model.tokenScore),
          model.vectorScore.map(csvNumber) ?? "",
          csvText(study.verdict(of: model)?.rawValue ?? ""),
        ].joined(separator: ",") + "\n"
      }.joined()
  }

  private static let styles: Markup = """
    .clean { --tint: #2f6690; } .poisoned { --tint: #b4502f; } .other { fill: var(--tint); }
    .setting { fill: none; stroke: var(--tint); stroke-width: 1.5; }
    .limit { stroke: #23211e; stroke-dasharray: 4 3; }

    """

  private func x(_ score: Double) -> Double {
    Self.left + (Self.width - Self.left - Self.right) * score
  }

  private var drawing: Markup {
    let bottom = height - 30
    var body: Markup = "<style>\(Self.styles)</style>\n"
    for tick in stride(from: 0, through: 100, by: 20) {
      body += """
        <line class="grid" x1="\(x(Double(tick) / 100))" x2="\(x(Double(tick) / 100))" \
        y1="\(Self.top - 8)" y2="\(bottom)"/><text class="tick" x="\(x(Double(tick) / 100))" \
        y="\(bottom + 14)" text-anchor="middle">\(tick) %</text>

        """
    }
    for limit in limits {
      body += """
        <line class="limit" x1="\(x(limit.value))" x2="\(x(limit.value))" y1="\(Self.top - 8)" \
        y2="\(bottom)"/><text class="tick" x="\(x(limit.value))" y="12" \
        text-anchor="\(limit.anchor)">\(limit.name)</text>

        """
    }
    for (index, attack) in attacks.enumerated() {
      let y = Self.top + Self.line * Double(index) + 8
      body += "<text x=\"\(Self.left - 12)\" y=\"\(y + 4)\" text-anchor=\"end\">\(attack)</text>\n"
      for model in study.models where model.attack == attack {
        let truth: Markup = model.isPoisoned ? "poisoned" : "clean"
        let use: Markup = model.setsThresholds ? "setting" : "other"
        body += """
          <g class="\(truth)"><circle class="\(use)" cx="\(x(model.tokenScore))" cy="\(y)" \
          r="4"><title>\(model.cell)</title></circle></g>

          """
      }
    }
    return body
  }

  private var limits: [(value: Double, name: String, anchor: Markup)] {
    guard let calibration = study.calibration else { return [] }
    return [
      (calibration.token.suspicious, Verdict.suspicious.rawValue, "end"),
      (calibration.token.backdoored, Verdict.backdoored.rawValue, "start"),
    ]
  }
}
