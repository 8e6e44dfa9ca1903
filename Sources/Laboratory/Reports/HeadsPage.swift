public import Scans

/// What is known of a model's heads as a page of its own (the paper's figures 2 and 3).
public struct HeadsPage: Sendable {
  /// The page's heading.
  public var title: String
  /// A sentence under it: which model, how many texts.
  public var subtitle: String
  /// Maps that stand side by side.
  public var maps: [HeatMap]
  /// Name and value pairs for the end of the page: files, versions, recipe.
  public var facts: [(name: String, value: String)]
  /// What scans found before and after a defence.
  public var comparison: ScanComparison?

  /// A page of maps that the caller has made.
  public init(
    title: String, subtitle: String, maps: [HeatMap], facts: [(name: String, value: String)]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.maps = maps
    self.facts = facts
  }

  /// The whole document.
  public var html: String {
    var document = HTMLDocument(title: title, subtitle: subtitle)
    if !maps.isEmpty { document.body += HeatMapSheet(title: title, maps: maps).figure }
    if let comparison { document.body += comparison.section }
    if !facts.isEmpty { document.body += "<h2>Provenance</h2>\n\(factTable(facts))" }
    return document.text
  }

  /// What goes into a file of that name: the picture alone for .svg, its numbers for .csv, and the
  /// page for any other.
  public func contents(for name: String) -> String {
    let sheet = HeatMapSheet(title: title, maps: maps)
    if name.lowercased().hasSuffix(".svg") { return sheet.svg }
    return name.lowercased().hasSuffix(".csv") ? sheet.csv : html
  }
}

/// Names and values in two columns.
func factTable(_ facts: [(name: String, value: String)]) -> Markup {
  let rows = facts.map { fact -> Markup in
    "<tr><td>\(fact.name)</td><td>\(fact.value)</td></tr>\n"
  }
  return
    "<div class=\"scroll\"><table class=\"facts\"><tbody>\n\(rows.joined())</tbody></table></div>\n"
}
