/// A whole HTML page: one file, no script, nothing fetched from anywhere.
struct HTMLDocument {
  var title: String
  /// A sentence under the title.
  var subtitle: String
  var body: Markup = ""

  /// How every page begins: by this it is known again.
  static let beginning = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="generator" content="pure">

    """

  var text: String {
    let page: Markup = """
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(title)</title>
      <style>
      \(Self.styles)</style>
      </head>
      <body>
      <header><h1>\(title)</h1><p class="lead">\(subtitle)</p></header>
      <main>
      \(body)</main>
      </body>
      </html>

      """
    return Self.beginning + page.text
  }

  /// Colours are variables, so that light and dark pages share every drawing.
  private static let styles: Markup = """
    :root {
      --page: #fbfaf7; --card: #ffffff; --ink: #23211e; --soft: #6d6862; --faint: #b9b3aa;
      --line: #e6e1d8; --blue: #2f6690; --red: #b4502f; --base: #f1ede5;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #171614; --card: #1f1d1b; --ink: #e9e4dc; --soft: #a39c92; --faint: #5f5952;
        --line: #35312c; --blue: #7db3dc; --red: #e58a66; --base: #2a2723;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 66rem; background: var(--page);
      color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    }
    h1, h2, h3 {
      font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Charter, Georgia, serif;
      font-weight: 600; line-height: 1.2; text-wrap: balance;
    }
    h1 { font-size: 2.1rem; margin: 0 0 .4rem; letter-spacing: -.01em; }
    h2 { font-size: 1.35rem; margin: 2.75rem 0 .8rem; }
    h3 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
    p { margin: .4rem 0; max-width: 44rem; }
    header { margin-bottom: 2rem; }
    .lead { color: var(--soft); font-size: 1.05rem; }
    .note { color: var(--soft); font-size: .875rem; }
    .scroll { overflow-x: auto; margin: .5rem -1.25rem; padding: 0 1.25rem; }
    table { border-collapse: collapse; width: 100%; font-size: .925rem; }
    th, td { padding: .45rem .9rem .45rem 0; text-align: left; vertical-align: baseline; }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { color: var(--soft); font-weight: 500; font-size: .8rem; white-space: nowrap;
      border-bottom: 1px solid var(--faint); }
    tbody tr + tr td { border-top: 1px solid var(--line); }
    td:first-child { white-space: nowrap; }
    td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    th.group { padding-top: 1.4rem; font-weight: 600; color: var(--ink); font-size: .95rem; }
    th.group span { display: block; font-weight: 400; color: var(--soft); font-size: .85rem;
      max-width: calc(100vw - 2.5rem); overflow-wrap: anywhere; }
    tr:first-child th.group { padding-top: .6rem; }
    .charts { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); }
    .charts:has(> :nth-child(3)) {
      grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
    .maps { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1.25rem; }
    figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px;
      padding: 1rem 1.1rem .9rem; }
    figure.map { flex: 1 1 17rem; max-width: min(100%, 34rem); } .sheets { display: grid; gap: 1.25rem; }
    figcaption { font-weight: 600; font-size: .925rem; margin-bottom: .5rem; }
    svg { display: block; width: 100%; height: auto; }
    svg text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink);
      font-variant-numeric: tabular-nums; }
    svg .tick, svg .axis, svg .ticks text { fill: var(--soft); font-size: 10px; }
    svg .grid { stroke: var(--line); stroke-width: 1; }
    svg .accuracy { fill: var(--blue); } svg .flips { fill: var(--red); }
    svg .whisker { stroke: var(--ink); stroke-width: 1.25; fill: none; }
    svg .floor { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 4 3; }
    svg .floor-name { font-size: 10px; }
    svg .published { fill: var(--card); stroke: var(--ink); stroke-width: 1.25; }
    svg .base { fill: var(--base); } svg .heat { fill: var(--red); } svg .cold { fill: var(--blue); }
    svg .gap { stroke: var(--card); stroke-width: 2; fill: none; }
    svg .missing { fill: none; stroke: var(--faint); }
    svg .alive { fill: var(--blue); fill-opacity: .55; }
    svg .cross { stroke: var(--ink); stroke-width: 1.4; stroke-opacity: .75; fill: none; }
    svg .loss { stroke: var(--red); } svg .validation { stroke: var(--blue); }
    svg .loss, svg .validation { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
    svg .loss-dot { fill: var(--red); } svg .validation-dot { fill: var(--blue); }
    .scroll:has(table.publication) {
      margin-inline: calc(-1.25rem - max(0px, (min(100vw, 88rem) - 66rem) / 2)); }
    table.publication { width: auto; min-width: min(100%, 63.5rem); margin: 0 auto; }
    table.publication td { padding-right: .7rem; } table.publication small { color: var(--soft); }
    table.publication sub { display: inline-block; }
    table.publication small.within { color: var(--blue); }
    table.publication small.beyond { color: var(--red); }
    sub { font-size: .75em; color: var(--soft); } nav ul { columns: 18rem; padding-left: 1.2rem; }
    a { color: var(--blue); } td a { color: inherit; text-decoration-color: var(--faint); }
    .runs:target { outline: 2px solid var(--blue); outline-offset: .3rem; }
    table.numbers td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
    \(CurveChart.styles)details { border-top: 1px solid var(--line); }
    details:last-of-type { border-bottom: 1px solid var(--line); }
    summary { cursor: pointer; padding: .7rem 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem;
      align-items: baseline; }
    summary::before { content: "+"; color: var(--faint); width: .7rem; }
    details[open] > summary::before { content: "–"; }
    summary b { font-weight: 600; flex: 1 1 14rem; overflow-wrap: anywhere; }
    summary span { color: var(--soft); font-size: .9rem; font-variant-numeric: tabular-nums; }
    .detail { padding: .3rem 0 1.6rem; }
    .failed { color: var(--red); }
    .facts { font-size: .875rem; } .facts td { padding-top: .2rem; padding-bottom: .2rem; border: 0 !important; } .facts td:first-child { color: var(--soft); white-space: nowrap; width: 1%; padding-right: 2rem; }
    .facts td { overflow-wrap: anywhere; } .facts td + td { min-width: 12rem; }
    code { font: .85em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
    @media (max-width: 40rem) {
      body { padding-top: 1.5rem; } h1 { font-size: 1.6rem; }
      th, td { padding-right: .7rem; }
      figure { padding: .8rem .6rem .7rem; } figcaption { padding: 0 .3rem; }
    }
    @media print { details > * { display: block; } body { max-width: none; } }

    """
}

extension Grid {
  /// The grid as an HTML table that scrolls sideways where the page is narrow.
  var table: Markup {
    func attribute(_ column: Column) -> Markup { column.isNumeric ? " class=\"number\"" : "" }
    let head = columns.map { column -> Markup in
      "<th scope=\"col\"\(attribute(column))>\(column.title)</th>"
    }.joined()
    var body: Markup = ""
    for section in sections {
      if !section.title.isEmpty {
        let note: Markup = section.note.isEmpty ? "" : "<span>\(section.note)</span>"
        body += """
          <tr><th class="group" scope="colgroup" colspan="\(columns.count)">\(section.title)\(note)</th></tr>

          """
      }
      for (place, row) in section.rows.enumerated() {
        let target = section.targets.indices.contains(place) ? section.targets[place] : nil
        let cells = zip(row, columns).enumerated().map { index, item -> Markup in
          let (cell, column) = item
          guard index == 0, let target else { return "<td\(attribute(column))>\(cell)</td>" }
          return "<td\(attribute(column))><a href=\"#\(target)\">\(cell)</a></td>"
        }
        body += "<tr>\(cells.joined())</tr>\n"
      }
    }
    return """
      <div class="scroll"><table><thead><tr>\(head)</tr></thead><tbody>
      \(body)</tbody></table></div>

      """
  }
}
