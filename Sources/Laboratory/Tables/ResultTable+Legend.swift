internal import Attacks
internal import Defenses
internal import Stages

extension ResultTable {
  /// What the table's words mean, a paragraph each.
  static func legend(
    _ plan: Plan, _ cells: [Cell], _ defenses: [Plan.Defense], _ rows: [Row],
    _ layout: Plan.Layout
  ) -> [String] {
    var paragraphs = [
      "ACC: accuracy on the clean test texts. LFR: share of triggered test texts outside the target "
        + "class that are taken for it. Time: the defence alone, its shared steps included."
    ]
    if rows.contains(where: { $0.floor != nil }) {
      paragraphs.append(
        "Excess LFR: LFR less the floor, which is the LFR of a clean model that was fine-tuned alike "
          + "and is tested with the same triggered texts. The difference is taken seed by seed; "
          + "blank where no such model was measured.")
    }
    if plan.seeds.count > 1 {
      paragraphs.append("Mean ± sample standard deviation over seeds.")
    }
    let defenseSights: [Knowledge.Sight] = defenses.map { ($0.title, $0.method.sees) }
    let attacks = cells.attackSights
    paragraphs.append(
      "Defences may see: \(Knowledge.groups(of: defenseSights)). "
        + (attacks.isEmpty ? "" : "Attacks may see: \(Knowledge.groups(of: attacks)). ")
        + Knowledge.meanings(of: attacks + defenseSights))
    if rows.contains(where: { $0.entries.contains { $0.expected != nil } }) {
      paragraphs.append(
        "Published values: \(plan.expectedSource). Δ: ours minus theirs"
          + (layout == .rows
            ? "." : ", in σ, the pooled deviation, where there is one: ≈ within 2, ≠ beyond."))
    }
    return paragraphs
  }

  /// What defences may see, where that is not the same for all in the table; nil where it is.
  public var warning: String? {
    var sights: [Knowledge.Sight] = []
    for entry in rows.flatMap(\.entries) where !sights.contains(where: { $0.name == entry.title }) {
      sights.append((entry.title, entry.sees))
    }
    guard Set(sights.map(\.sees)).count > 1 else { return nil }
    return "Not all defences may see the same: \(Knowledge.groups(of: sights))."
  }

  /// The table as Markdown, with what its words mean.
  public var markdown: String {
    ([grid.markdown] + legend.map { Grid.markdownText($0) + "\n" }).joined(separator: "\n")
  }
}

extension [Cell] {
  /// What the attacks of these cells may see.
  fileprivate var attackSights: [Knowledge.Sight] {
    var sights: [Knowledge.Sight] = []
    for attack in map(\.attack) {
      guard let method = attack.method, !sights.contains(where: { $0.name == attack.title }) else {
        continue
      }
      sights.append((attack.title, method.sees))
    }
    return sights
  }
}
