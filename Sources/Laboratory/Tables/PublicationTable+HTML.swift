extension PublicationTable {
  /// The table in a page: ours over published, the difference in pooled deviations under it, tinted
  /// and marked by whether it lies within the limit.
  var table: Markup {
    let scenarios = scenarios.map { scenario -> Markup in
      "<th scope=\"colgroup\" colspan=\"\(scenario.columnCount)\">\(scenario.title)</th>"
    }
    let defenses = columns.map { "<th scope=\"col\" class=\"number\">\($0.defense)</th>" as Markup }
    var body: Markup = ""
    for model in groups.map(\.model).distinct {
      body += """
        <tr><th class="group" scope="rowgroup" colspan="\(columns.count + 2)">\(model)</th></tr>

        """
      for group in groups where group.model == model {
        for (place, line) in group.lines.enumerated() {
          let name: Markup = place == 0 ? "<td>\(group.attack)</td>" : "<td></td>"
          let cells = line.cells.map { cell -> Markup in
            "<td class=\"number\">\(Self.markup(cell, line.metric))</td>"
          }
          body += "<tr>\(name)<td>\(line.metric.title)</td>\(cells.joined())</tr>\n"
        }
      }
    }
    return """
      <div class="scroll"><table class="publication"><thead><tr><th colspan="2"></th>\
      \(scenarios.joined())</tr><tr><th>Attack</th><th></th>\(defenses.joined())</tr></thead><tbody>
      \(body)</tbody></table></div>

      """
  }

  private static func markup(_ cell: Cell?, _ metric: Metric) -> Markup {
    guard let cell else { return "" }
    var text: Markup = cell.hasFailed ? "failed" : "–"
    if let own = cell.own {
      let deviation = own.deviation.map { "<sub>\(fixed($0, metric.digits))</sub>" as Markup } ?? ""
      let mean = fixed(own.mean, metric.digits)
      text = cell.isBest ? "<b>\(mean)</b>\(deviation)" : "\(mean)\(deviation)"
    }
    if let target = cell.target { text = "<a href=\"#\(target)\">\(text)</a>" }
    guard let published = cell.published else { return text }
    let deviation = published.deviation.map { "<sub>\(fixed($0, 2))</sub>" as Markup } ?? ""
    text += "<br><small>\(fixed(published.mean, 2))\(deviation)</small>"
    guard let agreement = cell.agreement else { return text }
    let distance =
      agreement.distance.map { signed($0, 1) + " σ" } ?? signed(agreement.difference, 1)
    switch agreement.isWithinLimit {
    case true?: text += "<br><small class=\"within\">≈ \(distance)</small>"
    case false?: text += "<br><small class=\"beyond\">≠ \(distance)</small>"
    case nil: text += "<br><small>\(distance)</small>"
    }
    return text
  }
}
